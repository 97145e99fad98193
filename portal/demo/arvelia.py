"""Arvélia Conseil, P-00042: its FY26-H2 is the worked example of the margin rules, to the cent."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from portal.calendar import PeriodCode, add_working_days
from portal.claims.workflow import Action
from portal.demo.calendar import NOW, instant
from portal.demo.customers import TITLES, Customer, type_of
from portal.demo.firms import ARVELIA, SHARES_WITH_ARVELIA, Firm
from portal.demo.outcomes import NOTES
from portal.demo.story import Line, Proof, Step, Story

ALL = ("PRESCRIBE", "DESIGN", "INTEGRATE", "DEPLOY")
LED = ("PRESCRIBE", "DESIGN")
THREE = ("PRESCRIBE", "DESIGN", "INTEGRATE")
# What an order of an earlier period lost after its statement, day by day.
CANCELLED_LATER = {"V2503040042": date(2025, 10, 14), "V2510150042": date(2026, 3, 18)}
AFTER_MIDNIGHT = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)  # 1 July in Paris


@dataclass(frozen=True)
class Told:
    """One claim in short: what, when ordered, which family and amount, and how it ended."""

    period: str
    on: date
    family: str
    amount: str
    roles: tuple[str, ...]
    end: str = "approved"
    approved: str | None = None
    share: str | None = None
    reason: str | None = None
    order: str = "EXACT"
    order_no: str | None = None
    wait: int = 6
    place: int = 0


TOLD = (
    Told("FY25-H2", date(2025, 3, 4), "M365", "40000.00", ALL, order_no="V2503040042"),
    Told("FY25-H2", date(2025, 4, 10), "SQL", "30000.00", LED),
    Told("FY25-H2", date(2025, 5, 14), "SECURITY", "25000.00", ALL),
    Told("FY25-H2", date(2025, 6, 3), "WIN_SERVER", "22000.00", LED),
    Told("FY26-H1", date(2025, 10, 15), "AZURE_INFRA", "41237.00", ALL, order_no="V2510150042"),
    Told("FY26-H1", date(2025, 9, 18), "SECURITY", "26373.00", ALL),
    Told("FY26-H1", date(2025, 11, 6), "M365", "9400.00", LED),
    Told("FY26-H1", date(2025, 11, 19), "EXCHANGE", "12000.00", LED, "rejected", reason="UNDATED"),
    # The nine claims of the worked example, in its order.
    Told("FY26-H2", date(2026, 1, 27), "M365", "48000.00", ALL, place=1),
    Told("FY26-H2", date(2026, 2, 19), "AZURE_INFRA", "85250.40", ALL, place=2),
    Told("FY26-H2", date(2026, 3, 10), "SQL", "27415.33", LED, place=3),
    Told("FY26-H2", date(2026, 4, 8), "SECURITY", "54321.09", ALL, "shared", share="0.80", place=4),
    Told(
        "FY26-H2",
        date(2026, 4, 22),
        "WIN_SERVER",
        "22000.00",
        LED,
        "rejected",
        reason="EVIDENCE_AFTER_ORDER",
        place=5,
    ),
    Told("FY26-H2", date(2026, 5, 20), "WIN_SERVER", "24900.00", LED, place=6),
    Told("FY26-H2", date(2026, 6, 30), "M365", "30000.00", LED, wait=1, place=7),
    Told(
        "FY26-H2",
        date(2026, 5, 12),
        "SYSTEM_CENTER",
        "12600.00",
        ALL,
        "appealed",
        reason="NO_PRIMARY_EVIDENCE",
        place=8,
    ),
    Told("FY26-H2", date(2026, 6, 4), "EXCHANGE", "9000.00", LED, "withdrawn", order="NONE", place=9),
    # The open half-year: lively.
    Told("FY27-H1", date(2026, 7, 15), "AZURE_INFRA", "52300.00", ALL),
    Told("FY27-H1", date(2026, 8, 26), "SECURITY", "31250.80", ALL),
    Told("FY27-H1", date(2026, 9, 16), "SQL", "28400.00", LED),
    Told(
        "FY27-H1",
        date(2026, 9, 29),
        "M365",
        "26000.00",
        THREE,
        approved="21500.00",
        reason="PRODUCT_NOT_NAMED",
    ),
    Told("FY27-H1", date(2026, 10, 7), "WIN_SERVER", "14800.00", LED, order="NONE"),
    Told(
        "FY27-H1",
        date(2026, 10, 14),
        "EXCHANGE",
        "8200.00",
        LED,
        "rejected",
        reason="EVIDENCE_AFTER_ORDER",
        wait=12,
    ),
    Told("FY27-H1", date(2026, 10, 20), "POWER_PLATFORM", "9600.00", LED, order="PROBABLE"),
    Told("FY27-H1", date(2026, 11, 3), "M365", "18600.00", ALL, "asked", reason="SIGNATURE_ASKED"),
    Told("FY27-H1", date(2026, 11, 5), "AZURE_INFRA", "33000.00", ALL, "in_review"),
    Told("FY27-H1", date(2026, 11, 17), "SYSTEM_CENTER", "11900.00", LED, "submitted", wait=3),
    Told("FY27-H1", date(2026, 11, 18), "SECURITY", "23450.00", THREE, "draft"),
)


def build_arvelia(firms: list[Firm], customers: list[Customer]) -> Iterator[Story]:
    """Arvélia's claims, and the one that Brisquel & Fils shares with it."""
    firm = firms[ARVELIA - 1]
    private = [customer for customer in customers if not customer.public]
    for number, told in enumerate(TOLD):
        story = _story(firm, private[number * 31 + 7], told)
        yield story.tell(_steps(story, told), until=NOW)
        if told.share:
            other = replace(
                told, share=str(1 - Decimal(told.share)), roles=("DESIGN", "DEPLOY"), wait=told.wait + 2
            )
            shared = _story(firms[SHARES_WITH_ARVELIA - 1], story.customer, other)
            shared.order = "SHARED"
            yield shared.tell(_steps(shared, other), until=NOW)


