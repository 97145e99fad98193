"""Appeals, revocations, drafts on behalf, messages with papers, published delays.

The services check all of it first and say it in words; here PostgreSQL refuses a step that lacks its guard.
"""

from importlib import import_module

from alembic import op

from migrations.isolation import common, immutable, isolate, open_to, predicate

revision = "0013"
down_revision = "0012"

TABLES = ("claim_messages", "claim_revocations", "claim_appeals", "decision_times")
SIGNED = {
    "claim_appeals": ("made_by_id", "judged_by_id"),
    "claim_revocations": ("proposed_by_id", "confirmed_by_id", "dropped_by_id"),
    "claim_messages": ("author_id",),
}
WRITTEN = {
    ("claim_appeals", "portal_staff"): "outcome, judged_by_id, judged_at, reasons",
    ("claim_revocations", "portal_staff"): "confirmed_by_id, confirmed_at, dropped_by_id, dropped_at",
    ("claim_revocations", "portal_finance"): "confirmed_by_id, confirmed_at, dropped_by_id, dropped_at",
    ("claim_evidence", "portal_pam"): "replaced_by_id, withdrawn_at",
}
DRAFTED = (
    "customer_siren, customer_name, customer_sector, customer_public, customer_contact, title, project_type, roles,"
    " reseller_name, reseller_unknown, order_no, enrolment_no, signed_on, ordered_on, confidential, duplicate_reason"
)
DECIDING = (
    "('approved', 'passed_on', 'approved_second', 'rejected', 'conflict_won', 'conflict_lost', 'upheld',"
    " 'upheld_in_part', 'approved_on_appeal')"
)
# Who takes a claim from where to where, beyond what 0009 says: a lead begins what a PAM wrote, the workers carry
# out a split that each firm has signed.
STEPS = """
  ('portal_staff', 'submitted', 'in_review'), ('portal_staff', 'in_review', 'info_requested'),
  ('portal_staff', 'in_review', 'pending_second'),
  ('portal_worker', 'in_conflict', 'in_review'), ('portal_worker', 'in_conflict', 'approved')"""
EVERYBODY = (
    "portal_partner, portal_pam, portal_staff, portal_finance, portal_admin, portal_auditor, portal_worker"
)


def upgrade() -> None:
    _on_behalf()
    _appeals()
    _revocations()
    _guards()
    _stand_in()
    _messages()
    _published()
    op.execute(
        "revoke execute on function refuse_foreign_draft(), refuse_partial_judge(), refuse_lone_revocation(),"
        " refuse_unguarded_step(), refuse_stand_in() from public"
    )
    for table, fields in SIGNED.items():
        names = ", ".join(f"'{name}'" for name in fields)
        op.execute(
            f"create trigger {table}_signature before insert or update on {table} for each row"
            f" execute function refuse_foreign_signature({names})"
        )
    for (table, role), columns in WRITTEN.items():
        op.execute(f"revoke update on {table} from {role}")
        op.execute(f"grant update ({columns}) on {table} to {role}")


def _on_behalf() -> None:
    """A PAM may write a draft for a firm that asks by phone: marked, and the firm alone declares it."""
    op.execute("alter table claims add column on_behalf boolean not null default false")
    op.execute("alter table claims add column offered_at timestamptz")
    op.execute("alter table claims add constraint ck_claims_offered check (offered_at is null or on_behalf)")
    op.execute(f"grant update ({DRAFTED}, offered_at) on claims to portal_pam")
    op.execute("""
create function refuse_foreign_draft() returns trigger language plpgsql set search_path = public, pg_temp as $$
declare moving text[] := array['version', 'updated_at', 'updated_by_id', 'state', 'decide_by', 'clock_left', 'info_due_on',
  'roles', 'taken_by_id', 'taken_at', 'first_decided_by_id', 'first_decided_at', 'decision', 'decided_by_id', 'decided_at',
  'reason_code', 'cure_by'];
begin
  if current_user = 'portal_partner' and tg_op = 'INSERT' and not new.on_behalf then return new; end if;
  if current_user = 'portal_partner' and tg_op = 'UPDATE' and new.on_behalf = old.on_behalf then return new; end if;
  if current_user = 'portal_pam' and tg_op = 'INSERT' and new.on_behalf then return new; end if;
  if current_user = 'portal_pam' and tg_op = 'UPDATE' and old.on_behalf and old.state = 'draft' and new.state = 'draft'
    and old.created_by_id = identity_user_id() then return new; end if;
  if current_user = 'portal_pam' and tg_op = 'UPDATE' and to_jsonb(old) - moving = to_jsonb(new) - moving
    and (old.state <> 'draft') then return new; end if;
  if current_user not in ('portal_partner', 'portal_pam') then return new; end if;
  raise exception 'a draft that is not this person''s' using errcode = 'insufficient_privilege', constraint = 'claims_draft';
end $$""")
    op.execute(
        "create trigger claims_draft before insert or update on claims for each row execute function refuse_foreign_draft()"
    )
    mine = (
        "exists (select from claims c where c.id = claim_id and c.state = 'draft' and c.on_behalf"
        " and c.created_by_id = (select identity_user_id()))"
    )
    followed = predicate("pam", "partner_id")
    open_to("claim_lines", "pam", "d", f"{followed} and {mine}")
    op.execute(
        f"create policy pam_update on claim_evidence for update to portal_pam using ({followed} and {mine})"
        f" with check ({followed} and {mine})"
    )


