"""The directory of partner firms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from portal.db import AnyRow, db
from portal.errors import NotFound
from portal.partners.models import Competency, Coverage, Partner, Segment, Unit
from portal.partners.names import search_key

PAGE = 50
SORTS: dict[str, Any] = {"name": Partner.search_name, "code": Partner.code, "segment": Partner.segment}


@dataclass(frozen=True, slots=True)
class PartnerFilter:
    """What the directory shows; everything is optional and lives in the URL."""

    text: str = ""
    segment: Segment | None = None
    coverage: Coverage | None = None
    unit: Unit | None = None
    partner_ids: Sequence[int] | None = None
    sort: str = "name"
    page: int = 1


@dataclass(frozen=True, slots=True)
class PartnerPage:
    """A page of the directory and the size of the whole."""

    rows: Sequence[AnyRow]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages the whole list has."""
        return max(1, -(-self.total // PAGE))


def get_partner(public_id: UUID) -> Partner:
    """A firm the reader may see; NotFound otherwise."""
    found = db.session.execute(select(Partner).where(Partner.public_id == public_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found


def list_partners(wanted: PartnerFilter) -> PartnerPage:
    """A page of the firms that match, with the count of all of them."""
    conditions = _conditions(wanted)
    total = db.session.execute(select(func.count()).select_from(Partner).where(*conditions)).scalar_one()
    page = min(max(wanted.page, 1), max(1, -(-total // PAGE)))
    column = SORTS.get(wanted.sort.lstrip("-"), Partner.search_name)
    order = column.desc() if wanted.sort.startswith("-") else column.asc()
    rows = db.session.execute(
        select(
            *(
                Partner.id,
                Partner.public_id,
                Partner.code,
                Partner.legal_name,
                Partner.siren,
                Partner.segment,
            ),
            *(Partner.coverage, Partner.unit, Partner.city, Partner.starts_on, Partner.ends_before),
        )
        .where(*conditions)
        .order_by(order, Partner.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    return PartnerPage(rows, total, page)


def _conditions(wanted: PartnerFilter) -> list[ColumnElement[bool]]:
    given: list[tuple[object, ColumnElement[bool]]] = [
        (wanted.segment, Partner.segment == wanted.segment),
        (wanted.coverage, Partner.coverage == wanted.coverage),
        (wanted.unit, Partner.unit == wanted.unit),
    ]
    conditions = [condition for value, condition in given if value]
    if wanted.partner_ids is not None:
        conditions.append(Partner.id.in_(wanted.partner_ids))
    if wanted.text.strip():
        conditions.append(mentions(wanted.text))
    return conditions


def mentions(words: str) -> ColumnElement[bool]:
    """The firm's name has all these words, or its code or SIREN begins with them."""
    bare = words.replace(" ", "").upper()
    named = [Partner.search_name.contains(word, autoescape=True) for word in search_key(words).split()]
    choices = [Partner.code.startswith(bare, autoescape=True), Partner.code.endswith(bare, autoescape=True)]
    if bare.isdigit():
        choices.append(Partner.siren.startswith(bare[:9], autoescape=True))
    return or_(and_(*named), *choices) if named else or_(*choices)


def list_competencies(partner_id: int) -> Sequence[AnyRow]:
    """What a firm is or was certified for, current ones first."""
    return db.session.execute(
        select(Competency.code, Competency.starts_on, Competency.ends_before)
        .where(Competency.partner_id == partner_id)
        .order_by(Competency.ends_before.desc().nulls_first(), Competency.code)
    ).all()


def is_active(partner: Partner, on: date) -> bool:
    """Whether the firm is in the programme on this day."""
    return partner.starts_on <= on and (partner.ends_before is None or on < partner.ends_before)
