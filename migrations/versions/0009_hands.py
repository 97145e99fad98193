"""What each role's hand may write: nobody signs for another, takes another's step or opens another's account.

The services check all of it first and say it in words; here PostgreSQL refuses a statement that was injected.
"""

from alembic import op

revision = "0009"
down_revision = "0008"

SIGNED = {
    "audit_records": ("actor_id",),
    "claims": (
        "created_by_id", "updated_by_id", "submitted_by_id", "declared_honour_by_id", "taken_by_id",
        "first_decided_by_id", "decided_by_id",
    ),
    "claim_events": ("actor_id",),
    "claim_evidence": ("uploaded_by_id",),
    "claim_grid_ticks": ("ticked_by_id",),
    "claim_matches": ("confirmed_by_id",),
    "file_readings": ("user_id",),
    "pam_assignments": ("assigned_by_id",),
    "objectives": ("set_by_id", "accepted_by_id"),
    "plans": ("written_by_id", "published_by_id"),
    "plan_simulations": ("started_by_id",),
    "plan_acknowledgements": ("user_id",),
    "margin_runs": ("started_by_id", "proposed_by_id", "approved_by_id"),
    "adjustments": ("proposed_by_id", "approved_by_id"),
    "order_imports": ("imported_by_id",),
    "journal_entries": ("posted_by_id",),
}  # fmt: skip
PEOPLE = (
    "('portal_partner', 'portal_pam', 'portal_staff', 'portal_finance', 'portal_admin', 'portal_auditor')"
)

# Who takes a claim from where to where: the rows of portal/claims/workflow/table.py.
STEPS = """
  ('portal_partner', 'draft', 'submitted'), ('portal_partner', 'info_requested', 'in_review'),
  ('portal_partner', 'submitted', 'withdrawn'), ('portal_partner', 'in_review', 'withdrawn'),
  ('portal_partner', 'info_requested', 'withdrawn'),
  ('portal_partner', 'rejected', 'appealed'), ('portal_partner', 'approved', 'appealed'),
  ('portal_pam', 'submitted', 'in_review'), ('portal_pam', 'in_review', 'info_requested'),
  ('portal_pam', 'in_review', 'approved'), ('portal_pam', 'in_review', 'pending_second'),
  ('portal_pam', 'in_review', 'rejected'), ('portal_pam', 'pending_second', 'rejected'),
  ('portal_staff', 'pending_second', 'approved'), ('portal_staff', 'pending_second', 'rejected'),
  ('portal_staff', 'in_review', 'rejected'), ('portal_staff', 'in_conflict', 'in_review'),
  ('portal_staff', 'in_conflict', 'approved'), ('portal_staff', 'in_conflict', 'rejected'),
  ('portal_staff', 'appealed', 'approved'), ('portal_staff', 'appealed', 'rejected'),
  ('portal_staff', 'approved', 'revoked'), ('portal_finance', 'approved', 'revoked'),
  ('portal_worker', 'draft', 'expired'), ('portal_worker', 'info_requested', 'expired')"""
CONFLICTS = ("submitted", "in_review", "info_requested", "pending_second", "approved")
DRAFTED = (
    "customer_siren, customer_name, customer_sector, customer_public, customer_contact, title, project_type, roles,"
    " reseller_name, reseller_unknown, order_no, enrolment_no, signed_on, ordered_on, confidential, duplicate_reason"
)
CLOCKS = "version, updated_at, updated_by_id, state, decide_by, clock_left, info_due_on"
JUDGED = "roles, taken_by_id, taken_at, first_decided_by_id, first_decided_at, decision, decided_by_id, decided_at, reason_code, cure_by"
WRITTEN = {
    ("claims", "portal_partner"):
        f"{DRAFTED}, {CLOCKS}, declared_honour_at, declared_honour_by_id, submitted_by_id, submitted_at, grid_id",
    ("claims", "portal_pam"): f"{CLOCKS}, {JUDGED}",
    ("claims", "portal_staff"): f"{CLOCKS}, {JUDGED}",
    ("claims", "portal_finance"): f"{CLOCKS}, {JUDGED}",
    ("claim_lines", "portal_partner"): "",
    ("claim_lines", "portal_pam"): "approved_amount, cut_reason_code, share",
    ("claim_lines", "portal_staff"): "approved_amount, cut_reason_code, share",
    ("claim_evidence", "portal_partner"): "replaced_by_id, withdrawn_at",
    ("objectives", "portal_partner"): "accepted_by_id, accepted_at, accepted_hash",
}  # fmt: skip
EVERYBODY = (
    "portal_partner, portal_pam, portal_staff, portal_finance, portal_admin, portal_auditor, portal_worker"
)
OPEN_TO = {
    "domain_today()": f"{EVERYBODY}, portal_gate",
    "identity_session()": EVERYBODY,
    "identity_user_id()": EVERYBODY,
    "identity_role()": EVERYBODY,
    "identity_partner_id()": EVERYBODY,
    "identity_partner_ids()": EVERYBODY,
    "resume_session(text)": "portal_partner",
    "next_claim_number(text)": "portal_partner, portal_pam",
    "order_claimed_by_another(bigint, bigint)": "portal_pam, portal_staff, portal_admin, portal_worker",
    "other_shares(bigint[])": EVERYBODY,
    "run_is_approved(bigint)": "portal_partner",
    "verify_statement(text)": EVERYBODY,
    "claim_step_exists(text, text, text)": EVERYBODY,
}