def _appeals() -> None:
    op.execute("""
create table claim_appeals (
  id bigint generated by default as identity constraint pk_claim_appeals primary key,
  partner_id bigint not null, claim_id bigint not null,
  level smallint not null constraint ck_claim_appeals_level check (level in (1, 2)),
  asks text not null constraint ck_claim_appeals_asks check (asks in ('decision', 'amount', 'roles')),
  grounds text not null constraint ck_claim_appeals_grounds check (btrim(grounds) <> ''),
  made_by_id bigint not null constraint fk_claim_appeals_made_by_id references users, made_at timestamptz not null,
  judge_by date not null,
  outcome text constraint ck_claim_appeals_outcome check (outcome in ('upheld', 'overturned')),
  judged_by_id bigint constraint fk_claim_appeals_judged_by_id references users, judged_at timestamptz,
  reasons text not null default '',
  constraint uq_claim_appeals_level unique (claim_id, level),
  constraint fk_claim_appeals_claim foreign key (partner_id, claim_id) references claims (partner_id, id) on delete cascade,
  constraint ck_claim_appeals_judged check (num_nonnulls(outcome, judged_by_id, judged_at) in (0, 3)),
  constraint ck_claim_appeals_reasoned check (outcome is null or btrim(reasons) <> '')
)""")
    op.execute("create unique index uq_claim_appeals_open on claim_appeals (claim_id) where outcome is null")
    immutable("claim_appeals", when="old.outcome is not null", commands="update")
    isolate(
        "claim_appeals", partner="si", pam="s", staff="su", finance="s", admin="s", auditor="s", worker="s"
    )
    op.execute(f"""
create function has_decided(claim bigint, person bigint) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select exists (select from claim_events e where e.claim_id = claim and e.actor_id = person and e.kind in {DECIDING})
    or exists (select from claim_appeals a where a.claim_id = claim and a.judged_by_id = person)
    or exists (select from claims c where c.id = claim
      and person in (c.created_by_id, c.submitted_by_id, c.first_decided_by_id, c.decided_by_id))
$$""")
    op.execute("revoke execute on function has_decided(bigint, bigint) from public")
    op.execute(f"grant execute on function has_decided(bigint, bigint) to {EVERYBODY}")
    op.execute("""
create function refuse_partial_judge() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  if current_user not in ('portal_staff', 'portal_finance', 'portal_pam', 'portal_admin') then return new; end if;
  if has_decided(new.claim_id, identity_user_id()) then
    raise exception 'who decided does not judge the appeal' using errcode = 'insufficient_privilege', constraint = 'claim_appeals_judge';
  end if;
  if identity_role() is distinct from (case new.level when 1 then 'segment_lead' else 'programme_manager' end) then
    raise exception 'an appeal of another level' using errcode = 'insufficient_privilege', constraint = 'claim_appeals_level';
  end if;
  return new;
end $$""")
    op.execute(
        "create trigger claim_appeals_judge before update on claim_appeals for each row execute function refuse_partial_judge()"
    )
    op.execute("""
insert into claim_appeals (partner_id, claim_id, level, asks, grounds, made_by_id, made_at, judge_by)
select e.partner_id, e.claim_id, row_number() over (partition by e.claim_id order by e.id), 'decision',
  coalesce(nullif(btrim(e.note), ''), '-'), e.actor_id, e.at,
  coalesce(case when c.state = 'appealed' then c.decide_by end, (e.at at time zone 'Europe/Paris')::date + 21)
from claim_events e join claims c on c.id = e.claim_id where e.kind = 'appealed'""")
    op.execute("""
update claim_appeals a set outcome = case when e.kind = 'approved_on_appeal' then 'overturned' else 'upheld' end,
  judged_by_id = e.actor_id, judged_at = e.at, reasons = coalesce(nullif(btrim(e.note), ''), '-')
from claim_events e
where e.claim_id = a.claim_id and e.kind in ('upheld', 'upheld_in_part', 'approved_on_appeal') and e.at > a.made_at""")
    op.execute("""
update claims c set decide_by = a.judge_by from claim_appeals a
where a.claim_id = c.id and c.state = 'appealed' and a.outcome is null""")


