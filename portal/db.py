"""Sessions, transactions and tenant identity; the only place that commits.

Every transaction begins by telling PostgreSQL who asks: the session token and the database role to
play. Policies compare rows with the identity that PostgreSQL derives from the token itself. The
sign-in machinery uses a login of its own (`portal_gate`), so that nothing said on an ordinary
connection can reach secrets.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Engine,
    Enum,
    MetaData,
    Numeric,
    Row,
    Select,
    any_,
    cast,
    create_engine,
    event,
    literal,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session

T = TypeVar("T")
AnyRow = Row[*tuple[Any, ...]]
AnySelect = Select[*tuple[Any, ...]]

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
Money = Numeric(18, 2)
Instant = DateTime(timezone=True)
RETRIED = {"40001", "40P01"}  # serialization failure, deadlock


def words(enum: type[StrEnum]) -> Enum:
    """Column type of a StrEnum: text with a CHECK, since native enums break downgrades."""
    return Enum(enum, native_enum=False, create_constraint=False, length=40, values_callable=_values)


def _values(enum: type[StrEnum]) -> list[str]:
    return [member.value for member in enum]


class Base(DeclarativeBase):
    """Declarative base with the naming convention the migrations follow."""

    metadata = MetaData(naming_convention=NAMING)


@dataclass(frozen=True)
class Identity:
    """Who asks: the session token and the database role that goes with it."""

    token: str = ""
    role: str = "portal_partner"
    only_reads: bool = False


NOBODY = Identity()
_identity: ContextVar[Identity] = ContextVar("identity", default=NOBODY)
_at_gate: ContextVar[bool] = ContextVar("at_gate", default=False)


class PortalSession(FlaskSession):
    """Session that plays the current identity, on the gate's own connection while at the gate."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        return gate_engine() if _at_gate.get() else super().get_bind(*args, **kwargs)


def _scope() -> tuple[int, bool]:
    from flask.globals import app_ctx

    return id(app_ctx._get_current_object()), _at_gate.get()  # type: ignore[attr-defined]


db = SQLAlchemy(
    model_class=Base, disable_autonaming=True, session_options={"class_": PortalSession, "scopefunc": _scope}
)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
_GATE = "gate"


def init(app: Flask, *, app_url: str, gate_url: str, pool: int = 5) -> None:
    """Bind the application to its two logins: the portal's and the gate's."""
    options: dict[str, Any] = {
        "pool_size": pool, "max_overflow": pool, "pool_pre_ping": True, "pool_timeout": 5,
        "connect_args": {"connect_timeout": 5, "application_name": "palier"},
    }  # fmt: skip
    app.config["SQLALCHEMY_DATABASE_URI"] = driver_url(app_url)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    app.extensions[_GATE] = create_engine(driver_url(gate_url), **{**options, "pool_size": 2})


def driver_url(url: str) -> str:
    """The same database through psycopg 3."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]


def gate_engine() -> Engine:
    """Engine of the sign-in machinery's own login, in the current application."""
    engine: Engine = current_app.extensions[_GATE]
    return engine


def dispose() -> None:
    """Forget every pooled connection, in a freshly forked child; they are the parent's."""
    gate_engine().dispose(close=False)
    db.engine.dispose(close=False)


@event.listens_for(Session, "after_begin")
def _tell_postgresql_who_asks(session: Session, transaction: object, connection: Any) -> None:
    if isinstance(session, PortalSession) and not _at_gate.get():
        _play(connection, _identity.get())


def _play(connection: Any, identity: Identity) -> None:
    who = "select set_config('app.session', :token, true), set_config('role', :role, true)"
    reading = ", set_config('transaction_read_only', 'on', true)" if identity.only_reads else ""
    connection.execute(text(who + reading), {"token": identity.token, "role": identity.role})


@contextmanager
def acting_as(identity: Identity) -> Iterator[None]:
    """Play this identity in every transaction begun inside the block."""
    token = _identity.set(identity)
    try:
        yield
    finally:
        db.session.remove()
        _identity.reset(token)


def act_as(identity: Identity) -> None:
    """Play this identity until the end of the request, from its next transaction on."""
    db.session.rollback()
    _identity.set(identity)


def identity() -> Identity:
    """Who asks at present."""
    return _identity.get()


@contextmanager
def at_the_gate() -> Iterator[None]:
    """Use the sign-in machinery's connection inside the block."""
    token = _at_gate.set(True)
    try:
        yield
    finally:
        db.session.remove()
        _at_gate.reset(token)


def after_commit(call: Callable[[], None]) -> None:
    """Do this once the current transaction has been committed, never if it is not."""
    db.session.info.setdefault("after_commit", []).append(call)


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit what the block did, or nothing of it; then do what waited for the commit.

    Inside another transaction it joins it: the outermost block commits.
    """
    session = db.session()
    if session.info.get("open"):
        yield session
        return
    session.info["open"] = True
    try:
        yield session
        session.commit()
        calls = session.info.pop("after_commit", [])
    except BaseException:
        session.rollback()
        session.info.pop("after_commit", None)
        raise
    finally:
        session.info.pop("open", None)
    for call in calls:
        call()


def in_transaction(work: Callable[[], T], *, attempts: int = 4) -> T:
    """Run `work` in a transaction, again when PostgreSQL asks for it (serialization, deadlock)."""
    for attempt in range(1, attempts + 1):
        try:
            with transaction():
                return work()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in RETRIED or attempt == attempts:
                raise
            time.sleep(0.01 * 2**attempt)
    raise AssertionError("unreachable")


def is_among(column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    """As `in_`, for thousands of ids: one parameter, so that neither statement nor plan grows with them."""
    return column == any_(cast(literal(f"{{{','.join(map(str, ids))}}}"), ARRAY(BigInteger)))


def violated_constraint(error: DBAPIError) -> str | None:
    """Name of the constraint by which PostgreSQL refused, to be put in plain words."""
    diagnostic = getattr(error.orig, "diag", None)
    return getattr(diagnostic, "constraint_name", None)
