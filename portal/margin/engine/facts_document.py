"""From the facts document of one partner to the facts, refusing whatever the rules do not know."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from portal.calendar import paris_date
from portal.margin.engine.facts import ZERO, Adjustment, ClaimLine, Competency, EarlierPart, Facts, Proration
from portal.margin.engine.faults import FaultAt
from portal.margin.engine.plan import Role
from portal.margin.engine.plan_document import parse_plan
from portal.margin.engine.reading import Fields, list_of, map_of
from portal.margin.engine.values import (
    amount,
    amount_from_zero,
    choice,
    day,
    flag,
    free_text,
    period,
    rate,
    rate_from_zero,
    text,
    whole,
    whole_above_zero,
)
from portal.money import exactly, plain

_FACTS_KEYS = frozenset(
    (
        "partner",
        "claims",
        "target",
        "baseline",
        "proration",
        "competencies",
        "csat",
        "prior_earnings",
        "adjustments",
        "carry_in",
        "closes_fiscal_year",
    )
)
_CLAIM_KEYS = frozenset(
    (
        "ref",
        "family",
        "ordered_at",
        "approved",
        "roles",
        "shares",
        "project",
        "lead",
        "currency",
        "fx_rate",
    )
)
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2})?)(?:\.[0-9]+)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_DAY = re.compile(r"[0-9-]{10}")
_CURRENCY = re.compile(r"[A-Z]{3}")


def parse_facts(document: object) -> Facts:
    """The facts that a document tree describes; FaultAt carries every fault found."""
    fields = Fields(document, _FACTS_KEYS, "facts")
    partner = fields.take("partner", text)
    facts = Facts(
        partner=partner,
        claims=fields.take("claims", partial(_read_claims, partner if fields.sound else "")),
        target=fields.take("target", amount, None),
        baseline=fields.take("baseline", amount, None),
        proration=fields.take("proration", _read_proration, None),
        competencies=fields.take("competencies", _read_competencies, ()),
        csat=fields.take("csat", rate, None),
        prior_earnings=fields.take("prior_earnings", amount_from_zero, ZERO),
        adjustments=fields.take("adjustments", _read_adjustments, ()),
        carry_in=fields.take("carry_in", amount, ZERO),
        closes_fiscal_year=fields.take("closes_fiscal_year", flag, False),
    )
    fields.end()
    return facts


def parse_period_facts(document: Mapping[str, Any]) -> Facts:
    """The facts of a whole period, as the portal keeps them: the parts under earlier plans are in them."""
    if "earlier_parts" not in document:
        return parse_facts(document)
    parts = [
        EarlierPart(parse_plan(part["plan"]), parse_facts(part["facts"]), day(part["until"]))
        for part in document["earlier_parts"]
    ]
    facts = parse_facts({key: value for key, value in document.items() if key != "earlier_parts"})
    return replace(facts, earlier=tuple(parts))


def _read_claims(partner: str, value: object) -> tuple[ClaimLine, ...]:
    claims = list_of(partial(_read_claim, partner))(value)
    met: set[str] = set()
    for position, claim in enumerate(claims):
        if claim.ref in met:
            raise FaultAt(f"[{position}].ref", "ref_taken", name=claim.ref)
        met.add(claim.ref)
    return claims


def _read_claim(partner: str, value: object) -> ClaimLine:
    fields = Fields(value, _CLAIM_KEYS, "a claim")
    roles = fields.take("roles", _read_roles, None)
    claim = ClaimLine(
        ref=fields.take("ref", text),
        family=fields.take("family", text),
        ordered_on=fields.take("ordered_at", read_order_date),
        ordered_at=fields.take("ordered_at", _instant, None),
        approved=fields.take("approved", amount_from_zero),
        roles=roles or (),
        shares=fields.take("shares", _read_shares, None),
        project=fields.take("project", text, ""),
        lead=fields.take("lead", flag, None),
        currency=fields.take("currency", _read_currency, "EUR"),
        fx_rate=fields.take("fx_rate", rate, None),
    )
    if fields.sound:
        _compare(fields, claim, partner, credited_by_roles=roles is not None)
    fields.end()
    return claim


def _compare(fields: Fields, claim: ClaimLine, partner: str, *, credited_by_roles: bool) -> None:
    if claim.shares is None and not credited_by_roles:
        fields.fault("roles", "roles_missing")
    if claim.shares is not None and partner and partner not in claim.shares:
        fields.fault("shares", "shares_without_partner", partner=partner)
    if claim.currency == "EUR" and claim.fx_rate is not None:
        fields.fault("fx_rate", "rate_in_euro")
    if claim.currency != "EUR" and claim.fx_rate is None:
        fields.fault("fx_rate", "rate_missing", currency=claim.currency)
    if claim.fx_rate is not None and claim.fx_rate <= 0:
        fields.fault("fx_rate", "rate_not_above_zero")


def _instant(value: object) -> str | None:
    return value if isinstance(value, str) and not _DAY.fullmatch(value) else None


def read_order_date(value: object) -> date:
    """The day in Paris of an order: a day, or an instant with its offset."""
    found = _order_date(text(value))
    if isinstance(found, str):
        raise FaultAt("", found)
    return found


@lru_cache(4096)
def _order_date(written: str) -> date | str:
    instant = _INSTANT.fullmatch(written)
    if instant is None:
        try:
            return day(written)
        except FaultAt:
            return "not_day_or_instant"
    if instant[2] is None:
        return "no_offset"
    try:
        return paris_date(datetime.fromisoformat(instant[1] + instant[2]))
    except (ValueError, OverflowError):
        return "no_such_instant"


_read_words = list_of(choice(Role))


def _read_roles(value: object) -> tuple[Role, ...]:
    roles = _read_words(value)
    for position, role in enumerate(roles):
        if role in roles[:position]:
            raise FaultAt(f"[{position}]", "repeats", name=role.value)
    return roles


def _read_shares(value: object) -> dict[str, Decimal]:
    shares = map_of(rate_from_zero)(value)
    with exactly():
        whole_line = sum(shares.values(), Decimal(0))
    if whole_line != 1:
        raise FaultAt("", "not_one", sum=plain(whole_line))
    return shares


def _read_currency(value: object) -> str:
    if not _CURRENCY.fullmatch(text(value)):
        raise FaultAt("", "not_currency")
    return str(value)


def _read_proration(value: object) -> Proration:
    fields = Fields(value, {"days", "of"}, "proration")
    proration = Proration(days=fields.take("days", whole), of=fields.take("of", whole_above_zero))
    fields.end()
    return proration


def _read_competency(value: object) -> Competency:
    fields = Fields(value, {"code", "from", "until"}, "a competency")
    competency = Competency(
        code=fields.take("code", text),
        starts_on=fields.take("from", day),
        ends_before=fields.take("until", day, None),
    )
    fields.end()
    return competency


def _read_adjustment(value: object) -> Adjustment:
    fields = Fields(value, {"period", "amount", "reason"}, "an adjustment")
    adjustment = Adjustment(
        period=fields.take("period", period),
        amount=fields.take("amount", amount),
        reason=fields.take("reason", free_text, None),
    )
    fields.end()
    return adjustment


_read_competencies = list_of(_read_competency)
_read_adjustments = list_of(_read_adjustment)
