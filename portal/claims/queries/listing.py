"""Lists of claims, for the firm and for the vendor's people: filtered, sorted and paged by PostgreSQL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from portal.claims.models import (
    Claim,
    ClaimAppeal,
    ClaimLine,
    ClaimMatch,
    ClaimRevocation,
    MatchState,
    if_known,
)
from portal.claims.queries.standing import standing_columns
from portal.claims.workflow import OPEN, ClaimState
from portal.db import AnyRow, AnySelect, db
from portal.partners.models import Coverage, Partner

PAGE = 50
WAITING = (*OPEN, ClaimState.IN_CONFLICT)
_standing = standing_columns()
_deadline = func.coalesce(Claim.decide_by, Claim.info_due_on)
SORTS: dict[str, Any] = {
    "reference": Claim.reference,
    "customer": if_known(Claim.customer_name),
    "declared": _standing.c.declared,
    "credited": _standing.c.credited,
    "ordered": func.coalesce(Claim.ordered_on, Claim.signed_on),
    "updated": Claim.updated_at,
    "deadline": _deadline,
    "partner": Partner.search_name,
}


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """What a list shows; everything is optional and lives in the URL."""

    partner_ids: Sequence[int] | None = None
    claim_id: int | None = None
    states: Sequence[ClaimState] = ()
    text: str = ""
    family: str = ""
    ordered_from: date | None = None
    ordered_before: date | None = None
    segment: str = ""
    taken_by_id: int | None = None
    unmatched: bool = False
    appeal_level: int = 0
    revoking: bool = False
    sort: str = "-updated"
    page: int = 1


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """A page of a list and the size of the whole."""

    rows: Sequence[AnyRow]
    total: int
    declared: Decimal
    page: int

    @property
    def pages(self) -> int:
        """How many pages the whole list has."""
        return max(1, -(-self.total // PAGE))


def list_claims(wanted: ClaimFilter, *, size: int | None = PAGE) -> ClaimPage:
    """A page of the claims the reader may see, with the count and the declared sum of all that match."""
    conditions, order = _conditions(wanted), _order(wanted)
    totals = (
        select(func.count(Claim.id.distinct()), func.coalesce(func.sum(ClaimLine.declared_amount), 0))
        .join(Partner, Partner.id == Claim.partner_id)
        .outerjoin(ClaimLine, ClaimLine.claim_id == Claim.id)
        .where(*conditions)
    )
    total, declared = db.session.execute(totals).one()
    pages = max(1, -(-total // PAGE))
    page = min(max(wanted.page, 1), pages)
    if size is not None:
        conditions = [Claim.id.in_(_page_of(wanted).limit(size).offset((page - 1) * size))]
    query = _rows().where(*conditions).order_by(*order)
    return ClaimPage(db.session.execute(query).all(), total, declared, page)


def _page_of(wanted: ClaimFilter) -> AnySelect:
    """The claims' ids alone, in order, so that only those shown are looked at closely."""
    query: AnySelect = select(Claim.id).join(Partner, Partner.id == Claim.partner_id)
    if wanted.sort.lstrip("-") in ("declared", "credited"):
        query = query.outerjoin(_standing, true())
    return query.where(*_conditions(wanted)).order_by(*_order(wanted))


def _rows() -> AnySelect:
    return (
        select(
            Claim.id, Claim.public_id, Claim.partner_id, Claim.reference, Claim.state, Claim.decision,
            Claim.is_known.label("is_known"),
            *map(if_known, (Claim.title, Claim.customer_name, Claim.customer_siren, Claim.order_no)),
            Claim.ordered_on, Claim.signed_on, Claim.version, Claim.on_behalf, Claim.submitted_at,
            Claim.decided_at, Claim.decide_by, Claim.clock_left,
            Claim.info_due_on, Claim.cure_by, Claim.updated_at, Claim.reason_code, Claim.taken_by_id,
            Partner.legal_name.label("partner"), Partner.code.label("partner_code"),
            (Partner.coverage == Coverage.TELE).label("tele"), _standing.c.declared, _standing.c.approved,
            _standing.c.verified, _standing.c.credited, _standing.c.proposed, _standing.c.families,
        )
        .join(Partner, Partner.id == Claim.partner_id)
        .outerjoin(_standing, true())
    )  # fmt: skip


