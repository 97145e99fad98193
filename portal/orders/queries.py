"""Reading imports and order lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from portal.db import AnyRow, AnySelect, db
from portal.errors import NotFound
from portal.orders.models import OrderImport, OrderLine, if_named, names_customer
from portal.partners.models import Partner
from portal.users.models import User

PAGE = 50


@dataclass(frozen=True, slots=True)
class OrderPage:
    """A page of order lines and the size of the whole."""

    rows: Sequence[AnyRow]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages the whole list has."""
        return max(1, -(-self.total // PAGE))


def list_imports(limit: int = 50) -> Sequence[AnyRow]:
    """The files taken in, the latest first."""
    return db.session.execute(_imports().order_by(OrderImport.id.desc()).limit(limit)).all()


def get_import(public_id: UUID) -> AnyRow:
    """One file that was taken in; NotFound otherwise."""
    row = db.session.execute(_imports().where(OrderImport.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound
    return row


def _imports() -> AnySelect:
    return select(
        *(OrderImport.id, OrderImport.public_id, OrderImport.name, OrderImport.sha256, OrderImport.lines),
        *(OrderImport.created, OrderImport.amended, OrderImport.unchanged, OrderImport.imported_at),
        User.name.label("imported_by"),
    ).outerjoin(User, User.id == OrderImport.imported_by_id)


def list_orders(*, text: str = "", import_id: int | None = None, page: int = 1) -> OrderPage:
    """A page of order lines: the current ones that mention the text, or all of one import."""
    conditions = [OrderLine.is_current.is_(True) if import_id is None else OrderLine.import_id == import_id]
    if text.strip():
        conditions.append(_mentions(text.strip()))
    total = db.session.execute(select(func.count()).select_from(OrderLine).where(*conditions)).scalar_one()
    page = min(max(page, 1), max(1, -(-total // PAGE)))
    named = aliased(Partner)
    rows = db.session.execute(
        select(
            *(OrderLine.id, OrderLine.order_no, OrderLine.line_no, OrderLine.version, OrderLine.is_current),
            *(OrderLine.reseller_name, OrderLine.enrolment_no),
            *(if_named(OrderLine.customer_siren), if_named(OrderLine.customer_name)),
            *(OrderLine.family, OrderLine.amount, OrderLine.currency, OrderLine.ordered_on, OrderLine.status),
            *(named.legal_name.label("named_partner"), named.public_id.label("named_partner_id")),
        )
        .outerjoin(named, named.id == OrderLine.named_partner_id)
        .where(*conditions)
        .order_by(
            OrderLine.ordered_on.desc(), OrderLine.order_no, OrderLine.line_no, OrderLine.version.desc()
        )
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    return OrderPage(rows, total, page)


def _mentions(words: str) -> ColumnElement[bool]:
    bare = words.replace(" ", "")
    choices: list[ColumnElement[bool]] = [
        OrderLine.order_no.startswith(words.upper(), autoescape=True),
        OrderLine.enrolment_no == words.upper(),
        OrderLine.reseller_name.icontains(words, autoescape=True),
    ]
    customer: ColumnElement[bool] = OrderLine.customer_name.icontains(words, autoescape=True)
    if bare.isdigit():
        customer |= OrderLine.customer_siren == bare[:9]
    return or_(*choices, customer & names_customer())
