"""Which claims of other firms declare the same project, found by set and told to nobody yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ARRAY, BigInteger, bindparam, text

from portal.claims import RULES
from portal.conflicts.likeness import bare_name, names_like
from portal.conflicts.models import Cause
from portal.db import AnyRow, db

AFTER_STATEMENT = 30  # days in which an approved claim that was stated may still be put in question

# A claim may be put in question while it is open or in conflict; approved, until 30 days after its statement.
_QUESTIONABLE = """(
  c.state in ('submitted', 'in_review', 'info_requested', 'pending_second', 'in_conflict')
  or c.state = 'approved' and not exists (
    select from statements s join periods p on p.id = s.period_id
    where s.partner_id = c.partner_id and s.issued_on < :stated_before
      and coalesce(c.ordered_on, c.signed_on) >= p.starts_on
      and coalesce(c.ordered_on, c.signed_on) < p.ends_before))"""

_LINES = """
select distinct c.id, c.partner_id, c.customer_siren, c.customer_name, c.submitted_at, l.family,
  upper(c.order_no) as order_no, upper(c.enrolment_no) as enrolment_no,
  coalesce(c.ordered_on, c.signed_on) as day
from claims c join claim_lines l on l.claim_id = c.id"""

_KNOWN_PAIR = """exists (
  select from conflict_parties p join conflict_parties q on q.conflict_id = p.conflict_id
  where p.claim_id = mine.id and q.claim_id = c.id)"""

# Both already confirmed on orders of their own: two transactions, not one project claimed twice.
_APART = """(
  exists (select from claim_matches m join claim_lines l on l.id = m.claim_line_id
    where l.claim_id = mine.id and l.family = mine.family and m.state = 'confirmed')
  and exists (select from claim_matches m join claim_lines l on l.id = m.claim_line_id
    where l.claim_id = c.id and l.family = mine.family and m.state = 'confirmed')
  and not exists (select from claim_matches m join claim_lines l on l.id = m.claim_line_id
    join claim_matches n on n.order_line_id = m.order_line_id join claim_lines k on k.id = n.claim_line_id
    where l.claim_id = mine.id and k.claim_id = c.id))"""

_SAME_CUSTOMER = text(f"""
with mine as materialized ({_LINES} where c.id = any(:claims) and {_QUESTIONABLE})
select mine.id as claim_id, c.id as other_id,
  array_agg(distinct mine.family order by mine.family) as families,
  bool_or(mine.order_no <> '' and mine.order_no = upper(c.order_no)) as same_order,
  bool_or(mine.enrolment_no <> '' and mine.enrolment_no = upper(c.enrolment_no)) as same_enrolment
from mine
join claims c on c.customer_siren = mine.customer_siren and c.partner_id <> mine.partner_id
join claim_lines l on l.claim_id = c.id and l.family = mine.family
where {_QUESTIONABLE} and not {_KNOWN_PAIR} and (
  mine.order_no <> '' and mine.order_no = upper(c.order_no)
  or mine.enrolment_no <> '' and mine.enrolment_no = upper(c.enrolment_no)
  or abs(coalesce(c.ordered_on, c.signed_on) - mine.day) <= :days and not {_APART})
group by mine.id, c.id""").bindparams(bindparam("claims", type_=ARRAY(BigInteger)))

_MINE = text(f"{_LINES} where c.id = any(:claims) and {_QUESTIONABLE}").bindparams(
    bindparam("claims", type_=ARRAY(BigInteger))
)
_NEAR = text(f"""
{_LINES} where l.family = any(:families) and {_QUESTIONABLE}
  and coalesce(c.ordered_on, c.signed_on) between :first and :last""")
_APART_OR_KNOWN = text(f"""
select mine.id, c.id from ({_LINES}) mine
join unnest(cast(:mine as bigint[]), cast(:others as bigint[])) pair(a, b) on pair.a = mine.id
join claims c on c.id = pair.b
where {_KNOWN_PAIR} or {_APART}""")


@dataclass(frozen=True, slots=True)
class Found:
    """Two claims of different firms, and what they have in common."""

    claim_id: int
    other_id: int
    cause: Cause
    families: tuple[str, ...]


def find_conflicts(*, claim_ids: Sequence[int], on: date) -> list[Found]:
    """Every other firm's claim that declares the same project as one of these, the surest cause first."""
    if not claim_ids:
        return []
    asked = {"claims": list(claim_ids), "stated_before": _stated_before(on), "days": RULES.duplicate_days}
    found = {
        _pair(row.claim_id, row.other_id): _of_row(row) for row in db.session.execute(_SAME_CUSTOMER, asked)
    }
    for one in _same_name(asked):
        found.setdefault(_pair(one.claim_id, one.other_id), one)
    order = list(Cause)
    return sorted(found.values(), key=lambda one: (order.index(one.cause), one.claim_id, one.other_id))


def _stated_before(on: date) -> date:
    return date.fromordinal(on.toordinal() - AFTER_STATEMENT)


def _pair(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _of_row(row: AnyRow) -> Found:
    cause = Cause.ORDER if row.same_order else Cause.ENROLMENT if row.same_enrolment else Cause.CUSTOMER
    return Found(row.claim_id, row.other_id, cause, tuple(row.families))


def _same_name(asked: dict[str, object]) -> Iterator[Found]:
    """Other SIREN, but a name that is the same: subsidiaries, typing errors, a trade name."""
    mine = db.session.execute(_MINE, asked).all()
    if not mine:
        return
    days, spread = [line.day for line in mine], RULES.duplicate_days
    near = db.session.execute(
        _NEAR,
        {
            "families": list({line.family for line in mine}), "stated_before": asked["stated_before"],
            "first": date.fromordinal(min(days).toordinal() - spread),
            "last": date.fromordinal(max(days).toordinal() + spread),
        },
    ).all()  # fmt: skip
    by_name: dict[str, list[AnyRow]] = {}
    for line in near:
        by_name.setdefault(bare_name(line.customer_name), []).append(line)
    known = dict(enumerate(by_name))
    alike = names_like([bare_name(line.customer_name) for line in mine], known)
    pairs: dict[tuple[int, int], set[str]] = {}
    for line in mine:
        for place in alike[bare_name(line.customer_name)]:
            for other in by_name[known[place]]:
                if _may_be_one(line, other):
                    pairs.setdefault((line.id, other.id), set()).add(line.family)
    for pair in _settled_among(pairs):
        pairs.pop(pair, None)
    for (claim_id, other_id), families in pairs.items():
        yield Found(claim_id, other_id, Cause.NAME, tuple(sorted(families)))


def _may_be_one(line: AnyRow, other: AnyRow) -> bool:
    near = abs((line.day - other.day).days) <= RULES.duplicate_days
    apart = line.partner_id != other.partner_id and line.customer_siren != other.customer_siren
    return bool(near and apart and line.family == other.family)


def _settled_among(pairs: dict[tuple[int, int], set[str]]) -> list[tuple[int, int]]:
    if not pairs:
        return []
    mine, others = zip(*pairs, strict=True)
    return [
        (a, b) for a, b in db.session.execute(_APART_OR_KNOWN, {"mine": list(mine), "others": list(others)})
    ]
