"""How a table is opened to the portal's roles: grants, and one policy per role, in one place.

Letters: s select, i insert, u update, d delete. A row belongs to the partner named by the
column `of`; without it the table is common to all, and the policy only asks who one is.
"""

from alembic import op

ROLES = {
    "partner": "portal_partner",
    "pam": "portal_pam",
    "staff": "portal_staff",
    "finance": "portal_finance",
    "admin": "portal_admin",
    "auditor": "portal_auditor",
    "worker": "portal_worker",
    "gate": "portal_gate",
}
COMMANDS = {"s": "select", "i": "insert", "u": "update", "d": "delete"}
EVERYBODY = ("partner", "pam", "staff", "finance", "admin", "auditor")


def predicate(role: str, partner: str | None) -> str:
    """Which rows this role may touch, from the identity that the session token stands for.

    Who one is is compared inside the sub-select: PostgreSQL then expects half of the rows, not one in a
    hundred, and does not take nested loops for lists (a page of claims: 40 s before, 0.1 s after).
    """
    if role == "gate":
        return "true"
    if role == "worker":
        return "(select identity_role() = 'worker')"
    if role == "partner":
        return (
            f"{partner} = (select identity_partner_id())"
            if partner
            else "(select identity_partner_id() is not null)"
        )
    if role == "pam":
        scope = f" and {partner} = any ((select identity_partner_ids())::bigint[])" if partner else ""
        return f"(select identity_role() = 'pam'){scope}"
    roles = {
        "staff": "('segment_lead', 'programme_manager')", "finance": "('finance')",
        "admin": "('admin')", "auditor": "('auditor')",
    }[role]  # fmt: skip
    return f"(select identity_role() in {roles})"


def isolate(table: str, *, of: str | None = "partner_id", **rights: str) -> None:
    """Enable and force row security on the table, then grant each role its rights through its policy."""
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(
        f"do $$ begin execute format('create policy owner on {table} to %I using (true) with check (true)', "
        "current_user); end $$"
    )
    for role, letters in rights.items():
        open_to(table, role, letters, predicate(role, of))


def open_to(table: str, role: str, letters: str, condition: str) -> None:
    """Grant a role these commands on the rows that meet the condition."""
    name = ROLES[role]
    op.execute(f"grant {', '.join(COMMANDS[letter] for letter in letters)} on {table} to {name}")
    for letter in letters:
        clause = {
            "s": f"using ({condition})",
            "i": f"with check ({condition})",
            "d": f"using ({condition})",
        }.get(letter, f"using ({condition}) with check ({condition})")
        op.execute(
            f"create policy {role}_{COMMANDS[letter]} on {table} for {COMMANDS[letter]} to {name} {clause}"
        )


def common(table: str, **rights: str) -> None:
    """A table of the programme itself: everybody who is known reads it, the workers too."""
    everyone = dict.fromkeys((*EVERYBODY, "worker"), "s")
    isolate(table, of=None, **{**everyone, **rights})


def immutable(table: str, *, when: str | None = None, commands: str = "update or delete") -> None:
    """Rows that meet `when` (on the old row; all rows without it) never change again."""
    condition = f"when ({when})" if when else ""
    op.execute(
        f"create trigger {table}_immutable before {commands} on {table} for each row {condition} "
        f"execute function refuse_change('{table}_immutable')"
    )
    op.execute(
        f"create trigger {table}_kept before truncate on {table} for each statement "
        f"execute function refuse_change('{table}_immutable')"
    )
