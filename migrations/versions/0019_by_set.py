"""Matching asks by set what it used to ask row by row; a result keeps the hash of its document."""

from alembic import op

revision = "0019"
down_revision = "0018"

GUARD = "if not exists (select from changed where credited_amount > 0) then return null; end if;"
GONE = "('draft', 'withdrawn', 'expired', 'rejected', 'revoked')"
PARTNER = "(identity_role() in ('partner_member', 'partner_admin')) is not false"
STAFF = "portal_pam, portal_staff, portal_admin, portal_worker"
HANDS = (
    "portal_partner, portal_pam, portal_staff, portal_finance, portal_admin, portal_auditor, portal_worker"
)


def upgrade() -> None:
    op.execute(_excess(GUARD))
    _claimed_by_others()
    _other_shares()
    # Of what is kept; null where an earlier version kept it.
    op.execute("alter table margin_results add column result_sha256 text")


def _excess(guard: str) -> str:
    """Credit within the order, as before; planned only where something is credited, so for what there is."""
    return f"""
create or replace function refuse_excess_credit() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare line bigint;
begin
  {guard}
  perform 1 from order_lines where id in (select order_line_id from changed where credited_amount > 0) order by id for update;
  select m.order_line_id into line from claim_matches m join order_lines o on o.id = m.order_line_id
  where m.order_line_id in (select order_line_id from changed where credited_amount > 0)
  group by m.order_line_id, o.amount, o.currency, o.ordered_on, o.status
  having sum(m.credited_amount) > case when o.status = 'cancelled' then 0
    else case o.currency when 'EUR' then o.amount else euros(o.amount, o.currency, o.ordered_on) end end limit 1;
  if found then
    raise exception 'more is credited on order line % than it is worth', line
      using errcode = 'check_violation', constraint = 'claim_matches_credit_within_order';
  end if;
  return null;
end $$"""


def _claimed_by_others() -> None:
    """Which of these orders, each beside a firm, another firm claims: told to staff alone, and by yes or no."""
    op.execute("drop function order_claimed_by_another(bigint, bigint)")
    op.execute(f"""
create function claimed_by_others(order_lines bigint[], firms bigint[]) returns table (order_line_id bigint, firm_id bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  with asked as materialized (
    select distinct o.id, o.order_no, o.enrolment_no, o.customer_siren, o.family, a.firm
    from unnest(order_lines, firms) a(order_line, firm) join order_lines o on o.id = a.order_line)
  select order_line, firm from unnest(order_lines, firms) a(order_line, firm) where {PARTNER}
  union
  select a.id, a.firm from asked a join claims c on c.order_no <> '' and upper(c.order_no) = a.order_no
  join claim_lines l on l.claim_id = c.id and l.family = a.family
  where c.partner_id <> a.firm and c.state not in {GONE}
  union
  select a.id, a.firm from asked a join claims c on c.customer_siren = a.customer_siren and upper(c.enrolment_no) = a.enrolment_no
  join claim_lines l on l.claim_id = c.id and l.family = a.family
  where a.enrolment_no <> '' and c.partner_id <> a.firm and c.state not in {GONE}
$$""")
    op.execute(f"grant execute on function claimed_by_others(bigint[], bigint[]) to {STAFF}")
    op.execute("revoke execute on function claimed_by_others(bigint[], bigint[]) from public")


def _shares(name: str, argument: str, orders: str, mine: str) -> str:
    """The parts that other partners have of a line's orders, names masked; from the orders that several have.

    A label sorts before or after the partner's own code as the real code does, so that a split gives the same cents.
    """
    return f"""
create or replace function {name}({argument} bigint[]) returns table (claim_line_id bigint, label text, share numeric, roles text[])
language sql stable security definer set search_path = public, pg_temp as $$
  with parts as materialized (
    select m.claim_line_id, m.order_line_id, m.partner_id, p.code collate "C" as code, l.share, c.roles
    from claim_matches m join claim_lines l on l.id = m.claim_line_id join claims c on c.id = l.claim_id
    join partners p on p.id = m.partner_id
    where m.order_line_id = any(array({orders}))
      and m.state = 'confirmed' and c.state in ('approved', 'appealed') and c.decision <> 'rejected'
      and (l.share is not null or c.roles && array['PRESCRIBE', 'DESIGN'])),
  beside as (
    select distinct on (mine.claim_line_id, m.partner_id) mine.claim_line_id, m.code, mine.code as own, m.share, m.roles
    from parts mine join parts m on m.order_line_id = mine.order_line_id and m.partner_id <> mine.partner_id
    where {mine}
      and (mine.partner_id = (select identity_partner_id()) or (select identity_role() not in ('partner_member', 'partner_admin')))
    order by mine.claim_line_id, m.partner_id, m.share desc nulls last)
  select claim_line_id, case when code < own then '-' else '~' end
      || row_number() over (partition by claim_line_id, code < own order by code), share, roles
  from beside
$$"""


def _other_shares() -> None:
    """Of all lines, of those that some firms have, or of some lines alone."""
    several = "group by order_line_id having min(partner_id) <> max(partner_id)"
    among = f"select order_line_id from claim_matches where state = 'confirmed' and order_line_id = any(array(select order_line_id from claim_matches where {{}})) {several}"
    every = f"select order_line_id from claim_matches where state = 'confirmed' and firms is null {several}"
    of_firms = among.format("partner_id = any(firms)")
    op.execute(
        _shares(
            "other_shares",
            "firms",
            f"{every} union all {of_firms}",
            "(firms is null or mine.partner_id = any(firms))",
        )
    )
    op.execute(
        _shares(
            "other_shares_of",
            "lines",
            among.format("claim_line_id = any(lines)"),
            "mine.claim_line_id = any(lines)",
        )
    )
    op.execute("revoke execute on function other_shares_of(bigint[]) from public")
    op.execute(f"grant execute on function other_shares_of(bigint[]) to {HANDS}")


def downgrade() -> None:
    op.execute("alter table margin_results drop column result_sha256")
    op.execute(_excess(""))
    op.execute("drop function other_shares_of(bigint[])")
    every = "select order_line_id from claim_matches where partner_id = any(coalesce(firms, array(select id from partners)))"
    op.execute(
        _shares(
            "other_shares",
            "firms",
            every,
            "mine.partner_id = any(coalesce(firms, array(select id from partners)))",
        )
    )
    op.execute("drop function claimed_by_others(bigint[], bigint[])")
    op.execute(f"""
create function order_claimed_by_another(order_line bigint, firm bigint) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select {PARTNER} or exists (
    select from order_lines o join claims c on c.order_no <> '' and upper(c.order_no) = o.order_no
    join claim_lines l on l.claim_id = c.id and l.family = o.family
    where o.id = order_line and c.partner_id <> firm and c.state not in {GONE}) or exists (
    select from order_lines o join claims c on c.customer_siren = o.customer_siren and upper(c.enrolment_no) = o.enrolment_no
    join claim_lines l on l.claim_id = c.id and l.family = o.family
    where o.id = order_line and o.enrolment_no <> '' and c.partner_id <> firm and c.state not in {GONE})
$$""")
    op.execute("revoke execute on function order_claimed_by_another(bigint, bigint) from public")
    op.execute(f"grant execute on function order_claimed_by_another(bigint, bigint) to {STAFF}")