def _conditions(wanted: ClaimFilter) -> list[ColumnElement[bool]]:
    ordered = func.coalesce(Claim.ordered_on, Claim.signed_on)
    asked: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "claim_id": lambda id: Claim.id == id,
        "states": Claim.state.in_,
        "family": lambda code: _lines().where(ClaimLine.family == code).exists(),
        "ordered_from": lambda on: ordered >= on,
        "ordered_before": lambda on: ordered < on,
        "segment": lambda segment: Partner.segment == segment,
        "taken_by_id": lambda id: Claim.taken_by_id == id,
        "appeal_level": _appealed_at,
        "revoking": lambda _: _revocations().exists(),
        "unmatched": lambda _: ~_confirmed().exists(),
        "text": _mentions,
    }
    conditions = [condition(value) for name, condition in asked.items() if (value := getattr(wanted, name))]
    if wanted.partner_ids is not None:
        conditions.append(Claim.partner_id.in_(wanted.partner_ids))
    return conditions


def _lines() -> AnySelect:
    return select(ClaimLine.id).where(ClaimLine.claim_id == Claim.id).correlate(Claim)


def _appealed_at(level: int) -> ColumnElement[bool]:
    """An appeal of this level waits for its judge."""
    waiting = select(ClaimAppeal.id).where(ClaimAppeal.claim_id == Claim.id).correlate(Claim)
    return waiting.where(ClaimAppeal.level == level, ClaimAppeal.outcome.is_(None)).exists()


def _revocations() -> AnySelect:
    waiting = select(ClaimRevocation.id).where(ClaimRevocation.claim_id == Claim.id).correlate(Claim)
    return waiting.where(ClaimRevocation.confirmed_at.is_(None), ClaimRevocation.dropped_at.is_(None))


def _confirmed() -> AnySelect:
    confirmed = ClaimMatch.state == MatchState.CONFIRMED
    return _lines().join(ClaimMatch, ClaimMatch.claim_line_id == ClaimLine.id).where(confirmed)


def _mentions(words: str) -> ColumnElement[bool]:
    """Reference, firm; and title, order number, customer where the reader may know whose project it is."""
    bare = words.replace(" ", "")
    like = "%" + words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    told = (Claim.title, Claim.order_no, Claim.enrolment_no, Claim.customer_name)
    telling: list[ColumnElement[bool]] = [column.ilike(like) for column in told]
    if bare.isdigit():
        telling.append(Claim.customer_siren == bare[:9])
    open_to_all = or_(Claim.reference.ilike(like), Partner.legal_name.ilike(like))
    return open_to_all | (or_(*telling) & Claim.is_known)


def _order(wanted: ClaimFilter) -> list[ColumnElement[Any]]:
    sort = wanted.sort
    column = SORTS.get(sort.lstrip("-"), Claim.updated_at)
    ordered = column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last()
    return [ordered, Claim.id.desc()]


def median_days(*, since: date) -> Decimal | None:
    """Median of the days between submission and decision, of the claims decided since."""
    taken = func.extract("epoch", Claim.decided_at - Claim.submitted_at) / 86400
    query = select(func.percentile_cont(0.5).within_group(taken)).where(
        Claim.decided_at >= since, Claim.submitted_at.is_not(None)
    )
    found = db.session.execute(query).scalar_one()
    return None if found is None else Decimal(str(round(found, 1)))


def count_appeals(level: int) -> int:
    """How many appeals of this level wait for their judge."""
    query = (
        select(func.count()).select_from(Claim).where(Claim.state == ClaimState.APPEALED, _appealed_at(level))
    )
    return int(db.session.execute(query).scalar_one())


def count_by_state(*, person_id: int, segment: str = "") -> dict[ClaimState, tuple[int, int]]:
    """How many claims the reader sees in each open state, and how many of them this person has taken."""
    mine = func.count().filter(Claim.taken_by_id == person_id)
    query = select(Claim.state, func.count(), mine).where(Claim.state.in_(WAITING)).group_by(Claim.state)
    if segment:
        query = query.join(Partner, Partner.id == Claim.partner_id).where(Partner.segment == segment)
    return {state: (total, taken) for state, total, taken in db.session.execute(query)}
