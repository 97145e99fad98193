"""Closed half-years recomputed from raw rows, with SQL and the naive rules alone: no service, no engine."""

from collections import defaultdict
from datetime import datetime
from fractions import Fraction
from typing import Any

import psycopg
from psycopg.rows import DictRow

from tests.unit.engine import naive

Rows = psycopg.Cursor[DictRow]
REST = "-"

# Approved lines as they stood at an instant: the last decision by then, the orders' versions known by then.
LINES = """
with stood as (
  select distinct on (claim_id) claim_id, state from claim_events where at <= %(at)s order by claim_id, id desc),
decided as (
  select distinct on (claim_id) claim_id, state from claim_events
  where at <= %(at)s and state in ('approved', 'rejected') order by claim_id, id desc),
known as (
  select distinct on (o.order_no, o.line_no) o.* from order_lines o
  join order_imports i on i.id = o.import_id and i.imported_at <= %(at)s
  order by o.order_no, o.line_no, o.version desc),
met as (
  select m.claim_line_id, known.id, known.ordered_at, case known.status when 'booked' then known.amount else 0 end as amount
  from claim_matches m join order_lines o on o.id = m.order_line_id
  join known on (known.order_no, known.line_no) = (o.order_no, o.line_no) where m.state = 'confirmed')
select l.id, p.code, p.segment, c.reference, l.position, l.family, c.roles, l.share, l.approved_amount as approved,
  sum(met.amount) as verified, min(met.ordered_at) as ordered_at, array_agg(met.id) as orders,
  (select count(*) from claim_lines s where s.claim_id = c.id) as sisters
from claim_lines l join claims c on c.id = l.claim_id join partners p on p.id = c.partner_id
join stood on stood.claim_id = c.id and stood.state in ('approved', 'appealed')
join decided on decided.claim_id = c.id and decided.state = 'approved'
join met on met.claim_line_id = l.id
where l.approved_amount is not null
group by l.id, c.id, p.id having sum(met.amount) > 0 order by c.reference, l.position
"""
FACTS = """
select p.id, p.code, p.segment,
  (select document from plans s where s.segment = p.segment and s.period_id = t.id and s.published_at <= %(at)s
   order by version desc limit 1) as plan,
  (select array[target, baseline] from objectives o where o.partner_id = p.id and o.period_id = t.id
   order by version desc limit 1) as objective,
  (select score from satisfaction_scores s where s.partner_id = p.id and s.period_id = t.id) as csat,
  (select array_agg(array[code, starts_on::text, ends_before::text]) from competencies c where c.partner_id = p.id) as held
from partners p, periods t where t.code = %(period)s and p.unit = 'PST' order by p.code
"""


def recalculate(rows: Rows, period: str, at: datetime) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Plan and facts of every partner for a period, as known at an instant; no adjustment, no carry-over."""
    partners = rows.execute(FACTS, {"period": period, "at": at}).fetchall()
    plans = {one["segment"]: one["plan"] for one in partners}
    lines = rows.execute(LINES, {"at": at}).fetchall()
    on_order = defaultdict(list)
    for line in lines:
        for order in line["orders"]:
            on_order[order].append(line)
    claims = defaultdict(list)
    days = set(naive.period_days(period))
    for line in lines:
        if naive.paris(line["ordered_at"].isoformat()) in days:
            beside = [
                one for order in line["orders"] for one in on_order[order] if one["code"] != line["code"]
            ]
            claims[line["code"]].append(_claim(line, beside, plans[line["segment"]]))
    return {one["code"]: (one["plan"], _facts(one, period, claims[one["code"]])) for one in partners}


def _claim(line: DictRow, beside: list[DictRow], plan: dict[str, Any]) -> dict[str, Any]:
    claim = {
        "ref": line["reference"] if line["sisters"] == 1 else f"{line['reference']}/{line['position']}",
        "project": line["reference"], "family": line["family"], "roles": line["roles"],
        "ordered_at": line["ordered_at"].isoformat(), "approved": str(min(line["approved"], line["verified"])),
    }  # fmt: skip
    claiming = [
        one for one in beside if one["share"] is not None or {"PRESCRIBE", "DESIGN"} & set(one["roles"])
    ]
    if line["share"] is not None or (claiming and {"PRESCRIBE", "DESIGN"} & set(line["roles"])):
        shares = {one["code"]: _share(one, plan) for one in (line, *claiming)}
        rest = 1 - sum(shares.values())
        assert rest >= 0, line["reference"]
        claim["shares"] = {**shares, REST: rest} if rest else shares
    return claim


def _share(line: DictRow, plan: dict[str, Any]) -> Fraction:
    if line["share"] is not None:
        return Fraction(line["share"])
    weights = plan.get("role_weights", naive.DEFAULT_WEIGHTS)
    return sum((Fraction(weights[role]) for role in line["roles"]), Fraction(0))


def _facts(one: DictRow, period: str, claims: list[dict[str, Any]]) -> dict[str, Any]:
    target, baseline = one["objective"] or (None, None)
    return {
        "partner": one["code"], "claims": claims, "target": target, "baseline": baseline, "csat": one["csat"],
        "competencies": [{"code": code, "from": start, "until": end} for code, start, end in one["held"] or ()],
        "closes_fiscal_year": not period.endswith("H1"),
    }  # fmt: skip
