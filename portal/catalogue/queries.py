"""The catalogue in the reader's language."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from portal.catalogue.models import EvidenceType, Grid, GridCheck, ProductFamily, ReasonCode, ReasonKind
from portal.db import db
from portal.i18n import current_locale


@dataclass(frozen=True, slots=True)
class Entry:
    """A code with its words and, where it has one, its cure."""

    code: str
    label: str
    cure: str = ""


def list_families() -> dict[str, str]:
    """Code → name of every product family, in the programme's order."""
    name = _spoken(ProductFamily, "name")
    query = select(ProductFamily.code, name).order_by(ProductFamily.position, ProductFamily.code)
    return dict(db.session.execute(query).all())


def list_evidence_types() -> dict[str, Entry]:
    """Code → kind of evidence, with what it must show."""
    name, cure = _spoken(EvidenceType, "name"), _spoken(EvidenceType, "cure")
    query = select(EvidenceType.code, name, cure).order_by(EvidenceType.position, EvidenceType.code)
    return {row[0]: Entry(*row) for row in db.session.execute(query)}


def list_reasons(*kinds: ReasonKind) -> dict[str, Entry]:
    """Code → reason of these kinds (of all without any), with its cure."""
    label, cure = _spoken(ReasonCode, "label"), _spoken(ReasonCode, "cure")
    query = select(ReasonCode.code, label, cure).order_by(
        ReasonCode.kind, ReasonCode.position, ReasonCode.code
    )
    if kinds:
        query = query.where(ReasonCode.kind.in_(kinds))
    return {row[0]: Entry(*row) for row in db.session.execute(query)}


def words_of_reason(code: str) -> dict[str, dict[str, str]]:
    """A reason's label and cure by language, for what is read later in a language not known yet."""
    reason = db.session.get_one(ReasonCode, code)
    return {
        "label": {"fr": reason.label_fr, "en": reason.label_en},
        "cure": {"fr": reason.cure_fr, "en": reason.cure_en},
    }


def list_checks(grid_id: int) -> list[Entry]:
    """The checks of a grid, in their order."""
    label, cure = _spoken(GridCheck, "label"), _spoken(GridCheck, "cure")
    query = (
        select(GridCheck.code, label, cure).where(GridCheck.grid_id == grid_id).order_by(GridCheck.position)
    )
    return [Entry(*row) for row in db.session.execute(query)]


def grid_in_force(on: date) -> int | None:
    """The grid that a claim submitted on this day is judged by."""
    query = select(Grid.id).where(Grid.in_force_from <= on).order_by(Grid.in_force_from.desc()).limit(1)
    return db.session.execute(query).scalar_one_or_none()


def _spoken(model: type[Any], name: str) -> InstrumentedAttribute[str]:
    return getattr(model, f"{name}_{current_locale()}")