def _revocations() -> None:
    """An approval is taken back by two persons, one of finance and one of the programme."""
    op.execute("""
create table claim_revocations (
  id bigint generated by default as identity constraint pk_claim_revocations primary key,
  partner_id bigint not null, claim_id bigint not null,
  reason_code text not null constraint fk_claim_revocations_reason_code references reason_codes,
  reasons text not null constraint ck_claim_revocations_reasons check (btrim(reasons) <> ''),
  proposed_by_id bigint not null constraint fk_claim_revocations_proposed_by_id references users, proposed_at timestamptz not null,
  confirmed_by_id bigint constraint fk_claim_revocations_confirmed_by_id references users, confirmed_at timestamptz,
  dropped_by_id bigint constraint fk_claim_revocations_dropped_by_id references users, dropped_at timestamptz,
  constraint fk_claim_revocations_claim foreign key (partner_id, claim_id) references claims (partner_id, id) on delete cascade,
  constraint ck_claim_revocations_confirmed check ((confirmed_by_id is null) = (confirmed_at is null)),
  constraint ck_claim_revocations_dropped check ((dropped_by_id is null) = (dropped_at is null)),
  constraint ck_claim_revocations_ended_once check (confirmed_at is null or dropped_at is null),
  constraint ck_claim_revocations_four_eyes check (confirmed_by_id <> proposed_by_id)
)""")
    op.execute(
        "create unique index uq_claim_revocations_open on claim_revocations (claim_id)"
        " where confirmed_at is null and dropped_at is null"
    )
    immutable(
        "claim_revocations",
        when="old.confirmed_at is not null or old.dropped_at is not null",
        commands="update",
    )
    isolate("claim_revocations", pam="s", staff="siu", finance="siu", admin="s", auditor="s", worker="s")
    op.execute("""
create function refuse_lone_revocation() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare theirs text; mine text := identity_role();
begin
  if mine is null then return new; end if;
  if mine not in ('finance', 'programme_manager') then
    raise exception 'finance and the programme revoke' using errcode = 'insufficient_privilege', constraint = 'claim_revocations_role';
  end if;
  select role into theirs from users where id = new.proposed_by_id;
  if new.confirmed_at is not null and theirs = mine then
    raise exception 'one of finance and one of the programme' using errcode = 'insufficient_privilege',
      constraint = 'claim_revocations_role';
  end if;
  return new;
end $$""")
    op.execute(
        "create trigger claim_revocations_role before insert or update on claim_revocations for each row"
        " execute function refuse_lone_revocation()"
    )


