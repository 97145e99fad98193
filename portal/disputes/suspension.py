"""How much of a payment rests on disputed lines: computed again without them, by the plan itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from sqlalchemy import select

from portal.db import db
from portal.disputes.lines import StatementLine
from portal.margin.engine import Facts, Plan, evaluate, parse_period_facts, parse_plan
from portal.margin.models import MarginResult, PlanVersion
from portal.money import ZERO
from portal.statements.models import DisputedKind, DisputedLine, Statement
from portal.statements.shape import StatementDocument


def suspensions(
    statement: Statement, already: Iterable[tuple[str, str]], lines: Sequence[StatementLine | DisputedLine]
) -> list[Decimal]:
    """What each line keeps of the payment, beyond the lines before it and those already disputed."""
    plan, facts = inputs_of(statement)
    document: StatementDocument = statement.document  # type: ignore[assignment]
    without = set(already)
    found, left = [], _still_paid(plan, facts, document, without)
    for line in lines:
        without.add((line.kind, line.key))
        then = min(left, _still_paid(plan, facts, document, without))
        found.append(left - then)
        left = then
    return found


def inputs_of(statement: Statement) -> tuple[Plan, Facts]:
    """The plan and the facts that the statement was computed from."""
    row = db.session.execute(
        select(MarginResult.facts, PlanVersion.document)
        .join(PlanVersion, PlanVersion.id == MarginResult.plan_id)
        .where(MarginResult.id == statement.result_id)
    ).one()
    return parse_plan(row.document), parse_period_facts(row.facts)


def _still_paid(
    plan: Plan, facts: Facts, document: StatementDocument, without: set[tuple[str, str]]
) -> Decimal:
    """What would be paid without these lines; at most what is stated, never less than nothing."""
    payable = Decimal(document["result"]["payable"])
    names = {kind: {key for of, key in without if of == kind} for kind in DisputedKind}
    gone = [
        Decimal(adjustment["amount"])
        for place, adjustment in enumerate(document["adjustments"], 1)
        if str(place) in names[DisputedKind.ADJUSTMENT]
    ]
    found = evaluate(*_without(plan, facts, names)).payment.balance
    return min(payable, max(found - sum((amount for amount in gone if amount > 0), ZERO), ZERO))


def _without(plan: Plan, facts: Facts, names: Mapping[DisputedKind, set[str]]) -> tuple[Plan, Facts]:
    """The inputs less what is named, in every part of the period."""
    claims = tuple(claim for claim in facts.claims if claim.ref not in names[DisputedKind.CLAIM])
    carried = ZERO if names[DisputedKind.CARRY_IN] and facts.carry_in > 0 else facts.carry_in
    components = tuple(
        component for component in plan.components if component.code not in names[DisputedKind.COMPONENT]
    )
    earlier = []
    for part in facts.earlier:
        its_plan, its_facts = _without(part.plan, part.facts, names)
        earlier.append(replace(part, plan=its_plan, facts=its_facts))
    known = replace(facts, claims=claims, carry_in=carried, earlier=tuple(earlier))
    return replace(plan, components=components), known
