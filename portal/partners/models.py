"""Partner firms."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, case, func
from sqlalchemy.orm import Mapped, column_property, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.db import Instant, Model, words


class Segment(StrEnum):
    """What the firm is to the vendor; it decides the plan."""

    SSII = "SSII"
    ISV = "ISV"
    LAR = "LAR"
    SMB_D = "SMB_D"
    VAR = "VAR"
    ALLIANCE = "ALLIANCE"


class Coverage(StrEnum):
    """Who answers: a dedicated account manager or the tele desk."""

    DEDICATED = "DEDICATED"
    TELE = "TELE"


class Unit(StrEnum):
    """Reporting line: the Partner Sales Team, or the enterprise group that follows alliances."""

    PST = "PST"
    EPG = "EPG"


class Partner(Model):
    """A firm of the programme, from its first day to the day before `ends_before`."""

    __tablename__ = "partners"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    code: Mapped[str]
    siren: Mapped[str]
    legal_name: Mapped[str]
    search_name: Mapped[str]
    segment: Mapped[Segment] = mapped_column(words(Segment))
    settled_coverage: Mapped[Coverage] = mapped_column("coverage", words(Coverage))
    next_coverage: Mapped[Coverage | None] = mapped_column(words(Coverage))
    next_coverage_on: Mapped[date | None] = mapped_column()
    coverage: Mapped[Coverage] = column_property(  # today's: a day set ahead comes by itself
        case(
            (next_coverage_on.is_(None), settled_coverage),  # nearly all: no day is looked up for them
            (next_coverage_on <= func.domain_today(), next_coverage),
            else_=settled_coverage,
        )
    )
    unit: Mapped[Unit] = mapped_column(words(Unit))
    address: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="fr")
    starts_on: Mapped[date]
    ends_before: Mapped[date | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("partners.id"))


class SegmentChange(Model):
    """The first day on which a firm belongs to another segment."""

    __tablename__ = "segment_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    changes_on: Mapped[date]
    before: Mapped[Segment] = mapped_column(words(Segment))
    after: Mapped[Segment] = mapped_column(words(Segment))
    reason: Mapped[str]
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime] = mapped_column(Instant)


class Competency(Model):
    """A competency held on `[starts_on, ends_before)`."""

    __tablename__ = "competencies"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    code: Mapped[str]
    starts_on: Mapped[date]
    ends_before: Mapped[date | None]


class BillingProfile(Model):
    """How the firm is paid and how its statements reach it."""

    __tablename__ = "billing_profiles"

    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), primary_key=True)
    iban: Mapped[str | None]
    vat_number: Mapped[str | None]
    self_billing_agreed_on: Mapped[date | None]
    delivery: Mapped[str] = mapped_column(default="attach")
    bank_held_until: Mapped[date | None]


class BankChange(Model):
    """A firm asks to be paid elsewhere; somebody of the vendor's confirms it with the firm, or refuses."""

    __tablename__ = "bank_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    iban: Mapped[str | None]
    iban_before: Mapped[str]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    confirmed: Mapped[bool | None]
    note: Mapped[str | None]


class BillingContact(Model):
    """Somebody of the firm whom statements are mailed to."""

    __tablename__ = "billing_contacts"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    email: Mapped[str]
    name: Mapped[str]
    locale: Mapped[str] = mapped_column(default="fr")
