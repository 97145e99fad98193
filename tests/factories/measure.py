"""What a partner is measured by: matches, objectives, scores, and the result of a period before."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.claims.models import Claim, ClaimLine, ClaimMatch, MatchKind, MatchState
from portal.ledger.entries import EntryKind
from portal.ledger.models import JournalEntry, Posting
from portal.margin.models import Adjustment, MarginResult, MarginRun, PlanVersion, RunState
from portal.objectives.models import Objective, SatisfactionScore
from portal.orders.models import OrderLine
from portal.partners.models import Competency, Partner
from portal.periods.models import Period
from portal.statements.models import Statement
from portal.users.models import Role, User
from tests.factories.people import AT, make_user
from tests.factories.programme import make_order_line


def make_match(
    owner: Session, claim: Claim, order: OrderLine, *, position: int = 1, **values: Any
) -> ClaimMatch:
    """A confirmed exact match of a claim's line with an order line, verified by all that the order is worth."""
    line_id = owner.execute(
        select(ClaimLine.id).where(ClaimLine.claim_id == claim.id, ClaimLine.position == position)
    ).scalar_one()
    given = {
        "kind": MatchKind.EXACT,
        "state": MatchState.CONFIRMED,
        "verified_amount": order.amount,
        "matched_at": AT,
        **values,
    }
    match = ClaimMatch(partner_id=claim.partner_id, claim_line_id=line_id, order_line_id=order.id, **given)
    owner.add(match)
    owner.commit()
    return match


def make_ordered(owner: Session, claim: Claim, amount: str, family: str, **values: Any) -> OrderLine:
    """An order line that verifies the claim's line of this family."""
    order = make_order_line(owner, amount=amount, family=family, **values)
    position = owner.execute(
        select(ClaimLine.position).where(ClaimLine.claim_id == claim.id, ClaimLine.family == family)
    ).scalar_one()
    make_match(owner, claim, order, position=position)
    return order


def make_objective(owner: Session, partner: Partner, period: Period, target: str, **values: Any) -> Objective:
    """A first version of a partner's objective."""
    given = {"version": 1, "notified_at": datetime(2025, 12, 15, tzinfo=UTC), **values}
    objective = Objective(partner_id=partner.id, period_id=period.id, target=Decimal(target), **given)
    owner.add(objective)
    owner.commit()
    return objective


def make_score(owner: Session, partner: Partner, period: Period, score: str) -> None:
    """What the customers thought of the partner."""
    owner.add(SatisfactionScore(partner_id=partner.id, period_id=period.id, score=Decimal(score)))
    owner.commit()


def make_competency(
    owner: Session, partner: Partner, code: str, starts_on: date, ends_before: date | None = None
) -> None:
    """A competency held since a day."""
    owner.add(Competency(partner_id=partner.id, code=code, starts_on=starts_on, ends_before=ends_before))
    owner.commit()


def make_adjustment(
    owner: Session, partner: Partner, origin: Period, period: Period, amount: str
) -> Adjustment:
    """An approved correction of what an earlier period stated."""
    given = {"reason_code": "CREDIT_NOTE", "proposed_at": AT, "approved_at": AT}
    people: list[User] = [make_user(owner, role) for role in (Role.PROGRAMME_MANAGER, Role.FINANCE)]
    adjustment = Adjustment(
        partner_id=partner.id,
        origin_period_id=origin.id,
        period_id=period.id,
        amount=Decimal(amount),
        proposed_by_id=people[0].id,
        approved_by_id=people[1].id,
        **given,
    )
    owner.add(adjustment)
    owner.commit()
    return adjustment


def make_result(
    owner: Session,
    partner: Partner,
    period: Period,
    plan: PlanVersion,
    *,
    carry_out: str = "0.00",
    **values: Any,
) -> MarginResult:
    """A result of the period's approved run that earned nothing and carries this on."""
    run = owner.execute(select(MarginRun).where(MarginRun.period_id == period.id)).scalar_one_or_none()
    if run is None:
        proposer, approver = make_user(owner, Role.PROGRAMME_MANAGER), make_user(owner, Role.FINANCE)
        run = MarginRun(
            period_id=period.id,
            number=1,
            state=RunState.APPROVED,
            partners=1,
            started_by_id=proposer.id,
            started_at=AT,
            computed_at=AT,
            proposed_by_id=proposer.id,
            proposed_at=AT,
            approved_by_id=approver.id,
            approved_at=AT,
        )
        owner.add(run)
        owner.flush()
    zero, carried = Decimal("0.00"), Decimal(carry_out)
    given = {
        "facts": {"partner": partner.code, "claims": []},
        "facts_sha256": "0",
        "result": {},
        "credited": zero,
        "gross": zero,
        "earnings": carried,
        "adjustments": zero,
        "carry_in": zero,
        "balance": carried,
        "payable": zero,
        "carry_out": carried,
        **values,
    }
    result = MarginResult(run_id=run.id, partner_id=partner.id, position=partner.id, plan_id=plan.id, **given)
    owner.add(result)
    owner.commit()
    return result


def order_of(claim: Claim) -> Any:
    """The order line that a claim's first line is matched with."""
    return (
        select(ClaimMatch.order_line_id)
        .join(ClaimLine, ClaimLine.id == ClaimMatch.claim_line_id)
        .where(ClaimLine.claim_id == claim.id)
    )


def make_statement(
    owner: Session, partner: Partner, period: Period, plan: PlanVersion, payable: str, **values: Any
) -> Statement:
    """A statement that pays this, posted as the close posts it."""
    amount = Decimal(payable)
    result = make_result(
        owner, partner, period, plan, earnings=amount, balance=amount, payable=amount, carry_out="0.00"
    )
    number = f"R-{period.code.replace('-', '')}-{result.id:06d}"
    given = {
        "number": number, "serial": result.id, "locale": "fr", "document_sha256": f"{result.id:064x}",
        "document": {"payment": {"route": "SELF_BILLED"}, "result": {"net_to_pay": payable}},
        "short_code": f"CODE-{result.id}", "payable": amount, "issued_on": date(2026, 11, 24), "issued_at": AT,
        "dispute_until": date(2026, 12, 24), **values,
    }  # fmt: skip
    statement = Statement(partner_id=partner.id, period_id=period.id, result_id=result.id, **given)
    owner.add(statement)
    _post(owner, result, "earnings", period, number, (("6222", "C1", amount), ("4081", "", -amount)))
    _post(owner, result, "settlement", period, number, (("4081", "", amount), ("401", "", -amount)))
    owner.commit()
    return statement


def _post(
    owner: Session,
    result: MarginResult,
    kind: str,
    period: Period,
    number: str,
    lines: tuple[tuple[str, str, Decimal], ...],
) -> None:
    entry = JournalEntry(
        partner_id=result.partner_id, period_id=period.id, kind=EntryKind(kind), cause_kind="result", cause_id=result.id,
        posted_on=date(2026, 11, 24), posted_at=AT, reference=number,
    )  # fmt: skip
    owner.add(entry)
    owner.flush()
    owner.add_all(
        Posting(
            partner_id=result.partner_id,
            entry_id=entry.id,
            account=account,
            component=component,
            amount=amount,
        )
        for account, component, amount in lines
    )
    owner.flush()
