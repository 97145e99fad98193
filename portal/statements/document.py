"""From rows to the frozen document: facts as they are, nothing formatted."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from portal.calendar import PeriodCode, paris_date
from portal.db import AnyRow
from portal.margin import engine
from portal.margin.engine import (
    Plan,
    attainment_bar,
    credit_line,
    evaluate,
    next_tier,
    parse_period_facts,
    parse_plan,
    plan_on,
    with_line,
)
from portal.margin.kept import trace_again
from portal.margin.left_out import Exclusion, LeftOut
from portal.money import plain
from portal.statements.shape import (
    SHAPE,
    Adjustment,
    Bar,
    BarTier,
    CountedClaim,
    Expiring,
    Next,
    NextTier,
    NotCounted,
    Objective,
    Pam,
    Partner,
    Payment,
    Previous,
    PreviousPam,
    Seal,
    StatementDocument,
    Vendor,
    Words,
)
from portal.statements.shape import Period as PeriodShape
from portal.statements.sources import Issue, Sources

VENDOR_NAME, VENDOR_UNIT, VENDOR_EMAIL = "Palier", "Partner Sales Team", "releves@pst.example"


def number_of(period_code: str, serial: int) -> str:
    """`R-FY26H2-000042`."""
    return f"R-{period_code.replace('-', '')}-{serial:06d}"


def build_document(partner_id: int, sources: Sources, issue: Issue) -> StatementDocument:
    """The statement of one partner, whole."""
    row, period = sources.results[partner_id], PeriodCode.parse(issue.period.code)
    plan, facts = parse_plan(row.plan), parse_period_facts(row.facts)
    found = evaluate(plan, facts)
    result = trace_again(row.result, found)
    claims = _claims(result, sources.lines)
    left = [_not_counted(one, found) for one in sources.left_out.get(partner_id, ())]
    adjustments = [_adjustment(one) for one in sources.adjustments.get(partner_id, ())]
    payment = _payment(row, sources.billing.get(partner_id), issue)
    return StatementDocument(
        shape=SHAPE,
        locale=row.locale,
        number=number_of(issue.period.code, row.position),
        version=1,
        replaces=None,
        kind="FINAL",
        period=PeriodShape(
            code=str(period), starts_on=period.starts_on.isoformat(), last_day=period.last_day.isoformat()
        ),
        computed_at=issue.computed_at.isoformat(timespec="seconds"),
        issued_on=issue.issued_on.isoformat(),
        dispute_until=issue.dispute_until.isoformat(),
        verify_at=issue.verify_at,
        vendor=Vendor(name=VENDOR_NAME, unit=VENDOR_UNIT, programme=row.segment.value, email=VENDOR_EMAIL),
        partner=_partner(row),
        pam=_pam(sources.pams.get(partner_id, []), period),
        objective=_objective(sources.objectives.get(partner_id)),
        previous=_previous(sources.previous.get(partner_id)),
        bar=_bar(plan),
        result=result,
        claims=claims,
        not_counted=left,
        adjustments=adjustments,
        next=_next(partner_id, next_tier(found), sources, period),
        payment=payment,
        seal=Seal(period=issue.seal[0], sha256=issue.seal[1]) if issue.seal else None,
        words=_words(sources.words[row.locale], result, claims, left, adjustments, payment),
    )


def _partner(row: AnyRow) -> Partner:
    address = [*row.address.splitlines(), f"{row.postcode} {row.city}".strip()]
    return Partner(
        code=row.code,
        name=row.legal_name,
        siren=row.siren,
        segment=row.segment.value,
        coverage=row.coverage.value,
        address=[line for line in address if line],
    )


def _pam(assignments: Sequence[AnyRow], period: PeriodCode) -> Pam:
    """The one PAM; the one before too, where the change fell in the period or since."""
    if not assignments:
        return Pam(name="–", phone="", email="", since=period.starts_on.isoformat(), previous=None)
    now, before = assignments[0], assignments[1:2]
    previous = None
    if before and now.starts_on > period.starts_on:
        previous = PreviousPam(name=before[0].name, until=now.starts_on.isoformat())
    return Pam(
        name=now.name, phone=now.phone, email=now.email, since=now.starts_on.isoformat(), previous=previous
    )


def _objective(row: AnyRow | None) -> Objective | None:
    if row is None:
        return None
    return Objective(
        target=plain(row.target),
        baseline=None if row.baseline is None else plain(row.baseline),
        version=row.version,
        notified_on=paris_date(row.notified_at).isoformat(),
        accepted_on=row.accepted_at and paris_date(row.accepted_at).isoformat(),
        accepted_by=row.accepted_by,
    )


def _previous(row: AnyRow | None) -> Previous | None:
    if row is None:
        return None
    return Previous(
        number=row.number, period=row.period, payable=plain(row.payable), carry_out=plain(row.carry_out)
    )


def _bar(plan: Plan) -> Bar | None:
    bar = attainment_bar(plan)
    if bar is None:
        return None
    return Bar(
        component=bar.component,
        tiers=[BarTier(percent=_short(tier.percent), rate=plain(tier.rate)) for tier in bar.tiers],
        gates=[_short(gate) for gate in bar.gates],
        cap=None if bar.cap is None else _short(bar.cap),
    )


def _short(percent: Decimal) -> str:
    """Without zeros at the end: `80`, not `80.00`."""
    text = plain(percent)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _claims(result: Mapping[str, Any], lines: Mapping[str, AnyRow]) -> list[CountedClaim]:
    """Every line that is credited something or could be: those left out are told apart."""
    counted = [credit for credit in result["trace"]["claims"] if "in_euros" in credit]
    return [_claim(credit, lines[credit["ref"]]) for credit in counted]


def _claim(credit: Mapping[str, Any], line: AnyRow) -> CountedClaim:
    return CountedClaim(
        ref=credit["ref"],
        reference=line.reference,
        customer=None if line.confidential else line.customer_name,
        project="" if line.confidential else line.title,
        family=credit["family"],
        roles=credit["roles"],
        order_no=line.order_nos or line.order_no,
        ordered_on=credit["ordered_on"],
        declared=plain(line.declared_amount),
        approved=credit["in_euros"],
        decided_by=line.decided_by or "",
        decided_on=paris_date(line.decided_at).isoformat() if line.decided_at else "",
    )


_WORTH_NOTHING = {Exclusion.WITHDRAWN, Exclusion.EXPIRED, Exclusion.CANCELLED, Exclusion.OTHER_PERIOD}


def _not_counted(left: LeftOut, found: engine.Result) -> NotCounted:
    """A claim left out, with what it would be credited and would add to what the period earns."""
    credit = margin = None
    if left.reason not in _WORTH_NOTHING:
        partner = found.facts.partner
        line = left.as_if_counted(partner)
        credit = plain(credit_line(plan_on(found, line.ordered_on), line, partner=partner).credited)
        then = with_line(found, line)
        margin = plain(then.payment.earnings - found.payment.earnings)
    return NotCounted(
        reference=left.reference,
        customer=None if left.confidential else left.customer_name,
        family=left.family,
        amount=plain(left.amount),
        state=left.state.value,
        reason=left.reason,
        credit=credit,
        margin=margin,
        last_day=left.last_day.isoformat() if left.last_day else None,
        counts_in=str(left.counts_in) if left.counts_in else None,
    )


def _adjustment(row: AnyRow) -> Adjustment:
    """With what the period earned before and after; not where the amount stands beside what it earned."""
    before = row.before if row.in_result else None
    return Adjustment(
        period=row.period,
        statement=row.statement,
        reference=row.reference,
        reason=row.reason_code,
        note=row.note,
        amount=plain(row.amount),
        before=None if before is None else plain(before),
        after=None if before is None else plain(before + row.amount),
        changes=row.changes,
    )


def _next(partner_id: int, tier: engine.NextTier | None, sources: Sources, period: PeriodCode) -> Next:
    target = sources.next_targets.get(partner_id)
    return Next(
        tier=_next_tier(tier) if tier else None,
        period=str(period.next),
        target=None if target is None else plain(target),
        expiring=[
            Expiring(
                reference=one.reference,
                customer=None if one.confidential else one.customer_name,
                last_day=one.last_day.isoformat(),
            )
            for one in sources.expiring.get(partner_id, ())
        ],
    )


def _next_tier(tier: engine.NextTier) -> NextTier:
    return NextTier(
        component=tier.component,
        start=plain(tier.start),
        on_attainment=tier.on_attainment,
        rate=plain(tier.rate),
        more=plain(tier.more),
        worth=plain(tier.worth),
    )


def _payment(row: AnyRow, billing: AnyRow | None, issue: Issue) -> Payment:
    """How the money travels, and what is missing for it to leave."""
    iban, vat_number = (billing.iban, billing.vat_number) if billing else (None, None)
    agreed_on = billing.self_billing_agreed_on if billing else None
    payable = Decimal(row.result["payable"]) > 0
    present = {"iban": iban, "vat_number": vat_number, "self_billing": agreed_on}
    missing = [name for name, value in present.items() if not value]
    held = payable and "iban" in missing
    return Payment(
        route=("SELF_BILLED" if agreed_on else "INVOICE") if payable else "NONE",
        expected_on=issue.period.pays_on.isoformat() if payable and not held else None,
        blockers=["ON_HOLD"] if held else [],
        missing=missing if payable else [],  # type: ignore[typeddict-item]  # the keys are the shape's
        iban_tail=iban[-4:] if iban else None,
        agreed_on=agreed_on.isoformat() if agreed_on else None,
    )


def _words(
    words: Words,
    result: Mapping[str, Any],
    claims: Iterable[CountedClaim],
    left: Iterable[NotCounted],
    adjustments: Iterable[Adjustment],
    payment: Payment,
) -> Words:
    """The words of the codes used here, no others."""
    families = {one["family"] for one in (*claims, *left)}
    for component in result["trace"]["components"]:
        families |= set(component["families"] or ()) | set(component["steps"].get("multipliers", ()))
    reasons = {one["reason"] for one in (*result["claims"], *left, *adjustments)} | set(payment["blockers"])
    return Words(
        families={code: name for code, name in words["families"].items() if code in families},
        competencies={},
        reasons={code: said for code, said in words["reasons"].items() if code in reasons},
    )
