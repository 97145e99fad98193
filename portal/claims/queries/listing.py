"""Lists of claims, for the firm and for the vendor's people: filtered, sorted and paged by PostgreSQL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import any_, func, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from portal.claims.models import Claim
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
    "customer": Claim.customer_name,
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
    conditions = _conditions(wanted)
    totals = (
        select(func.count(), func.coalesce(func.sum(_standing.c.declared), 0))
        .select_from(Claim)
        .join(Partner, Partner.id == Claim.partner_id)
        .outerjoin(_standing, _standing.c.claim_id == Claim.id)
        .where(*conditions)
    )
    total, declared = db.session.execute(totals).one()
    pages = max(1, -(-total // PAGE))
    page = min(max(wanted.page, 1), pages)
    query = _rows().where(*conditions).order_by(*_order(wanted.sort))
    if size is not None:
        query = query.limit(size).offset((page - 1) * size)
    return ClaimPage(db.session.execute(query).all(), total, declared, page)


def _rows() -> AnySelect:
    return (
        select(
            Claim.id, Claim.public_id, Claim.partner_id, Claim.reference, Claim.state, Claim.decision,
            Claim.title,
            Claim.customer_name, Claim.customer_siren, Claim.confidential, Claim.ordered_on, Claim.signed_on,
            Claim.order_no, Claim.submitted_at, Claim.decided_at, Claim.decide_by, Claim.clock_left,
            Claim.info_due_on, Claim.cure_by, Claim.updated_at, Claim.reason_code, Claim.taken_by_id,
            Partner.legal_name.label("partner"), Partner.code.label("partner_code"),
            (Partner.coverage == Coverage.TELE).label("tele"), _standing.c.declared, _standing.c.approved,
            _standing.c.verified, _standing.c.credited, _standing.c.proposed, _standing.c.families,
        )
        .join(Partner, Partner.id == Claim.partner_id)
        .outerjoin(_standing, _standing.c.claim_id == Claim.id)
    )  # fmt: skip


def _conditions(wanted: ClaimFilter) -> list[ColumnElement[bool]]:
    ordered = func.coalesce(Claim.ordered_on, Claim.signed_on)
    asked: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "claim_id": lambda id: Claim.id == id,
        "states": Claim.state.in_,
        "family": lambda code: literal(code) == any_(_standing.c.families),
        "ordered_from": lambda on: ordered >= on,
        "ordered_before": lambda on: ordered < on,
        "segment": lambda segment: Partner.segment == segment,
        "taken_by_id": lambda id: Claim.taken_by_id == id,
        "unmatched": lambda _: _standing.c.verified.is_(None),
        "text": _mentions,
    }
    conditions = [condition(value) for name, condition in asked.items() if (value := getattr(wanted, name))]
    if wanted.partner_ids is not None:
        conditions.append(Claim.partner_id.in_(wanted.partner_ids))
    return conditions


def _mentions(words: str) -> ColumnElement[bool]:
    """Reference, title, customer, SIREN with or without spaces, order number or firm."""
    bare = words.replace(" ", "")
    like = "%" + words.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    choices: list[ColumnElement[bool]] = [
        column.ilike(like) for column in (Claim.reference, Claim.title, Claim.order_no, Claim.enrolment_no)
    ]
    choices += [Claim.customer_name.ilike(like), Partner.legal_name.ilike(like)]
    if bare.isdigit():
        choices.append(Claim.customer_siren == bare[:9])
    return or_(*choices)


def _order(sort: str) -> list[ColumnElement[Any]]:
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


def count_by_state(*, person_id: int) -> dict[ClaimState, tuple[int, int]]:
    """How many claims the reader sees in each open state, and how many of them this person has taken."""
    mine = func.count().filter(Claim.taken_by_id == person_id)
    query = select(Claim.state, func.count(), mine).where(Claim.state.in_(WAITING)).group_by(Claim.state)
    return {state: (total, taken) for state, total, taken in db.session.execute(query)}
