"""Who may know whose project a confidential claim is, said once; and a PAM who looks at the portal as a firm does."""

from alembic import op

from migrations.isolation import immutable, isolate

revision = "0020"
down_revision = "0019"

OUTSIDERS = "portal_staff, portal_admin, portal_auditor"
READERS = "portal_partner, portal_pam, portal_finance, portal_worker"
# What hangs on a claim and may name its customer in words or on paper.
PARTS = ("claim_evidence", "claim_messages", "inquiries")


def upgrade() -> None:
    _who_knows()
    known = "exists (select from claims c where c.id = claim_id and (not c.confidential or knows_customer(c.id)))"
    for table in PARTS:
        op.execute(
            f"create policy confidence on {table} as restrictive for select to {OUTSIDERS} using ({known})"
        )
    op.execute(
        f"create policy confidence on inquiry_messages as restrictive for select to {OUTSIDERS}"
        " using (exists (select from inquiries i where i.id = inquiry_id))"
    )
    _files()
    _orders()
    _viewing()
    _refusals()


def _who_knows() -> None:
    """The firm, its account manager and finance; who decides a conflict, a second approval or an appeal, meanwhile."""
    op.execute("""
create function knows_customer(claim bigint) returns boolean
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare me text := identity_role(); it record;
begin
  if me is null or me in ('finance', 'worker') then return true; end if;
  select partner_id, state, on_behalf into it from claims where id = claim;
  return case me
    when 'partner_member' then it.partner_id = identity_partner_id()
    when 'partner_admin' then it.partner_id = identity_partner_id()
    when 'pam' then it.partner_id = any (identity_partner_ids())
    when 'programme_manager' then it.state = 'appealed'
    when 'segment_lead' then it.state in ('pending_second', 'in_conflict', 'appealed')
      or (it.on_behalf and it.state in ('submitted', 'in_review', 'info_requested'))
      or exists (select from conflict_parties p join conflicts x on x.id = p.conflict_id
                 where p.claim_id = claim and x.state in ('suspected', 'open'))
    else false end;
end $$""")
    op.execute("revoke execute on function knows_customer(bigint) from public")
    op.execute(f"grant execute on function knows_customer(bigint) to {OUTSIDERS}, {READERS}")


def _files() -> None:
    """A paper of a confidential project names its customer: it is opened by those who know."""
    op.execute("create index ix_claim_messages_file_id on claim_messages (file_id) where file_id is not null")
    op.execute("""
create function tells_a_customer(file bigint) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select exists (
    select from (select claim_id from claim_evidence where file_id = file
                 union all select claim_id from claim_messages where file_id = file) held
    join claims c on c.id = held.claim_id where c.confidential and not knows_customer(c.id))
$$""")
    op.execute("revoke execute on function tells_a_customer(bigint) from public")
    op.execute(f"grant execute on function tells_a_customer(bigint) to {OUTSIDERS}")
    op.execute(
        f"create policy confidence on files as restrictive for select to {OUTSIDERS}"
        " using (not tells_a_customer(id))"
    )


def _orders() -> None:
    """The orders found for a confidential claim, whose customers its outsiders do not read there either."""
    op.execute("create index ix_claims_confidential on claims (id) where confidential")
    op.execute("""
create function confidential_orders() returns setof bigint
language sql stable security definer set search_path = public, pg_temp as $$
  select m.order_line_id from claims c join claim_lines l on l.claim_id = c.id
  join claim_matches m on m.claim_line_id = l.id
  where identity_role() in ('pam', 'segment_lead', 'programme_manager', 'admin', 'auditor')
    and c.confidential and c.state <> 'draft' and not knows_customer(c.id)
$$""")
    op.execute("revoke execute on function confidential_orders() from public")
    op.execute(f"grant execute on function confidential_orders() to {OUTSIDERS}, {READERS}")


IDENTITIES = {
    "identity_role() returns text": (
        "case when {viewed} is null then coalesce(s.service, u.role) else 'partner_member' end", "left join"),
    "identity_partner_id() returns bigint": ("coalesce({viewed}, u.partner_id)", "join"),
}  # fmt: skip


def _identities(viewed: str) -> None:
    for function, (told, joined) in IDENTITIES.items():
        op.execute(
            f"create or replace function {function} language sql stable security definer"
            f" set search_path = public, pg_temp as $$ select {told.format(viewed=viewed)}"
            f" from identity_session() s {joined} users u on u.id = s.user_id $$"
        )


def _viewing() -> None:
    """For as long as the account manager follows the firm, the session is a member's, and its transactions only read."""
    op.execute(
        "alter table sessions add views_partner_id bigint constraint fk_sessions_views_partner_id references partners"
    )
    op.execute("""
create function identity_viewed() returns bigint language sql stable security definer set search_path = public, pg_temp as $$
  select case when s.views_partner_id is not null and u.role = 'pam' and s.views_partner_id = any (identity_partner_ids())
    then s.views_partner_id end
  from identity_session() s join users u on u.id = s.user_id
$$""")
    op.execute("revoke execute on function identity_viewed() from public")
    op.execute(f"grant execute on function identity_viewed() to {OUTSIDERS}, {READERS}")
    _identities("identity_viewed()")
    op.execute(
        "create policy viewing on claims as restrictive for select to portal_partner"
        " using (state <> 'draft' or (select identity_viewed()) is null)"
    )


def _refusals() -> None:
    """A proposed order that a person refused, by its number: no newer version of it is proposed again."""
    op.execute("""
create table claim_match_refusals (
  partner_id bigint not null, claim_line_id bigint not null, order_no text not null, line_no integer not null,
  reason text not null constraint ck_claim_match_refusals_reason check (btrim(reason) <> ''),
  refused_by_id bigint not null constraint fk_claim_match_refusals_refused_by_id references users,
  refused_at timestamptz not null,
  constraint pk_claim_match_refusals primary key (claim_line_id, order_no, line_no),
  constraint fk_claim_match_refusals_claim_line foreign key (partner_id, claim_line_id)
    references claim_lines (partner_id, id) on delete cascade
)""")
    immutable("claim_match_refusals", commands="update")
    isolate(
        "claim_match_refusals", pam="si", staff="si", finance="s", admin="s", auditor="s", worker="s"
    )
    op.execute(
        "create trigger claim_match_refusals_signature before insert on claim_match_refusals for each row"
        " execute function refuse_foreign_signature('refused_by_id')"
    )


def downgrade() -> None:
    op.execute("drop table claim_match_refusals")
    op.execute("drop policy viewing on claims")
    _identities("null::bigint")
    op.execute("drop function identity_viewed()")
    op.execute("alter table sessions drop views_partner_id")
    op.execute("drop function confidential_orders()")
    op.execute("drop index ix_claims_confidential")
    op.execute("drop policy confidence on files")
    op.execute("drop function tells_a_customer(bigint)")
    op.execute("drop index ix_claim_messages_file_id")
    for table in (*PARTS, "inquiry_messages"):
        op.execute(f"drop policy confidence on {table}")
    op.execute("drop function knows_customer(bigint)")
