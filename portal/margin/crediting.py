"""What confirmed orders are credited, kept beside them as soon as it is known."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ARRAY, BigInteger, Numeric, bindparam, select, text

from portal import claims
from portal.claims.models import Claim, ClaimLine, ClaimMatch, Decision, MatchState
from portal.db import AnyRow, AnySelect, db, is_among
from portal.errors import PeriodClosed
from portal.margin.approved_lines import (
    OtherShares,
    fact_of,
    is_standing,
    list_other_shares_of,
    select_approved_lines,
)
from portal.margin.engine import Plan, credit_line, parse_facts
from portal.margin.in_force import plans_in_force
from portal.margin.parts import segment_on
from portal.money import ZERO, split_in_order
from portal.partners.models import Partner
from portal.periods.models import Period

Credits = dict[int, Decimal | None]

_WRITE = text("""
update claim_matches m set credited_amount = v.credited
from unnest(:ids, :credited) v(id, credited)
where m.id = v.id and m.credited_amount is distinct from v.credited
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("credited", type_=ARRAY(Numeric(18, 2))))


_HOLD = text("""
select hold_periods(array(
  select coalesce(ordered_on, signed_on) from claims where id = any(:claims)
  union select o.ordered_on from claim_lines l join claim_matches m on m.claim_line_id = l.id
  join order_lines o on o.id = m.order_line_id where l.claim_id = any(:claims)))
""").bindparams(bindparam("claims", type_=ARRAY(BigInteger)))


def match_and_credit(
    *, at: datetime, import_id: int | None = None, claim_ids: Sequence[int] = ()
) -> Sequence[int]:
    """Match what an import brought, or these claims, then credit; the ids of the claims it touched."""
    if import_id is not None:
        touched = claims.match_import(import_id=import_id, at=at)
    else:
        touched = claims.match_claims(claim_ids=claim_ids, at=at)
    refresh_credit(touched)
    return touched


def refresh_credit(claim_ids: Sequence[int] | None = None) -> None:
    """Credit the confirmed matches of these claims, or of all, under the plans in force.

    What was cancelled is credited 0.00; what is not approved, or has no plan yet, is not valued.
    """
    if claim_ids is not None:
        _hold_periods(claim_ids)
    lines, matches = _read(claim_ids)
    others = list_other_shares_of([line.id for line in lines])
    plans = _PlansByDay({line.segment for line in lines})
    credited = {line.id: _credit(line, plans.of(line), others) for line in lines}
    values: Credits = {}
    for line_id, group in matches.items():
        values |= _spread(credited[line_id], group) if line_id in credited else _uncounted(group)
    db.session.execute(_WRITE, {"ids": list(values), "credited": list(values.values())})


def _hold_periods(claim_ids: Sequence[int]) -> None:
    """Keep periods from closing until this is committed; refuse what one that is being computed counts."""
    if db.session.execute(_HOLD, {"claims": list(claim_ids)}).scalar_one():
        raise PeriodClosed


def _read(claim_ids: Sequence[int] | None) -> tuple[Sequence[AnyRow], dict[int, list[AnyRow]]]:
    """Lines that count, and the confirmed matches of each line."""
    lines = select_approved_lines()
    segment = segment_on(lines.selected_columns.ordered_on).label("segment")
    approved: AnySelect = lines.add_columns(Partner.code, segment).join(
        Partner, Partner.id == ClaimLine.partner_id
    )
    standing = is_standing() & (Claim.decision != Decision.REJECTED)
    confirmed: AnySelect = (
        select(
            ClaimMatch.id, ClaimMatch.claim_line_id, ClaimMatch.verified_amount, standing.label("approved")
        )
        .join(ClaimLine, ClaimLine.id == ClaimMatch.claim_line_id)
        .join(Claim, Claim.id == ClaimLine.claim_id)
        .where(ClaimMatch.state == MatchState.CONFIRMED)
        .order_by(ClaimMatch.claim_line_id, ClaimMatch.order_line_id)
    )
    if claim_ids is not None:
        these = is_among(ClaimLine.claim_id, claim_ids)
        approved, confirmed = (query.where(these) for query in (approved, confirmed))
    matches = defaultdict(list)
    for match in db.session.execute(confirmed):
        matches[match.claim_line_id].append(match)
    return db.session.execute(approved).all(), matches


class _PlansByDay:
    """The plan of a segment on the day of an order."""

    def __init__(self, segments: Iterable[str]) -> None:
        # The longest first: what is paid in advance of it is credited as the whole will be.
        longest = (Period.ends_before - Period.starts_on).desc()
        spans = db.session.execute(
            select(Period.id, Period.starts_on, Period.ends_before).order_by(longest, Period.id)
        ).all()
        in_force = plans_in_force([span.id for span in spans]) if segments else {}
        self._plans = [
            (span, {key[1]: one.plan for key, one in in_force.items() if key[0] == span.id}) for span in spans
        ]

    def of(self, line: AnyRow) -> Plan | None:
        for span, plans in self._plans:
            if span.starts_on <= line.ordered_on < span.ends_before and line.segment in plans:
                return plans[line.segment]
        return None


def _credit(line: AnyRow, plan: Plan | None, others: OtherShares) -> Decimal | None:
    if plan is None:
        return None
    facts = parse_facts({"partner": line.code, "claims": [fact_of(line, line.code, plan, others)]})
    return credit_line(plan, facts.claims[0], partner=line.code).credited


def _spread(credited: Decimal | None, matches: Sequence[AnyRow]) -> Credits:
    """A line's credit over its orders, in proportion to what each verifies."""
    if credited is None:
        return {match.id: None for match in matches}
    parts = split_in_order(credited, [match.verified_amount for match in matches])
    return {match.id: part for match, part in zip(matches, parts, strict=True)}


def _uncounted(matches: Sequence[AnyRow]) -> Credits:
    return {match.id: ZERO if match.approved else None for match in matches}
