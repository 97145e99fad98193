"""What an accepted line changes of what the period earned: the amount of its adjustment, after caps."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from portal.disputes.suspension import inputs_of
from portal.margin.engine import Facts, Plan, evaluate, settle_payment
from portal.money import ZERO
from portal.statements.models import DisputedKind, DisputedLine, Statement

_AS_STATED = frozenset({DisputedKind.ADJUSTMENT, DisputedKind.CARRY_IN})  # no cap stands after them


def correction_of(
    statement: Statement, line: DisputedLine, *, adjusted: Sequence[DisputedLine] = ()
) -> Decimal | None:
    """What is owed beyond what is stated, were the line what the firm expected; none where nobody can say.

    Lines of the statement that have their adjustment already count as expected before and after: a cap that
    they reach together is not passed twice.
    """
    if line.expected is None or line.kind is DisputedKind.NOT_COUNTED:
        return None
    if line.kind in _AS_STATED:
        return line.expected - (line.stated or ZERO)
    plan, facts = inputs_of(statement)
    before, after = _earned(plan, facts, adjusted), _earned(plan, facts, [*adjusted, line])
    return None if before is None or after is None else after - before


def _earned(plan: Plan, facts: Facts, lines: Sequence[DisputedLine]) -> Decimal | None:
    """What the period earns with these lines as expected; none where a component is not the plan's own."""
    agreed = {}
    for line in lines:
        if line.kind is DisputedKind.COMPONENT:
            agreed[line.key] = line.expected or ZERO
        elif line.expected is not None and line.kind not in _AS_STATED:
            facts = _expected(facts, line.kind, line.key, line.expected)
    result = evaluate(plan, facts)
    amounts = {one.code: one.amount for one in result.components}
    if not agreed.keys() <= amounts.keys():
        return None
    gross = sum((amounts | agreed).values(), ZERO)
    earlier = [part.payment for part in result.earlier]
    return settle_payment(plan, facts, gross, earlier=earlier).earnings


def _expected(facts: Facts, kind: DisputedKind, key: str, expected: Decimal) -> Facts:
    """The facts with the credit, or the objective, that the firm expected."""
    if kind is DisputedKind.OBJECTIVE:
        return replace(facts, target=expected, proration=None)
    claims = tuple(
        replace(
            claim, approved=expected, shares={facts.partner: Decimal(1)}, lead=claim.led, currency="EUR",
            fx_rate=None,
        )
        if claim.ref == key else claim
        for claim in facts.claims
    )  # fmt: skip
    parts = (replace(part, facts=_expected(part.facts, kind, key, expected)) for part in facts.earlier)
    return replace(facts, claims=claims, earlier=tuple(parts))
