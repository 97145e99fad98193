"""Statements of every hard kind that real data brings, each made by the portal's own builder and engine."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import cycle, islice
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from portal.calendar import PeriodCode
from portal.catalogue import programme
from portal.claims.workflow import ClaimState
from portal.margin.engine import Role, evaluate, parse_period_facts, parse_plan, result_document
from portal.margin.left_out import Exclusion, LeftOut
from portal.partners.models import Coverage, Segment
from portal.periods import Period
from portal.statements.document import build_document
from portal.statements.shape import ReasonWords, StatementDocument, Words
from portal.statements.sources import Issue, Sources
from tests.unit.engine.tables import ALL_ROLES, claim, component, facts, plan, tiers

LONG_NAME = "Société d’Ingénierie Informatique et de Services Managés du Grand Sud-Ouest Réunis"
FAMILIES = [row["code"] for row in programme.family_rows()]
REASONS = {row["code"]: row for row in programme.reason_rows()}
STAIR = tiers(("0", "0.015"), ("0.80", "0.025"), ("1.00", "0.04"))
BY_SLICES = component("ATTAINMENT_MARGINAL", tiers=STAIR, attainment_cap="1.30")
GATES = [
    {"type": "COMPETENCY_HELD", "code": "INFRA"},
    {"type": "MIN_PROJECTS", "count": 3},
    {"type": "MIN_CSAT", "score": "7.5"},
]
EVERY_SCHEME = [
    BY_SLICES | {"gates": [{"type": "MIN_ATTAINMENT", "value": "0.80"}]},
    component("MARGINAL", tiers=tiers(("0", "0.001"), ("50000", "0.002")), families=["SECURITY", "SQL"]),
    component("RETROACTIVE", tiers=tiers(("0", "0.001"), ("100000", "0.002")), cap="900.00"),
    component("ATTAINMENT_RETROACTIVE", tiers=tiers(("0.50", "0.001"), ("1.00", "0.002"))),
    component("INTERPOLATED", tiers=tiers(("0.80", "0.001"), ("1.20", "0.003"))),
    component("FLAT", rate="0.0033", families=FAMILIES[:5], rounding="LINE", multipliers={"SQL": "1.5"}, claim_cap="80.00"),
    component("FLAT", rate="0.01", families=["SECURITY"], gates=[{"type": "MIN_CSAT", "score": "9.5"}]),
    component("PER_PROJECT", amount="750.00", lead_only=True, min_credited="20000.00", max_projects=20),
    component("GROWTH", rate="0.03", min_growth="0.10", floor="100.00"),
]  # fmt: skip


def statement(
    locale: str,
    facts_document: dict[str, Any],
    *,
    name: str = "Arvélia Conseil",
    left: Sequence[LeftOut] = (),
    iban: str | None = "FR7600000000000000000004417",
    agreed: bool = True,
    changed: bool = False,
    **plan_keys: Any,
) -> StatementDocument:
    """The statement of P-00042 for FY26-H2, as the close would freeze it."""
    rules = plan(*plan_keys.pop("components", [BY_SLICES]), **plan_keys)
    result = result_document(evaluate(parse_plan(rules), parse_period_facts(facts_document)))
    row = SimpleNamespace(
        plan=rules, facts=facts_document, result=result, locale=locale, position=42, code="P-00042",
        legal_name=name, siren="000000042", segment=Segment.SSII, coverage=Coverage.DEDICATED,
        address="12, quai des Chartrons\nBâtiment B, troisième étage", postcode="33000", city="Bordeaux",
    )  # fmt: skip
    sources = Sources(
        results={1: row},
        pams={1: _pams(changed)},
        objectives={1: _objective(facts_document["target"])} if facts_document.get("target") else {},
        next_targets={1: Decimal("1550000.00")},
        previous={1: SimpleNamespace(number="R-FY26H1-000042", period="FY26-H1",
            payable=Decimal("5120.00"), carry_out=Decimal(facts_document.get("carry_in", "0.00")))},
        adjustments={1: _adjustments(facts_document)},
        billing={1: SimpleNamespace(iban=iban, vat_number=iban and "FR00000000042",
            self_billing_agreed_on=date(2025, 9, 12) if agreed else None)},
        lines={one["ref"]: _line(place, one) for place, one in enumerate(_lines_of(facts_document))},
        expiring={1: [SimpleNamespace(reference="D-FY27-000021", customer_name="Coopérative des Abers",
            confidential=changed, last_day=date(2026, 8, 3))]},
        left_out={1: left},
        words={locale: _words(locale)},
    )  # fmt: skip
    return build_document(1, cast(Sources, sources), ISSUE)


ISSUE = Issue(
    period=cast(Period, SimpleNamespace(code="FY26-H2", pays_on=date(2026, 8, 28))),
    cut_off_at=datetime(2026, 7, 15, 21, 59, tzinfo=UTC),
    computed_at=datetime(2026, 7, 16, 8, 12, tzinfo=UTC),
    issued_at=datetime(2026, 7, 20, 8, 0, tzinfo=UTC),
    verify_at="https://palier.example/verify/",
    seal=("FY26-H1", "5a" * 32),
)


def _coded(components: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one | {"code": f"C{place}"} for place, one in enumerate(components, 1)]


def _words(locale: str) -> Words:
    reasons = {
        code: ReasonWords(label=row[f"label_{locale}"], cure=row[f"cure_{locale}"])
        for code, row in REASONS.items()
    }
    families = {row["code"]: row[f"name_{locale}"] for row in programme.family_rows()}
    return Words(families=families, competencies={}, reasons=reasons)


def _pams(changed: bool) -> list[Any]:
    now = SimpleNamespace(
        name="Claire-Emmanuelle Vauquelin de La Tourette", phone="01 99 00 41 17",
        email="claire.emmanuelle.vauquelin@palier.example", starts_on=date(2026, 7, 1) if changed else date(2025, 1, 1),
    )  # fmt: skip
    return [now, SimpleNamespace(name="Marc Delorme")] if changed else [now]


def _objective(target: str) -> Any:
    return SimpleNamespace(
        target=Decimal(target), baseline=None, version=2, notified_at=datetime(2025, 12, 15, 9, tzinfo=UTC),
        accepted_at=datetime(2026, 1, 8, 9, tzinfo=UTC), accepted_by="Hélène Castagnier-Montferrand",
    )  # fmt: skip


def _lines_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    earlier = [one for part in document.get("earlier_parts", ()) for one in part["facts"]["claims"]]
    return [*earlier, *document["claims"]]


def _line(place: int, one: dict[str, Any]) -> Any:
    """The claim line behind a fact; one in seven is confidential, one in five has a long name."""
    long = place % 5 == 4
    return SimpleNamespace(
        reference=f"D-FY26-{place + 101:06d}", confidential=place % 7 == 6,
        customer_name="Communauté d’agglomération du Val d’Orge et des Trois-Rivières" if long else "Transports Aubrac",
        title="Modernisation du socle d’hébergement et de la supervision" if long else "Socle Azure",
        order_nos=None, order_no="CMD-871120", declared_amount=Decimal(one["approved"]) + 12,
        decided_by="Sylvain Aubrac-Delahaye" if long else "Marc Delorme",
        decided_at=datetime(2026, 3, 27, 9, tzinfo=UTC),
    )  # fmt: skip


def _sixty() -> dict[str, Any]:
    """Families, roles, shares and currencies in turn, orders spread over the period, one of a million."""
    kinds = cycle((
        {"roles": ALL_ROLES}, {"roles": ALL_ROLES[:2]}, {"roles": ALL_ROLES[:1], "lead": False},
        {"shares": {"P-00042": "0.80", "P-00311": "0.20"}, "lead": True}, {"roles": ALL_ROLES, "currency": "USD", "fx_rate": "1.0854"},
    ))  # fmt: skip
    lines = [
        {"ref": str(n), "family": FAMILIES[n % 8], "ordered_at": f"2026-0{1 + n % 6}-{1 + n % 28:02d}",
         "approved": "2345678.90" if n == 30 else f"{9000 + 613 * n}.37"} | kind
        for n, kind in enumerate(islice(kinds, 60))
    ]  # fmt: skip
    held = [{"code": "INFRA", "from": "2024-05-01", "until": None}]
    return facts(*lines, target="1450000.00", baseline="1200000.00", competencies=held, csat="8.1")


def _in_parts() -> dict[str, Any]:
    """A change of segment on 1 April, with periods paid in advance before."""
    before = {"partner": "P-00042", "target": "90000.00", "claims": [claim("72654.32", "1")],
        "proration": {"days": 90, "of": 181}}  # fmt: skip
    other = plan(BY_SLICES, partner_cap="700.00") | {"code": "ISV-FY26-H2", "segment": "ISV"}
    earlier = [{"plan": other, "until": "2026-04-01", "facts": before}]
    after = claim("97654.32", "2", ordered_at="2026-05-10")
    return facts(
        after, target="150000.00", proration={"days": 91, "of": 181}, prior_earnings="412.00"
    ) | {"earlier_parts": earlier}  # fmt: skip


def _corrected() -> dict[str, Any]:
    taken = [{"period": f"FY{year}-H{half}", "amount": "-1412.37", "reason": code}
        for code, (year, half) in zip(_codes("adjustment"), cycle(((25, 1), (25, 2), (26, 1))), strict=False)]  # fmt: skip
    return facts("187654.32", target="150000.00", adjustments=taken)


def _codes(kind: str) -> list[str]:
    return [code for code, row in REASONS.items() if row["kind"] == kind]


def _adjustments(document: dict[str, Any]) -> list[Any]:
    side = {"approved": "48000.00", "credited": "48000.00"}
    told = [
        {"what": "line", "ref": "D-FY26-000047/1", "before": side, "after": None},
        {"what": "target", "before": "150000.00", "after": "165000.00"},
        {"what": "competencies", "before": ["INFRA"], "after": []},
    ]
    return [
        SimpleNamespace(
            period=one["period"], statement=f"R-{one['period'].replace('-', '')}-000042",
            reference="D-FY26-000047", reason_code=one["reason"], note="Avoir n° A-861377 du grossiste",
            amount=Decimal(one["amount"]), before=Decimal("15031.90") if place % 2 else None,
            changes=told if place % 3 == 1 else [], in_result=True,
        )
        for place, one in enumerate(document.get("adjustments", ()))
    ]  # fmt: skip


def _every_exclusion() -> list[LeftOut]:
    return _left(_codes("exclusion"), ClaimState.APPROVED)


def _refused() -> list[LeftOut]:
    return _left(_codes("refusal"), ClaimState.REJECTED)


def _left(codes: Sequence[str], state: ClaimState) -> list[LeftOut]:
    return [
        LeftOut(
            partner_id=1, claim_id=UUID(int=place), ref=f"D-FY26-{place:06d}", reference=f"D-FY26-{place:06d}",
            customer_name=LONG_NAME if place % 6 == 5 else "Mairie de Saint-Évroult",
            confidential=place % 4 == 3, family=FAMILIES[place % len(FAMILIES)], amount=Decimal("122000.00"),
            state=state, reason=code, last_day=date(2026, 8, 19) if place % 2 else None,
            counts_in=PeriodCode.parse("FY27-H1") if code == Exclusion.OTHER_PERIOD else None,
            roles=tuple(Role), share=Decimal("0.5") if place % 5 == 4 else None, ordered_on=date(2026, 3, 1),
        )
        for place, code in enumerate(codes)
    ]  # fmt: skip


KINDS: dict[str, Callable[[str], StatementDocument]] = {
    "nothing": lambda locale: statement(locale, facts(target="150000.00"), left=_every_exclusion()),
    "no objective": lambda locale: statement(
        locale, facts("900.00", carry_in="88.10"), min_payout="150.00", agreed=False
    ),
    "condition not met": lambda locale: statement(
        locale, facts("187654.32", target="150000.00", csat="6.1"), gates=GATES
    ),
    "negative": lambda locale: statement(locale, _corrected()),
    "invoice to send": lambda locale: statement(locale, facts("187654.32", carry_in="-50.00"), agreed=False,
        components=[component("FLAT", rate="0.02")]),
    "advanced": lambda locale: statement(
        locale, facts("187654.32", target="150000.00", prior_earnings="9000.00"), true_up="POSITIVE_ONLY"
    ),
    "in parts, paid in advance, on hold": lambda locale: statement(locale, _in_parts(), iban=None, changed=True),
    "sixty claims": lambda locale: statement(locale, _sixty(), components=_coded(EVERY_SCHEME), gates=GATES,
        measure={"claim_cap": "2000000.00", "weights": {"SQL": "1.25"}}, partner_cap="130000.00",
        name=LONG_NAME, left=_refused(), changed=True),
    "replacing another": lambda locale: _replacing(statement(locale, facts("187654.32", target="150000.00"))),
}  # fmt: skip


def _replacing(document: StatementDocument) -> StatementDocument:
    document["version"], document["replaces"] = 2, "R-FY26H2-000042"
    return document