def _story(firm: Firm, customer: Customer, told: Told) -> Story:
    approved = None
    if told.end in ("approved", "shared"):
        approved = Decimal(told.approved or told.amount)
    line = Line(
        told.family, Decimal(told.amount), approved, told.reason if told.approved else None,
        Decimal(told.share) if told.share else None,
    )  # fmt: skip
    return Story(
        firm=firm,
        period=PeriodCode.parse(told.period),
        customer=customer,
        title=TITLES[told.family][0],
        project_type=type_of(told.family),
        roles=told.roles,
        lines=[line],
        signed_on=told.on - timedelta(days=12),
        ordered_on=told.on,
        ordered_at=AFTER_MIDNIGHT if told.place == 7 else instant(told.on, 11, 20),
        created_at=instant(told.on, 14, 5),
        author_id=firm.people[-1] if told.place % 2 else firm.admin_id,
        order_no=told.order_no or f"V{told.on:%y%m%d}{told.place:02d}42",
        proofs=[
            Proof("SIGNED_SOW", told.on - timedelta(days=12), 0),
            Proof("ARCHITECTURE_FILE", told.on - timedelta(days=5), 1),
        ],
        order=told.order,
    )


def _steps(story: Story, told: Told) -> Iterator[Step]:
    """The usual steps at the pace of a good file."""
    pace = _Pace(story, told)
    if told.end == "draft":
        return
    yield Step(Action.SUBMIT, pace.at(0, 10), story.author_id)
    if told.end == "submitted":
        return
    if told.end == "withdrawn":
        yield Step(Action.WITHDRAW, pace.at(3, 9), story.author_id)
        return
    yield Step(Action.TAKE, pace.at(1, 9), pace.pam(1))
    yield from ENDS[told.end](story, told, pace)


class _Pace:
    """Working days counted from the submission."""

    def __init__(self, story: Story, told: Told) -> None:
        self.story, self.told = story, told

    def at(self, days: int, hour: int) -> datetime:
        """That many working days later."""
        return instant(add_working_days(self.told.on, self.told.wait + days), hour, 12)

    def pam(self, days: int) -> int:
        """Who follows the firm by then."""
        return self.story.firm.pam_on(add_working_days(self.told.on, self.told.wait + days))


def _approved(story: Story, told: Told, pace: _Pace) -> Iterator[Step]:
    if story.second_needed:
        yield Step(Action.PASS_ON, pace.at(3, 17), pace.pam(3))
        yield Step(Action.APPROVE_SECOND, pace.at(5, 11), story.lead_id)
    else:
        yield Step(Action.APPROVE, pace.at(4, 16), pace.pam(4))


def _shared(story: Story, told: Told, pace: _Pace) -> Iterator[Step]:
    yield Step(Action.FIND_CONFLICT, pace.at(3, 10), story.lead_id)
    yield Step(
        Action.GRANT, pace.at(9, 10), story.lead_id, note="Répartition convenue entre les deux sociétés."
    )


def _asked(story: Story, told: Told, pace: _Pace) -> Iterator[Step]:
    yield Step(Action.ASK, pace.at(3, 15), pace.pam(3), told.reason, NOTES[told.reason or ""])


def _rejected(story: Story, told: Told, pace: _Pace) -> Iterator[Step]:
    yield Step(Action.REJECT, pace.at(4, 16), pace.pam(4), told.reason)


def _appealed(story: Story, told: Told, pace: _Pace) -> Iterator[Step]:
    yield from _rejected(story, told, pace)
    yield Step(
        Action.APPEAL, pace.at(20, 11), story.author_id, note="Le dossier d'architecture daté est joint."
    )


ENDS: dict[str, Callable[[Story, Told, _Pace], Iterable[Step]]] = {
    "approved": _approved,
    "shared": _shared,
    "asked": _asked,
    "rejected": _rejected,
    "appealed": _appealed,
    "in_review": lambda story, told, pace: (),
}
