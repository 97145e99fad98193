"""The vendor's order lines, as imported."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, case, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column
from sqlalchemy.schema import FetchedValue

from portal.db import Instant, Model, Money, words


class OrderStatus(StrEnum):
    """Booked orders count; cancelled ones are worth nothing."""

    BOOKED = "booked"
    CANCELLED = "cancelled"


class OrderImport(Model):
    """One imported file, known by its content's hash."""

    __tablename__ = "order_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    sha256: Mapped[str]
    name: Mapped[str]
    lines: Mapped[int]
    created: Mapped[int]
    amended: Mapped[int]
    unchanged: Mapped[int]
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    imported_at: Mapped[datetime] = mapped_column(Instant)


class IntakeState(StrEnum):
    """A large file waits for the workers, is refused for its faults, or taken in."""

    WAITING = "waiting"
    REFUSED = "refused"
    TAKEN = "taken"


class OrderIntake(Model):
    """A large file on its way in; its claims are matched a slice at a time."""

    __tablename__ = "order_intakes"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[UUID] = mapped_column(server_default=FetchedValue())
    sha256: Mapped[str]
    name: Mapped[str]
    size: Mapped[int]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[IntakeState] = mapped_column(words(IntakeState), default=IntakeState.WAITING)
    faults: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    more_faults: Mapped[bool] = mapped_column(default=False)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("order_imports.id"))
    to_match: Mapped[int] = mapped_column(default=0)
    matched: Mapped[int] = mapped_column(default=0)


class OrderLine(Model):
    """One version of a line of an order; only the current one counts."""

    __tablename__ = "order_lines"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("order_imports.id"))
    order_no: Mapped[str]
    line_no: Mapped[int] = mapped_column(default=1)
    version: Mapped[int]
    is_current: Mapped[bool] = mapped_column(default=True)
    reseller_name: Mapped[str]
    reseller_id: Mapped[int | None] = mapped_column(ForeignKey("partners.id"))
    named_partner_id: Mapped[int | None] = mapped_column(ForeignKey("partners.id"))
    agreement: Mapped[str] = mapped_column(default="")
    enrolment_no: Mapped[str] = mapped_column(default="")
    customer_siren: Mapped[str]
    customer_name: Mapped[str] = mapped_column(default="")
    family: Mapped[str] = mapped_column(ForeignKey("product_families.code"))
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(default="EUR")
    ordered_at: Mapped[datetime] = mapped_column(Instant)
    ordered_on: Mapped[date]
    status: Mapped[OrderStatus] = mapped_column(words(OrderStatus))


def names_customer() -> ColumnElement[bool]:
    """Whether the reader may know the customer of a line: not of a project that is kept from them."""
    return OrderLine.id.not_in(select(func.confidential_orders()))


def if_named(column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """The customer's name or number, where the reader may know it."""
    return case((names_customer(), column), else_="").label(column.key)
