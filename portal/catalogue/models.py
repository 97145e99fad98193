"""What may be claimed, and the closed lists of reasons, evidence and checks, in both languages."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.db import Model, words


class ProductFamily(Model):
    """A family of the vendor's products."""

    __tablename__ = "product_families"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_fr: Mapped[str]
    name_en: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)


class ReasonKind(StrEnum):
    """What a reason code explains."""

    REFUSAL = "refusal"
    EXCLUSION = "exclusion"
    ADJUSTMENT = "adjustment"
    QUESTION = "question"


class ReasonCode(Model):
    """Why something was refused, left out or adjusted, and what cures it."""

    __tablename__ = "reason_codes"

    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[ReasonKind] = mapped_column(words(ReasonKind))
    label_fr: Mapped[str]
    label_en: Mapped[str]
    cure_fr: Mapped[str]
    cure_en: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)


class EvidenceType(Model):
    """A kind of paper that can prove a role, and what it must show."""

    __tablename__ = "evidence_types"

    code: Mapped[str] = mapped_column(primary_key=True)
    name_fr: Mapped[str]
    name_en: Mapped[str]
    cure_fr: Mapped[str]
    cure_en: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)


class Grid(Model):
    """A version of the checks that partner and PAM both see; the one in force at submission applies."""

    __tablename__ = "grids"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    in_force_from: Mapped[date]


class GridCheck(Model):
    """One check of a grid, with the cure shown where it fails."""

    __tablename__ = "grid_checks"

    grid_id: Mapped[int] = mapped_column(ForeignKey("grids.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    label_fr: Mapped[str]
    label_en: Mapped[str]
    cure_fr: Mapped[str]
    cure_en: Mapped[str]