def upgrade() -> None:
    _signatures()
    _steps()
    _columns()
    _drafts()
    _letters()
    _functions()


def _signatures() -> None:
    """Where a row says who did it, that is whoever asks: what four eyes rest on."""
    op.execute(f"""
create function refuse_foreign_signature() returns trigger language plpgsql set search_path = public, pg_temp as $$
declare field text; whose text; before jsonb := '{{}}'; me bigint;
begin
  if current_user not in {PEOPLE} then return new; end if;
  me := identity_user_id();
  if tg_op = 'UPDATE' then before := to_jsonb(old); end if;
  foreach field in array tg_argv loop
    whose := to_jsonb(new)->>field;
    if whose is not null and whose is distinct from before->>field and whose::bigint is distinct from me then
      raise exception '% is signed by whoever asks', field
        using errcode = 'insufficient_privilege', constraint = tg_table_name || '_signature';
    end if;
  end loop;
  return new;
end $$""")
    for table, fields in SIGNED.items():
        names = ", ".join(f"'{name}'" for name in fields)
        op.execute(
            f"create trigger {table}_signature before insert or update on {table} for each row"
            f" execute function refuse_foreign_signature({names})"
        )


def _steps() -> None:
    """A claim moves along the table, by the hand that the table names; between steps it stays as it is."""
    found = ", ".join(
        f"('{hand}', '{state}', 'in_conflict')"
        for hand in ("portal_pam", "portal_staff", "portal_worker")
        for state in CONFLICTS
    )
    op.execute(f"""
create function claim_step_exists(hand text, source text, target text) returns boolean
language sql immutable set search_path = public, pg_temp as $$
  select (hand, source, target) in ({STEPS}, {found})
$$""")
    op.execute(f"""
create function refuse_foreign_step() returns trigger language plpgsql set search_path = public, pg_temp as $$
declare moving text[] := array['version', 'updated_at', 'updated_by_id'];
begin
  if current_user not in {PEOPLE} then return new; end if;
  if tg_op = 'INSERT' then
    if new.state = 'draft' and num_nonnulls(new.decision, new.first_decided_at) = 0 then return new; end if;
  elsif new.state = old.state then
    if old.state = 'draft' or to_jsonb(old) - moving = to_jsonb(new) - moving then return new; end if;
  elsif claim_step_exists(current_user, old.state, new.state) then
    if current_user <> 'portal_partner' or old.state = 'draft' then return new; end if;
    moving := moving || array['state', 'decide_by', 'clock_left', 'info_due_on'];
    if old.order_no = '' then moving := moving || 'order_no'::text; end if;
    if old.enrolment_no = '' then moving := moving || 'enrolment_no'::text; end if;
    if to_jsonb(old) - moving = to_jsonb(new) - moving then return new; end if;
  end if;
  raise exception 'a step that is not this role''s' using errcode = 'insufficient_privilege', constraint = 'claims_step';
end $$""")
    op.execute(
        "create trigger claims_step before insert or update on claims for each row execute function refuse_foreign_step()"
    )


