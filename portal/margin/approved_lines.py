"""Approved lines of claims, and what their confirmed orders verify of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    CompoundSelect,
    Date,
    DateTime,
    ScalarSelect,
    and_,
    cast,
    column,
    exists,
    func,
    or_,
    select,
    table,
    text,
    true,
)
from sqlalchemy.orm import aliased

from portal.calendar import PeriodCode
from portal.claims.models import Claim, ClaimLine, ClaimMatch, Decision, MatchState
from portal.claims.workflow import ClaimState
from portal.db import AnyRow, AnySelect, db, is_among
from portal.margin.engine import Plan, Role
from portal.money import plain
from portal.orders.models import OrderLine
from portal.periods.models import FxRate

_ROLES = tuple(map(str, Role))
CORE_ROLES = (Role.PRESCRIBE, Role.DESIGN)
_parties = table(
    "conflict_parties", column("claim_id"), column("stated", Boolean), column("settled_at", DateTime)
)
REST = "-"  # the share nobody claims


@dataclass(frozen=True)
class OtherShare:
    """Another partner's part of a line's orders, its name masked."""

    label: str
    share: Decimal | None
    roles: tuple[Role, ...]


OtherShares = Mapping[int, Sequence[OtherShare]]


def select_approved_lines(
    ordered_in: PeriodCode | None = None, partner_ids: Sequence[int] | None = None
) -> AnySelect:
    """Lines approved, and not revoked since, whose confirmed orders verify something.

    Of a period: those ordered in it, and those of a claim dated in it, which say why they credit nothing.
    Those of `partner_ids` alone, where given.
    """
    matched = (
        select(
            func.sum(ClaimMatch.verified_amount).label("verified"),
            func.min(OrderLine.ordered_at).label("ordered_at"),
            func.min(OrderLine.ordered_on).label("ordered_on"),
            func.count().label("orders"),
            func.min(OrderLine.currency).label("currency"),
            func.sum(OrderLine.amount).label("billed"),
            func.min(_rate_of_order()).label("fx_rate"),
        )
        .join(OrderLine, OrderLine.id == ClaimMatch.order_line_id)
        .where(ClaimMatch.claim_line_id == ClaimLine.id, ClaimMatch.state == MatchState.CONFIRMED)
        .lateral("matched")
    )
    dates = (matched.c.ordered_on, Claim.ordered_on, Claim.signed_on)
    within: ColumnElement[bool] = true()
    if ordered_in is not None:
        within = or_(*(in_period(on, ordered_in) for on in dates))
    if partner_ids is not None:
        within &= is_among(ClaimLine.partner_id, partner_ids)
    elif ordered_in is not None:
        within &= ClaimLine.id.in_(_dated_in(ordered_in))
    return (
        select(
            *(ClaimLine.id, ClaimLine.partner_id, ClaimLine.claim_id, ClaimLine.position, ClaimLine.family),
            *(ClaimLine.approved_amount, ClaimLine.share, Claim.reference, Claim.roles),
            *(is_alone().label("alone"), matched.c.verified, matched.c.ordered_at, matched.c.ordered_on),
            *(matched.c.orders, matched.c.currency, matched.c.billed, matched.c.fx_rate),
        )
        .join(Claim, Claim.id == ClaimLine.claim_id)
        .join(matched, matched.c.verified > 0)
        .where(
            is_standing(),
            Claim.decision.in_((Decision.APPROVED, Decision.APPROVED_IN_PART)),
            ClaimLine.approved_amount.is_not(None),
            within,
        )
        .order_by(Claim.reference, ClaimLine.position)
    )  # fmt: skip


def _dated_in(period: PeriodCode) -> CompoundSelect[Any]:
    """Lines with an order of the period, or of a claim dated in it, found before any order is summed."""
    orders = select(ClaimMatch.claim_line_id).join(OrderLine, OrderLine.id == ClaimMatch.order_line_id)
    lines = select(ClaimLine.id).join(Claim, Claim.id == ClaimLine.claim_id)
    dated = or_(in_period(Claim.ordered_on, period), in_period(Claim.signed_on, period))
    return orders.where(in_period(OrderLine.ordered_on, period)).union(lines.where(dated))


def is_standing() -> ColumnElement[bool]:
    """The approval counts: also under appeal, and in a conflict found after it was stated, until its exit."""
    stated = select(_parties.c.claim_id).where(
        _parties.c.claim_id == Claim.id, _parties.c.stated, _parties.c.settled_at.is_(None)
    )
    return or_(
        Claim.state.in_((ClaimState.APPROVED, ClaimState.APPEALED)),
        and_(Claim.state == ClaimState.IN_CONFLICT, stated.exists()),
    )


def _rate_of_order() -> ScalarSelect[Decimal]:
    month = cast(func.date_trunc("month", OrderLine.ordered_on), Date)
    rate = select(FxRate.rate).where(FxRate.currency == OrderLine.currency, FxRate.month == month)
    return rate.correlate(OrderLine).scalar_subquery()


def is_alone() -> ColumnElement[bool]:
    """The line is its claim's only one."""
    sister = aliased(ClaimLine)
    return ~exists().where(sister.claim_id == ClaimLine.claim_id, sister.id != ClaimLine.id)


