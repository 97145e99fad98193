"""Which of the vendor's order lines are the claimed ones.

EXACT: same order number, or same enrolment, with the same customer and family. PROBABLE: same customer and
family, dates within 60 days and amounts within 20 %; or the same number under another SIREN. Exact matches
are confirmed where nobody else claims the order and nothing is ambiguous; all others wait for a person.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, bindparam, text

from portal.db import db

# What an order is worth in euros, at the rate of its month.
_WORTH = (
    "case when {0}.status = 'cancelled' then 0 when {0}.currency = 'EUR' then {0}.amount"
    " else euros({0}.amount, {0}.currency, {0}.ordered_on) end"
)

# Matches follow the order to its newest version; where it changed hands, a person looks again.
_FOLLOW_VERSIONS = text(f"""
update claim_matches m set
  order_line_id = now.id, credited_amount = null,
  verified_amount = {_WORTH.format("now")},
  state = case when (now.customer_siren, now.family) = (old.customer_siren, old.family)
    then m.state else 'proposed' end,
  confirmed_by_id = case when (now.customer_siren, now.family) = (old.customer_siren, old.family)
    then m.confirmed_by_id end
from order_lines old
join order_lines now on now.order_no = old.order_no and now.line_no = old.line_no and now.is_current
where now.import_id = :import and old.id = m.order_line_id and not old.is_current and not exists (
  select from claim_matches other
  where other.claim_line_id = m.claim_line_id and other.order_line_id = now.id)
""")

_TOUCHED = text("""
with brought as materialized (
  select id, order_no, customer_siren, family from order_lines where import_id = :import and is_current)
select l.claim_id from brought o join claims c on c.customer_siren = o.customer_siren
join claim_lines l on l.claim_id = c.id and l.family = o.family
union
select l.claim_id from brought o join claims c on c.order_no <> '' and upper(c.order_no) = o.order_no
join claim_lines l on l.claim_id = c.id and l.family = o.family
union
select l.claim_id from brought o join claim_matches m on m.order_line_id = o.id
join claim_lines l on l.id = m.claim_line_id
""")

_MATCH = text(f"""
with lines as materialized (
  select l.id, l.partner_id, l.family, l.declared_amount, c.customer_siren,
    upper(c.order_no) as order_no, upper(c.enrolment_no) as enrolment_no,
    coalesce(c.ordered_on, c.signed_on) as day
  from claim_lines l join claims c on c.id = l.claim_id
  where c.id = any(:claims) and c.state not in ('draft', 'withdrawn', 'expired', 'rejected', 'revoked')),
by_number as (
  select l.id, l.partner_id, o.id as order_line_id, o.customer_siren = l.customer_siren as same_customer
  from lines l join order_lines o on o.order_no = l.order_no and o.family = l.family and o.is_current
  where l.order_no <> ''),
by_enrolment as (
  select l.id, l.partner_id, o.id as order_line_id, count(*) over (partition by l.id) as choices
  from lines l join order_lines o on o.enrolment_no = l.enrolment_no and o.is_current
    and o.customer_siren = l.customer_siren and o.family = l.family and o.enrolment_no <> ''
  where l.id not in (select id from by_number)),
unnumbered as materialized (
  select * from lines where id not in (select id from by_number) and id not in (select id from by_enrolment)),
probable as (
  select l.id, l.partner_id, o.id as order_line_id
  from unnumbered l join order_lines o on o.customer_siren = l.customer_siren and o.family = l.family
  where o.is_current and o.status = 'booked' and o.ordered_on between l.day - 60 and l.day + 60
    and abs(l.declared_amount - {_WORTH.format("o")}) <= {_WORTH.format("o")} * 0.2),
candidates as (
  select id, partner_id, order_line_id, same_customer as exact, same_customer as sure from by_number
  union all select id, partner_id, order_line_id, true, choices = 1 from by_enrolment
  union all select id, partner_id, order_line_id, false, false from probable),
refused as materialized (
  select r.claim_line_id, o.id from claim_match_refusals r
  join order_lines o on o.order_no = r.order_no and o.line_no = r.line_no and o.is_current
  where r.claim_line_id in (select id from lines)),
found as materialized (
  select *, sure and count(*) over (partition by order_line_id) = 1 as alone from candidates
  where (id, order_line_id) not in (select * from refused)),
told as (
  select f.*, {_WORTH.format("o")} as verified, alone
    and (f.order_line_id, f.partner_id) not in (
      select order_line_id, firm_id from claimed_by_others(
        array(select order_line_id from found where alone order by id, order_line_id),
        array(select partner_id from found where alone order by id, order_line_id)))
    and (f.order_line_id, f.id) not in (
      select g.order_line_id, g.id from found g join claim_matches m
        on m.order_line_id = g.order_line_id and m.claim_line_id <> g.id) as certain
  from found f join order_lines o on o.id = f.order_line_id),
gone as (
  delete from claim_matches m using lines l
  where m.claim_line_id = l.id and m.state = 'proposed'
    and (m.claim_line_id, m.order_line_id) not in (select id, order_line_id from found))
insert into claim_matches as kept
  (partner_id, claim_line_id, order_line_id, kind, state, verified_amount, matched_at)
select partner_id, id, order_line_id, case when exact then 'EXACT' else 'PROBABLE' end,
  case when certain then 'confirmed' else 'proposed' end, verified, :at
from told
on conflict (claim_line_id, order_line_id) do update set
  kind = case when kept.state = 'confirmed' then kept.kind else excluded.kind end,
  state = case when kept.state = 'confirmed' then 'confirmed' else excluded.state end,
  verified_amount = excluded.verified_amount
where kept.verified_amount <> excluded.verified_amount
  or (kept.state = 'proposed' and (kept.kind, kept.state) is distinct from (excluded.kind, excluded.state))
""").bindparams(bindparam("claims", type_=ARRAY(BigInteger)))


def match_claims(*, claim_ids: Sequence[int], at: datetime) -> Sequence[int]:
    """Look for the orders of these claims, again as often as wanted; the ids of the claims looked at."""
    if claim_ids:
        db.session.execute(_MATCH, {"claims": list(claim_ids), "at": at})
    return claim_ids


def match_import(*, import_id: int, at: datetime) -> Sequence[int]:
    """Let existing matches follow the orders' newest versions, and match whatever an import may concern."""
    return match_claims(claim_ids=follow_import(import_id=import_id), at=at)


def follow_import(*, import_id: int) -> Sequence[int]:
    """Let existing matches follow the orders' newest versions; the claims that an import may concern."""
    db.session.execute(_FOLLOW_VERSIONS, {"import": import_id})
    return sorted(db.session.execute(_TOUCHED, {"import": import_id}).scalars())