def _guards() -> None:
    """A step that rests on another row is refused without it: an appeal, its judgement, a confirmed revocation."""
    op.execute("""
create function refuse_unguarded_step() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare judged claim_appeals; me bigint := identity_user_id();
begin
  if me is null or new.state = old.state then return new; end if;
  if new.state = 'appealed' then
    if old.decision is distinct from 'approved' and exists (
      select from claim_appeals a where a.claim_id = new.id and a.outcome is null and a.made_by_id = me) then return new; end if;
  elsif old.state = 'appealed' then
    select * into judged from claim_appeals a where a.claim_id = new.id order by a.level desc limit 1;
    if judged.judged_by_id = me and judged.outcome = 'overturned' and new.state = 'approved' and new.decision <> 'rejected'
      and new.decided_by_id = me then return new; end if;
    if judged.judged_by_id = me and judged.outcome = 'upheld' and new.decision = old.decision
      and new.decided_by_id = old.decided_by_id
      and new.state = (case old.decision when 'rejected' then 'rejected' else 'approved' end) then return new; end if;
  elsif new.state = 'revoked' then
    if exists (select from claim_revocations r where r.claim_id = new.id and r.confirmed_by_id = me) then return new; end if;
  else
    return new;
  end if;
  raise exception 'a step without what it rests on' using errcode = 'insufficient_privilege', constraint = 'claims_guard';
end $$""")
    op.execute(
        "create trigger claims_guard before update on claims for each row execute function refuse_unguarded_step()"
    )


def _steps(more: str = "") -> None:
    hands = import_module("migrations.versions.0009_hands")
    found = ", ".join(
        f"('{hand}', '{state}', 'in_conflict')"
        for hand in ("portal_pam", "portal_staff", "portal_worker")
        for state in hands.CONFLICTS
    )
    op.execute(f"""
create or replace function claim_step_exists(hand text, source text, target text) returns boolean
language sql immutable set search_path = public, pg_temp as $$
  select (hand, source, target) in ({hands.STEPS}, {found}{more})
$$""")


def _stand_in() -> None:
    """What a PAM wrote for a firm is read first by a lead, since nobody approves what he made."""
    _steps(f", {STEPS}")
    op.execute("""
create function refuse_stand_in() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  if current_user = 'portal_staff' and not old.on_behalf
    and (old.state, new.state) in (('submitted', 'in_review'), ('in_review', 'info_requested'), ('in_review', 'pending_second'))
  then
    raise exception 'a lead begins what a PAM wrote, and nothing else' using errcode = 'insufficient_privilege',
      constraint = 'claims_stand_in';
  end if;
  return new;
end $$""")
    op.execute(
        "create trigger claims_stand_in before update on claims for each row execute function refuse_stand_in()"
    )


def _messages() -> None:
    op.execute("""
create table claim_messages (
  id bigint generated by default as identity constraint pk_claim_messages primary key,
  partner_id bigint not null, claim_id bigint not null,
  author_id bigint not null constraint fk_claim_messages_author_id references users, at timestamptz not null,
  body text not null default '', file_id bigint,
  constraint ck_claim_messages_said check (btrim(body) <> '' or file_id is not null),
  constraint fk_claim_messages_claim foreign key (partner_id, claim_id) references claims (partner_id, id) on delete cascade,
  constraint fk_claim_messages_file foreign key (partner_id, file_id) references files (partner_id, id)
)""")
    op.execute("create index ix_claim_messages_claim_id on claim_messages (claim_id, id)")
    immutable("claim_messages", commands="update")
    isolate("claim_messages", partner="si", pam="si", staff="si", finance="s", auditor="s", worker="s")


def _published() -> None:
    """How long decisions take, by team, published every day for both sides."""
    op.execute("""
create table decision_times (
  published_on date not null, team text not null,
  median_days numeric(6, 1) not null constraint ck_decision_times_median_days check (median_days >= 0),
  constraint pk_decision_times primary key (published_on, team)
)""")
    common("decision_times", worker="si")


def downgrade() -> None:
    _steps()
    for name in ("stand_in", "guard", "draft"):
        op.execute(f"drop trigger claims_{name} on claims")
    op.execute("drop policy pam_delete on claim_lines")
    op.execute("revoke delete on claim_lines from portal_pam")
    op.execute("drop policy pam_update on claim_evidence")
    op.execute("revoke update on claim_evidence from portal_pam")
    for table in TABLES:
        op.execute(f"drop table {table} cascade")
    for function in (
        "refuse_stand_in()", "refuse_unguarded_step()", "refuse_lone_revocation()", "refuse_partial_judge()",
        "has_decided(bigint, bigint)", "refuse_foreign_draft()",
    ):  # fmt: skip
        op.execute(f"drop function {function}")
    op.execute(f"revoke update ({DRAFTED}) on claims from portal_pam")
    op.execute("grant update (roles) on claims to portal_pam")
    op.execute("alter table claims drop column offered_at, drop column on_behalf")
