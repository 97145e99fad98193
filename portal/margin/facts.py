"""What is known of each partner when a period is computed, as the documents of `plan evaluate`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from portal.calendar import PeriodCode
from portal.claims.models import Claim
from portal.db import AnyRow, AnySelect, db, is_among
from portal.margin.advances import select_prior
from portal.margin.approved_lines import fact_of, list_other_shares, select_approved_lines
from portal.margin.engine import Result, evaluate, parse_period_facts
from portal.margin.in_force import PlanInForce, plan_for, plans_in_force
from portal.margin.models import Adjustment, BalanceSettlement, MarginResult, MarginRun, RunState
from portal.margin.parts import Part, lines_of, parts_of, proration_of
from portal.money import plain
from portal.objectives.models import Objective, SatisfactionScore
from portal.partners.models import Competency, Partner, SegmentChange, Unit
from portal.periods import Period, select_earlier

__all__ = ["PartnerFacts", "PlanInForce", "facts_of", "plan_for", "plans_in_force"]


@dataclass(frozen=True)
class PartnerFacts:
    """A partner, the plan of its segment (none where none is published) and its facts document."""

    partner: AnyRow
    plan: PlanInForce | None
    document: dict[str, Any]

    @property
    def result(self) -> Result | None:
        """What the engine makes of them; none without a plan."""
        return evaluate(self.plan.plan, parse_period_facts(self.document)) if self.plan else None


def facts_of(
    period: Period,
    *,
    partner_ids: Sequence[int],
    at: datetime | None = None,
    again: bool = False,
) -> Iterator[PartnerFacts]:
    """The facts of these partners in the order of the codes, from one query for each kind of fact.

    `at` is the cut-off: decisions made after it are not yet facts. `again` is for what was stated already:
    who has left since is there too.
    """
    plans = plans_in_force([period.id])
    others = list_other_shares(partner_ids)
    known = {name: _by_partner(query) for name, query in _queries(period, at, partner_ids).items()}
    closes = PeriodCode.parse(period.code).closes_fiscal_year
    partners = _PARTNERS if again else select_partners(period)
    partners = partners.where(is_among(Partner.id, partner_ids)).order_by(Partner.code.collate("C"))
    for partner in db.session.execute(partners):
        found = {name: rows.get(partner.id, []) for name, rows in known.items()}
        parts = parts_of(partner, found["changes"], period)
        rules = [plans.get((period.id, part.segment)) for part in parts]
        measured = [
            _measured(partner.code, found, part, period)
            | {"claims": [fact_of(line, partner.code, of.plan if of else None, others) for line in lines]}
            for part, of, lines in zip(parts, rules, lines_of(parts, found["lines"]), strict=True)
        ]
        document = measured[-1] | _settled(found) | {"closes_fiscal_year": closes}
        if len(parts) > 1 and all(rules):
            document["earlier_parts"] = [
                {"plan": of.document, "until": part.end.isoformat(), "facts": facts}
                for part, of, facts in zip(parts[:-1], rules, measured, strict=False)
                if of is not None
            ]
        yield PartnerFacts(partner, rules[-1] if all(rules) else None, document)


def _by_partner(query: AnySelect) -> dict[int, list[AnyRow]]:
    found: dict[int, list[AnyRow]] = {}
    for row in db.session.execute(query):
        found.setdefault(row.partner_id, []).append(row)
    return found


def _measured(code: str, found: dict[str, list[AnyRow]], part: Part, period: Period) -> dict[str, Any]:
    """What one part is measured by."""
    objective, csat = found["objectives"], found["csat"]
    return {
        "partner": code,
        "target": plain(objective[0].target) if objective else None,
        "baseline": plain(objective[0].baseline) if objective and objective[0].baseline is not None else None,
        "competencies": [
            {
                "code": held.code,
                "from": held.starts_on.isoformat(),
                "until": held.ends_before.isoformat() if held.ends_before else None,
            }
            for held in found["competencies"]
        ],
        "csat": plain(csat[0].score) if csat else None,
        **proration_of(part, period),
    }


def _settled(found: dict[str, list[AnyRow]]) -> dict[str, Any]:
    """What the period as a whole is settled with."""
    carried, prior = found["carried"], found["prior"]
    return {
        "adjustments": [
            {"period": one.origin, "amount": plain(one.amount), "reason": one.reason_code}
            for one in found["adjustments"]
        ],
        "carry_in": plain(carried[0].carry_out) if carried else "0.00",
        **({"prior_earnings": plain(prior[0].amount)} if prior else {}),
    }


def select_partners(period: Period) -> AnySelect:
    """Firms of the Partner Sales Team alive in the period; those that left with a balance or a correction."""
    alive = and_(
        Partner.starts_on < period.ends_before,
        or_(Partner.ends_before.is_(None), Partner.ends_before > period.starts_on),
    )
    owed = select(MarginResult.partner_id).where(
        MarginResult.carry_out != 0, _approved_before(period), ~_settled_by_two(None)
    )
    corrected = select(Adjustment.partner_id).where(
        Adjustment.period_id == period.id, Adjustment.approved_at.is_not(None)
    )
    there = or_(alive, Partner.id.in_(owed), Partner.id.in_(corrected))
    return _PARTNERS.where(Partner.unit == Unit.PST, there)


_PARTNERS: AnySelect = select(
    Partner.id, Partner.public_id, Partner.code, Partner.siren, Partner.legal_name, Partner.segment,
    Partner.coverage, Partner.unit, Partner.locale, Partner.starts_on, Partner.ends_before,
)  # fmt: skip


def _settled_by_two(at: datetime | None) -> Any:
    """The balance of a firm that left was paid or written off: it is carried no further."""
    known = BalanceSettlement.approved_at.is_not(None) if at is None else BalanceSettlement.approved_at <= at
    return select(BalanceSettlement.id).where(BalanceSettlement.result_id == MarginResult.id, known).exists()


def _approved_before(period: Period) -> Any:
    """The result is of the approved run of the period stated before this one."""
    previous = select_earlier(period).limit(1).scalar_subquery()
    runs = select(MarginRun.id).where(MarginRun.period_id == previous, MarginRun.state == RunState.APPROVED)
    return MarginResult.run_id.in_(runs)


def _queries(period: Period, at: datetime | None, partner_ids: Sequence[int]) -> dict[str, AnySelect]:
    def of(*columns: Any) -> AnySelect:
        partner_id = columns[0].class_.partner_id
        return select(partner_id, *columns).where(is_among(partner_id, partner_ids))

    origin = select(Period.code).where(Period.id == Adjustment.origin_period_id).scalar_subquery()
    adjustments = (
        of(Adjustment.amount, Adjustment.reason_code, origin.label("origin"))
        .where(Adjustment.period_id == period.id, Adjustment.approved_at.is_not(None))
        .order_by(Adjustment.id)
    )
    lines = select_approved_lines(PeriodCode.parse(period.code), partner_ids)
    return {
        "lines": lines if at is None else lines.where(Claim.decided_at <= at),
        "objectives": of(Objective.target, Objective.baseline)
        .where(Objective.period_id == period.id)
        .order_by(Objective.version.desc()),
        "competencies": of(Competency.code, Competency.starts_on, Competency.ends_before)
        .where(
            Competency.starts_on < period.ends_before,
            or_(Competency.ends_before.is_(None), Competency.ends_before > period.starts_on),
        )
        .order_by(Competency.code, Competency.starts_on),
        "csat": of(SatisfactionScore.score).where(SatisfactionScore.period_id == period.id),
        "adjustments": adjustments if at is None else adjustments.where(Adjustment.approved_at <= at),
        "carried": of(MarginResult.carry_out).where(_approved_before(period), ~_settled_by_two(at)),
        "prior": select_prior(period, at, partner_ids),
        "changes": of(SegmentChange.changes_on, SegmentChange.before)
        .where(SegmentChange.changes_on > period.starts_on)
        .order_by(SegmentChange.changes_on),
    }
