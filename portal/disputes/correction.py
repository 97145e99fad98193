"""What an accepted line changes of what the period earned: the amount of its adjustment, after caps."""

from dataclasses import replace
from decimal import Decimal

from portal.disputes.suspension import inputs_of
from portal.margin.engine import Facts, Plan, evaluate, settle_payment
from portal.money import ZERO
from portal.statements.models import DisputedKind, DisputedLine, Statement

_AS_STATED = frozenset({DisputedKind.ADJUSTMENT, DisputedKind.CARRY_IN})  # no cap stands after them


def correction_of(statement: Statement, line: DisputedLine) -> Decimal | None:
    """What is owed beyond what is stated, were the line what the firm expected; none where nobody can say."""
    if line.expected is None or line.kind is DisputedKind.NOT_COUNTED:
        return None
    if line.kind in _AS_STATED:
        return line.expected - (line.stated or ZERO)
    plan, facts = inputs_of(statement)
    if line.kind is DisputedKind.COMPONENT:
        return _of_component(plan, facts, line.key, line.expected)
    changed = _expected(facts, line.kind, line.key, line.expected)
    return evaluate(plan, changed).payment.earnings - evaluate(plan, facts).payment.earnings


def _of_component(plan: Plan, facts: Facts, code: str, expected: Decimal) -> Decimal | None:
    """What the component adds once the limit of the partner is applied again."""
    result = evaluate(plan, facts)
    stated = [one.amount for one in result.components if one.component.code == code]
    if len(stated) != 1:
        return None
    gross = sum((one.amount for one in result.components), ZERO) + expected - stated[0]
    earlier = [part.payment for part in result.earlier]
    return settle_payment(plan, facts, gross, earlier=earlier).earnings - result.payment.earnings


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
