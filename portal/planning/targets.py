"""Objectives of many partners at once: proposed from last year, or read from a spreadsheet, then set."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import and_, insert, select

from portal import audit, mail, objectives
from portal.calendar import PeriodCode
from portal.db import db
from portal.errors import Invalid, PeriodClosed
from portal.mail import Recipient
from portal.margin.facts import select_partners
from portal.margin.models import MarginResult, MarginRun, RunState
from portal.money import ZERO, NotANumber, exactly, plain, read_amount, round_cents
from portal.objectives.models import Objective
from portal.partners.models import Partner
from portal.periods.models import Period, PeriodState
from portal.planning.sheets import read_sheet
from portal.users.models import Role, User, UserState

COLUMNS = ("partner_code", "target", "baseline")


@dataclass(frozen=True)
class TargetLine:
    """One partner's objective to be: `fault` says why it is refused, `now` is the one that applies."""

    number: int
    code: str
    name: str = ""
    partner_id: int | None = None
    target: Decimal | None = None
    baseline: Decimal | None = None
    now: Decimal | None = None
    fault: str = ""

    @property
    def same(self) -> bool:
        """Whether it changes nothing."""
        return self.now is not None and self.now == self.target


def propose_targets(
    *, period: Period, segment: str, percent: Decimal, step: Decimal, minimum: Decimal
) -> list[tuple[str, str, str]]:
    """Last year's credited figures times a factor, rounded up to a step, at least the minimum; as a sheet."""
    code = PeriodCode.parse(period.code)
    before = str(PeriodCode(code.year - 1, code.part))
    run = (
        select(MarginRun.id)
        .join(Period, Period.id == MarginRun.period_id)
        .where(Period.code == before, MarginRun.state == RunState.APPROVED)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select_partners(period)
        .with_only_columns(Partner.code, MarginResult.credited)
        .outerjoin(MarginResult, and_(MarginResult.partner_id == Partner.id, MarginResult.run_id == run))
        .where(Partner.segment == segment)
        .order_by(Partner.code.collate("C"))
    )
    with exactly():
        factor = percent.scaleb(-2)
        return [
            (
                row.code,
                plain(max(_up((row.credited or ZERO) * factor, step), minimum)),
                "" if row.credited is None else plain(row.credited),
            )
            for row in rows
        ]


def _up(value: Decimal, step: Decimal) -> Decimal:
    """The next whole number of steps, itself included."""
    if not step:
        return round_cents(value)
    count, rest = divmod(value, step)
    return round_cents((count + (1 if rest else 0)) * step)


def check_targets(content: bytes, *, period: Period, may: Callable[[int], bool]) -> list[TargetLine]:
    """Each line of a sheet, with what is wrong in it; `may` tells for whom objectives may be set."""
    rows = [
        (number, dict(zip(COLUMNS, cells, strict=False))) for number, cells in read_sheet(content, COLUMNS)
    ]
    known = {
        row.code: row
        for row in db.session.execute(
            select_partners(period).with_only_columns(Partner.id, Partner.code, Partner.legal_name)
        )
    }
    told = objectives.objectives_of([row.id for row in known.values()], period.id)
    met: set[str] = set()
    lines = []
    for number, cells in rows:
        code = cells.get("partner_code", "").upper()
        row = known.get(code)
        if row is None or not may(row.id):
            lines.append(TargetLine(number, code, fault="target_partner_unknown"))
            continue
        line = TargetLine(
            number,
            code,
            row.legal_name,
            row.id,
            *_amounts(cells),
            now=told[row.id].target if row.id in told else None,
            fault="target_twice" if code in met else _fault(cells),
        )
        met.add(code)
        lines.append(line)
    return lines


def _amounts(cells: dict[str, str]) -> tuple[Decimal | None, Decimal | None]:
    return _amount(cells.get("target", "")), _amount(cells.get("baseline", ""))


def _amount(text: str) -> Decimal | None:
    bare = "".join(text.split()).removesuffix("€").replace(",", ".")
    try:
        value = read_amount(bare)
    except NotANumber:
        return None
    return value if value >= 0 else None


def _fault(cells: dict[str, str]) -> str:
    target, baseline = _amounts(cells)
    if target is None:
        return "target_amount"
    return "target_baseline" if baseline is None and cells.get("baseline", "").strip() else ""


def set_targets(
    *, period: Period, lines: Iterable[TargetLine], reason: str, actor_id: int, at: datetime
) -> int:
    """Tell each partner what to reach; what is the same stays, what changes is a version with its reason."""
    if period.state is not PeriodState.OPEN:
        raise PeriodClosed
    lines = list(lines)
    if any(line.fault for line in lines):
        raise Invalid({"sheet": "target_faults"})
    changed = [line for line in lines if not line.same]
    if any(line.now is not None for line in changed) and not reason:
        raise Invalid({"reason": "required"})
    if not changed:
        return 0
    ids = [line.partner_id for line in changed if line.partner_id is not None]
    told = objectives.objectives_of(ids, period.id)
    rows = [
        {
            "partner_id": line.partner_id,
            "period_id": period.id,
            "target": line.target,
            "version": told[line.partner_id].version + 1 if line.partner_id in told else 1,
            "baseline": line.baseline,
            "reason": reason,
            "set_by_id": actor_id,
            "notified_at": at,
        }
        for line in changed
    ]
    made = db.session.execute(insert(Objective).returning(Objective), rows).scalars().all()
    _tell(made, {line.partner_id: line.name for line in changed}, period, actor_id, at)
    return len(made)


def _tell(
    made: Sequence[Objective], names: dict[int | None, str], period: Period, actor_id: int, at: datetime
) -> None:
    """Record each objective and write to the administrators of its firm."""
    people = _administrators([one.partner_id for one in made])
    for one in made:
        target = plain(one.target)
        audit.record(
            "objective.set",
            subject=("objective", one.id),
            at=at,
            actor_id=actor_id,
            partner_id=one.partner_id,
            period=period.code,
            version=one.version,
            target=target,
        )
        mail.queue(
            "objective.set",
            to=people.get(one.partner_id, ()),
            purpose=one.id,
            at=at,
            partner_id=one.partner_id,
            path="/objectives",
            firm=names[one.partner_id],
            period=period.code,
            target=target,
            version=one.version,
            reason=one.reason,
        )


def _administrators(partner_ids: Sequence[int]) -> dict[int | None, list[Recipient]]:
    rows = db.session.execute(
        select(User.partner_id, User.email, User.name, User.locale, User.id).where(
            User.partner_id.in_(partner_ids), User.role == Role.PARTNER_ADMIN, User.state == UserState.ACTIVE
        )
    )
    found: dict[int | None, list[Recipient]] = {}
    for row in rows:
        found.setdefault(row.partner_id, []).append(Recipient(row.email, row.name, row.locale, row.id))
    return found