def in_period(day: Any, period: PeriodCode) -> ColumnElement[bool]:
    """The day is one of the period's."""
    return and_(day >= period.starts_on, day < period.ends_before)


def list_other_shares(partner_ids: Sequence[int] | None) -> OtherShares:
    """Other partners' parts of the same orders, by claim line; of these partners' lines, or of all."""
    firms = None if partner_ids is None else list(partner_ids)
    return _shares_by_line("other_shares(cast(:ids as bigint[]))", firms)


def list_other_shares_of(line_ids: Sequence[int]) -> OtherShares:
    """As list_other_shares, of some claim lines alone."""
    return _shares_by_line("other_shares_of(cast(:ids as bigint[]))", list(line_ids))


def _shares_by_line(told: str, ids: list[int] | None) -> OtherShares:
    rows = db.session.execute(text(f"select claim_line_id, label, share, roles from {told}"), {"ids": ids})
    found: dict[int, list[OtherShare]] = {}
    for line_id, label, share, roles in rows:
        found.setdefault(line_id, []).append(OtherShare(label, share, tuple(map(Role, roles))))
    return found


def fact_of(line: AnyRow, code: str, plan: Plan | None, others: OtherShares) -> dict[str, Any]:
    """A claim of the facts document: the lesser of what was approved and what was verified."""
    fact = {
        "ref": ref_of(line),
        "project": line.reference,
        "family": line.family,
        "ordered_at": line.ordered_at.isoformat(),
        **_measured(line),
        "roles": [role for role in _ROLES if role in line.roles],
    }
    shares = plan and _shares(line, code, plan, others.get(line.id, ()))
    return fact | {"shares": {name: plain(share) for name, share in shares.items()}} if shares else fact


def _measured(line: AnyRow) -> dict[str, str]:
    """In the order's own currency and rate where one foreign order says less than what was approved."""
    if line.orders == 1 and line.currency != "EUR" and line.verified <= line.approved_amount:
        return {
            "approved": plain(line.billed), "currency": line.currency, "fx_rate": f"{line.fx_rate:f}",
        }  # fmt: skip
    return {"approved": plain(min(line.approved_amount, line.verified))}


def ref_of(line: AnyRow) -> str:
    """The claim's reference, with the line's place where it has several."""
    return line.reference if line.alone else f"{line.reference}/{line.position}"


def _shares(line: AnyRow, code: str, plan: Plan, others: Sequence[OtherShare]) -> dict[str, Decimal] | None:
    """Shares of an order credited to several partners; none where it is this one's alone, by its roles."""
    core = any(role in line.roles for role in CORE_ROLES)
    if line.share is None and not (others and core):
        return None
    shares = {code: _share(line.share, line.roles, plan)}
    shares |= {other.label: _share(other.share, other.roles, plan) for other in others}
    rest = 1 - sum(shares.values(), Decimal(0))
    if rest < 0:  # a conflict that nobody has settled: the order itself refuses the excess
        return None if line.share is None else {code: line.share, REST: 1 - line.share}
    return shares | {REST: rest} if rest else shares


def _share(share: Decimal | None, roles: Sequence[str], plan: Plan) -> Decimal:
    if share is not None:
        return share
    return sum((plan.role_weights[Role(role)] for role in roles), Decimal(0))
