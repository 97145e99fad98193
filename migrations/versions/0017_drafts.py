"""What a firm has not declared is its own: staff sees no draft, nor what hangs on it."""

from alembic import op

revision = "0017"
down_revision = "0016"

STAFF = "portal_pam, portal_staff, portal_finance, portal_admin, portal_auditor"
PARTS = ("claim_lines", "claim_evidence", "claim_events")
LETTERS = "kind = 'mail.send' or (kind = 'handover.note' and current_user = 'portal_pam')"
PRINTED = (
    "case when kind = 'statement.render' and subject ~ '^[0-9]{1,18}$'"
    " then exists (select from statements s where s.id = subject::bigint) else false end"
)


def upgrade() -> None:
    own = "created_by_id = (select identity_user_id())"  # what an account manager writes for a firm
    op.execute(
        f"create policy drafts on claims as restrictive for select to {STAFF} using (state <> 'draft' or {own})"
    )
    for table in PARTS:
        op.execute(
            f"create policy drafts on {table} as restrictive for select to {STAFF}"
            " using (exists (select from claims c where c.id = claim_id))"
        )
    _files()
    op.execute("alter policy letters on work_items to portal_gate")  # which reads no statements
    op.execute(
        "create policy letters_and_prints on work_items as restrictive for insert to portal_partner, portal_pam"
        f" with check ({LETTERS} or {PRINTED})"
    )
    op.execute("create index ix_sign_in_failures_first_at on sign_in_failures (first_at)")
    op.execute("revoke execute on all functions in schema public from public")


def _files() -> None:
    """A file is shown to staff unless drafts of the firm are all that holds it."""
    op.execute("create index ix_claim_evidence_file_id on claim_evidence (file_id)")
    op.execute("""
create function is_only_in_drafts(file bigint) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(bool_and(c.state = 'draft' and c.created_by_id <> identity_user_id()), false)
  from claim_evidence e join claims c on c.id = e.claim_id where e.file_id = file
$$""")
    op.execute(f"grant execute on function is_only_in_drafts(bigint) to {STAFF}")
    op.execute(
        f"create policy drafts on files as restrictive for select to {STAFF} using (not is_only_in_drafts(id))"
    )


def downgrade() -> None:
    op.execute("drop index ix_sign_in_failures_first_at")
    op.execute("drop policy letters_and_prints on work_items")
    op.execute("alter policy letters on work_items to portal_partner, portal_pam, portal_gate")
    op.execute("drop policy drafts on files")
    op.execute("drop function is_only_in_drafts(bigint)")
    op.execute("drop index ix_claim_evidence_file_id")
    for table in (*PARTS, "claims"):
        op.execute(f"drop policy drafts on {table}")