def _columns() -> None:
    for (table, role), columns in WRITTEN.items():
        op.execute(f"revoke update on {table} from {role}")
        if columns:
            op.execute(f"grant update ({columns}) on {table} to {role}")


def _drafts() -> None:
    """What a firm has submitted it neither takes apart nor throws away; amounts are written by who decides."""
    op.execute(
        "create policy partner_drafts on claims as restrictive for delete to portal_partner using (state = 'draft')"
    )
    draft = "exists (select from claims c where c.id = claim_id and c.state = 'draft')"
    undecided = "approved_amount is null and cut_reason_code is null and share is null"
    op.execute(
        "create policy drafts_insert on claim_lines as restrictive for insert to portal_partner, portal_pam"
        f" with check ({undecided} and {draft})"
    )
    op.execute(
        f"create policy drafts_delete on claim_lines as restrictive for delete to portal_partner using ({draft})"
    )
    mine = (
        "exists (select from claims c where c.id = claim_id"
        " and (select identity_user_id()) in (c.first_decided_by_id, c.decided_by_id))"
    )
    op.execute(
        "create policy deciders on claim_lines as restrictive for update to portal_pam, portal_staff"
        f" using ({mine}) with check ({mine})"
    )
    for table in ("claim_evidence", "claim_events"):
        op.execute(f"drop policy partner_delete on {table}")
        op.execute(f"revoke delete on {table} from portal_partner")
    administrator = "(select identity_role() = 'partner_admin')"
    op.execute(
        f"create policy administrators on objectives as restrictive for update to portal_partner using ({administrator})"
    )
    for command, clause in (("insert", "with check"), ("update", "using"), ("delete", "using")):
        for table in ("billing_profiles", "billing_contacts"):
            op.execute(
                f"create policy administrators_{command} on {table} as restrictive for {command} to portal_partner"
                f" {clause} ({administrator})"
            )


def _letters() -> None:
    """A letter goes to the address of the person it is for; one that opens an account, to the firm's own people."""
    person = "exists (select from users u where u.id = user_id and u.email = recipient{more})"
    op.execute(
        "create policy persons on mails as restrictive for insert to portal_partner, portal_pam, portal_staff"
        f" with check (statement_id is null and {person.format(more='')})"
    )
    op.execute(
        "create policy accounts on mails as restrictive for insert to portal_finance, portal_admin"
        f" with check (kind not like 'account.%' or {person.format(more='')})"
    )
    own = " and u.partner_id = (select identity_partner_id()) and (select identity_role() = 'partner_admin')"
    op.execute(
        "create policy colleagues on mails as restrictive for insert to portal_partner"
        f" with check (kind not like 'account.%' or {person.format(more=own)})"
    )
    op.execute(
        "create policy letters on work_items as restrictive for insert to portal_partner, portal_pam, portal_gate"
        " with check (kind = 'mail.send')"
    )


def _functions() -> None:
    """Functions that run as the owner are open to those who need them, by name."""
    op.execute("revoke execute on all functions in schema public from public")
    for function, roles in OPEN_TO.items():
        op.execute(f"grant execute on function {function} to {roles}")


def downgrade() -> None:
    op.execute("grant execute on all functions in schema public to public")
    for function, roles in OPEN_TO.items():
        op.execute(f"revoke execute on function {function} from {roles}")
    op.execute("drop policy letters on work_items")
    for name in ("persons", "accounts", "colleagues"):
        op.execute(f"drop policy {name} on mails")
    for table in ("billing_profiles", "billing_contacts"):
        for command in ("insert", "update", "delete"):
            op.execute(f"drop policy administrators_{command} on {table}")
    op.execute("drop policy administrators on objectives")
    for table in ("claim_evidence", "claim_events"):
        op.execute(f"grant delete on {table} to portal_partner")
        op.execute(
            f"create policy partner_delete on {table} for delete to portal_partner"
            " using (partner_id = (select identity_partner_id()))"
        )
    for name in ("drafts_insert", "drafts_delete", "deciders"):
        op.execute(f"drop policy {name} on claim_lines")
    op.execute("drop policy partner_drafts on claims")
    for table, role in WRITTEN:
        op.execute(f"grant update on {table} to {role}")
    op.execute("drop function refuse_foreign_step() cascade")
    op.execute("drop function claim_step_exists(text, text, text)")
    op.execute("drop function refuse_foreign_signature() cascade")
