"""Reading people."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from portal.db import AnyRow, db
from portal.errors import NotFound
from portal.users.models import Role, User, UserSecret, UserState


def get_user(public_id: UUID) -> User:
    """The person of this public id; raise NotFound where the reader may not see them."""
    user = db.session.execute(select(User).where(User.public_id == public_id)).scalar_one_or_none()
    if user is None:
        raise NotFound
    return user


def find_for_sign_in(email: str) -> AnyRow | None:
    """(id, state, partner_id, password_hash) of this address; at the gate only."""
    return db.session.execute(
        select(User.id, User.state, User.partner_id, UserSecret.password_hash)
        .outerjoin(UserSecret, UserSecret.user_id == User.id)
        .where(User.email == email)
    ).one_or_none()


PERSON = (
    User.id, User.public_id, User.name, User.email, User.phone, User.role, User.state, User.partner_id,
    User.locale,
)  # fmt: skip
LEFT_LAST = (User.state == UserState.DEACTIVATED, func.lower(User.name), User.id)


def list_colleagues(partner_id: int) -> list[AnyRow]:
    """Everybody of a firm, those who left last."""
    query = select(*PERSON).where(User.partner_id == partner_id)
    return list(db.session.execute(query.order_by(*LEFT_LAST)))


def search_users(
    text: str = "", *, role: Role | None = None, staff: bool | None = None, page: int = 1, size: int = 50
) -> tuple[list[AnyRow], int]:
    """One page of the people whose name or address contains the text, and how many there are in all."""
    query: Select[*tuple[Any, ...]] = select(*PERSON)
    if text:
        like = f"%{text.lower().replace('%', '').replace('_', chr(92) + '_')}%"
        query = query.where(or_(func.lower(User.name).like(like), User.email.like(like)))
    if role is not None:
        query = query.where(User.role == role)
    if staff is not None:
        query = query.where(User.partner_id.is_(None) if staff else User.partner_id.is_not(None))
    total: int = db.session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    return list(db.session.execute(query.order_by(*LEFT_LAST).limit(size).offset((page - 1) * size))), total
