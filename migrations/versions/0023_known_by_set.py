"""Whose projects a reader may know is told of all claims at once: who asks is looked up once, not for each."""

from alembic import op

revision = "0023"
down_revision = "0022"

SIGNATURE = "may_know(text, bigint[], bigint, text, boolean, boolean)"
RULE = """
create function may_know(me text, mine bigint[], partner bigint, state text, on_behalf boolean, disputed boolean)
returns boolean language sql immutable as $$
  select case
    when me in ('partner_member', 'partner_admin', 'pam') then partner = any (mine)
    when me = 'programme_manager' then state = 'appealed'
    when me = 'segment_lead' then state in ('pending_second', 'in_conflict', 'appealed')
      or (on_behalf and state in ('submitted', 'in_review', 'info_requested')) or disputed
    else false end
$$"""
DISPUTED = """exists (
    select from conflict_parties p join conflicts x on x.id = p.conflict_id
    where p.claim_id = {} and x.state in ('suspected', 'open'))"""
MINE = """case when me = 'pam' then identity_partner_ids()
    when me in ('partner_member', 'partner_admin') then array[identity_partner_id()] end"""


def upgrade() -> None:
    """One rule, asked of a claim or of all: the firm, its account manager, and who decides meanwhile."""
    op.execute(RULE)
    op.execute(f"revoke execute on function {SIGNATURE} from public")
    op.execute(f"""
create or replace function knows_customer(claim bigint) returns boolean
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare me text := identity_role(); it record;
begin
  if me is null or me in ('finance', 'worker') then return true; end if;
  select partner_id, state, on_behalf into it from claims where id = claim;
  return may_know(me, {MINE}, it.partner_id, it.state, it.on_behalf, {DISPUTED.format("claim")});
end $$""")
    op.execute(f"""
create or replace function confidential_orders() returns setof bigint
language plpgsql stable security definer set search_path = public, pg_temp as $$
declare me text := identity_role(); mine bigint[];
begin
  if me is null or me not in ('pam', 'segment_lead', 'programme_manager', 'admin', 'auditor') then return; end if;
  mine := {MINE};
  return query select m.order_line_id from claims c join claim_lines l on l.claim_id = c.id
  join claim_matches m on m.claim_line_id = l.id
  where c.confidential and c.state <> 'draft'
    and not may_know(me, mine, c.partner_id, c.state, c.on_behalf, {DISPUTED.format("c.id")});
end $$""")


def downgrade() -> None:
    """Each claim asks for itself again."""
    op.execute("""
create or replace function confidential_orders() returns setof bigint
language sql stable security definer set search_path = public, pg_temp as $$
  select m.order_line_id from claims c join claim_lines l on l.claim_id = c.id
  join claim_matches m on m.claim_line_id = l.id
  where identity_role() in ('pam', 'segment_lead', 'programme_manager', 'admin', 'auditor')
    and c.confidential and c.state <> 'draft' and not knows_customer(c.id)
$$""")
    op.execute("""
create or replace function knows_customer(claim bigint) returns boolean
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
    op.execute(f"drop function {SIGNATURE}")
