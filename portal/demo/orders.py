"""The vendor's order lines, in the half-monthly files in which they came."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from portal.calendar import paris_date
from portal.claims.workflow import ClaimState
from portal.demo import names
from portal.demo.arvelia import CANCELLED_LATER
from portal.demo.calendar import PERIODS, TODAY, cut_off_on, instant
from portal.demo.customers import FAMILIES, Customer
from portal.demo.firms import ARVELIA, OVERDRAWN, Firm
from portal.demo.history import draw_amount
from portal.demo.story import Line, Story, line_id
from portal.money import round_cents

UNCLAIMED_A_MONTH = 40
NAMING_A_MONTH = 14
LATE = 0.012  # of orders are cancelled after their period was stated
SILENT = (ClaimState.WITHDRAWN, ClaimState.EXPIRED)


@dataclass(frozen=True)
class Order:
    """One line of an order, as the vendor's file gives it."""

    order_no: str
    line_no: int
    reseller: str
    reseller_code: str
    named_code: str
    agreement: str
    enrolment_no: str
    customer: Customer
    family: str
    amount: Decimal
    ordered_at: datetime
    status: str = "booked"
    version: int = 1
    told_on: date | None = None  # where it differs from the usual delay
    claimant_id: int | None = None
    claim_line_id: int | None = None

    @property
    def ordered_on(self) -> date:
        """The day of the order in Paris."""
        return paris_date(self.ordered_at)

    @property
    def file_on(self) -> date:
        """The day of the file it comes in: the 20th, or the 5th of the next month."""
        on = self.told_on or self.ordered_on
        if on.day <= 15:
            return on.replace(day=20)
        return (on.replace(day=1) + timedelta(days=32)).replace(day=5)


def build_files(
    stories: Iterable[Story], firms: list[Firm], customers: list[Customer]
) -> dict[date, list[Order]]:
    """All order lines by the day of their file; those after the demo's day are still to be imported."""
    rng = Random("palier:orders")
    files: dict[date, list[Order]] = defaultdict(list)
    for story in stories:
        for order in _orders_of(rng, story):
            files[order.file_on].append(order)
    for order in _others(rng, firms, customers):
        files[order.file_on].append(order)
    return dict(sorted(files.items()))


def _orders_of(rng: Random, story: Story) -> Iterator[Order]:
    answer = story.order
    if answer == "CANCELLED" and story.ordered_on >= story.period.last_day - timedelta(days=40):
        answer = "NONE"  # the cancellation would come after the close
    if story.state in SILENT and rng.random() < 0.5:
        return
    if answer == "SHARED" or (answer == "NONE" and not _comes_late(story)):
        return
    order_no = story.order_no or f"V{story.ordered_on:%y%m}{rng.randrange(10**6):06d}"
    if answer == "PROBABLE":
        order_no = f"V{story.ordered_on:%y%m}P{rng.randrange(10**5):05d}"
    late = _cancelled_late(rng, story)
    for place, line in enumerate(story.lines, 1):
        order = _order(story, line, order_no, place)
        if answer == "GAP" and place == 1:
            order = replace(order, amount=round_cents(order.amount * Decimal(rng.randint(70, 97)) / 100))
        elif answer == "PROBABLE":
            order = replace(
                order, amount=round_cents(order.amount * Decimal(rng.randint(88, 112)) / 100), enrolment_no=""
            )
        elif answer == "NONE":
            order = replace(order, told_on=TODAY)
        yield order
        if cancelled_on := order.file_on if answer == "CANCELLED" else late:
            yield replace(order, status="cancelled", version=2, told_on=cancelled_on)


def _cancelled_late(rng: Random, story: Story) -> date | None:
    """The day an order was cancelled after its period had been stated."""
    again, days = rng.random(), rng.randint(60, 95)
    if story.order_no in CANCELLED_LATER:
        return CANCELLED_LATER[story.order_no]
    if story.firm.id == ARVELIA or story.period not in PERIODS[:2] or not story.counts:
        return None
    chosen = story.firm.id == OVERDRAWN and story.period == PERIODS[1]
    return cut_off_on(story.period) + timedelta(days=days) if chosen or again < LATE else None


def _comes_late(story: Story) -> bool:
    """What Arvélia waits for arrives with the next file."""
    return story.firm.id == ARVELIA and story.state is ClaimState.APPROVED


def _order(story: Story, line: Line, order_no: str, place: int) -> Order:
    reseller = story.reseller
    assert story.ordered_at is not None
    return Order(
        order_no=order_no,
        line_no=place,
        reseller=reseller.name if reseller else "Comptoir des Licences",
        reseller_code=reseller.code if reseller else "",
        named_code=story.firm.code if story.id % 3 else "",
        agreement=line.agreement,
        enrolment_no=story.enrolment_no,
        customer=story.customer,
        family=line.family,
        amount=line.declared,
        ordered_at=story.ordered_at,
        told_on=story.ordered_on if story.ordered_on.month != paris_date(story.ordered_at).month else None,
        claimant_id=story.firm.id,
        claim_line_id=line_id(story, place),
    )


def _others(rng: Random, firms: list[Firm], customers: list[Customer]) -> Iterator[Order]:
    """Orders that nobody claimed; some of them name a partner all the same."""
    resellers = [firm for firm in firms if firm.segment in ("LAR", "SMB_D")]
    followed = [firm for firm in firms if firm.dedicated and firm.pam_id]
    month = PERIODS[0].starts_on
    while month < TODAY:
        named = [rng.choice(followed).code for _ in range(NAMING_A_MONTH)] + [""] * UNCLAIMED_A_MONTH
        if month in (date(2026, 10, 1), date(2026, 11, 1)):
            named.append(firms[ARVELIA - 1].code)
        for code in named:
            yield _other(
                rng,
                month + timedelta(days=rng.randrange(27)),
                rng.choice(resellers),
                rng.choice(customers),
                code,
            )
        month = (month + timedelta(days=32)).replace(day=1)


def _other(rng: Random, on: date, reseller: Firm, customer: Customer, named: str) -> Order:
    family = rng.choice(list(FAMILIES))
    return Order(
        order_no=f"V{on:%y%m}N{rng.randrange(10**5):05d}",
        line_no=1,
        reseller=reseller.name if rng.random() < 0.8 else f"{names.word(rng)} Direct",
        reseller_code=reseller.code if rng.random() < 0.8 else "",
        named_code=named,
        agreement=rng.choice(("CSP", "EA", "OPEN")),
        enrolment_no=f"E{rng.randrange(10**7):07d}" if rng.random() < 0.3 else "",
        customer=customer,
        family=family,
        amount=draw_amount(rng, family),
        ordered_at=instant(on, rng.randint(8, 18), rng.randrange(60)),
    )
