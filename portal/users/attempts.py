"""Failed sign-ins are counted in the database, per person and per address, and cost growing delays."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from portal.db import db
from portal.users.models import SignInFailure

FORGOTTEN_AFTER = timedelta(hours=24)
CLEARED_AT_ONCE = 20
FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True)
class Subject:
    """Who fails: named by a hash, since people type passwords where names belong."""

    name: str
    free: int  # failures that cost nothing


def person(email: str) -> Subject:
    """The person that somebody tries to be."""
    return Subject(f"person:{_digest(email)}", 5)


def network(address: str) -> Subject:
    """Where somebody tries from; a whole firm may stand behind one address."""
    return Subject(f"network:{_digest(address)}", 30)


def verification(address: str) -> Subject:
    """Where somebody tries codes and files that are not ours from."""
    return Subject(f"verify:{_digest(address)}", 30)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def are_locked(*subjects: Subject, at: datetime) -> bool:
    """Whether one of these has to wait."""
    query = select(SignInFailure.subject).where(
        SignInFailure.subject.in_([subject.name for subject in subjects]), SignInFailure.locked_until > at
    )
    return db.session.execute(query.limit(1)).first() is not None


def count_failure(subject: Subject, *, at: datetime) -> bool:
    """One more failure; whether it locked the subject. A few that are forgotten go for good with it."""
    _clear_some(at)
    old = SignInFailure.first_at < at - FORGOTTEN_AFTER
    failures: int = db.session.execute(
        insert(SignInFailure)
        .values(subject=subject.name, failures=1, first_at=at)
        .on_conflict_do_update(
            index_elements=["subject"],
            set_={
                "failures": case((old, 1), else_=SignInFailure.failures + 1),
                "first_at": case((old, at), else_=SignInFailure.first_at),
            },
        )
        .returning(SignInFailure.failures)
    ).scalar_one()
    if failures < subject.free:
        return False
    delay = min(FIRST_DELAY * 2 ** min(failures - subject.free, 10), LONGEST_DELAY)
    db.session.execute(
        update(SignInFailure).where(SignInFailure.subject == subject.name).values(locked_until=at + delay)
    )
    return True


def _clear_some(at: datetime) -> None:
    old = (
        select(SignInFailure.subject)
        .where(
            SignInFailure.first_at < at - FORGOTTEN_AFTER - LONGEST_DELAY,
            func.coalesce(SignInFailure.locked_until, at) <= at,
        )
        .order_by(SignInFailure.first_at)
        .limit(CLEARED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    db.session.execute(delete(SignInFailure).where(SignInFailure.subject.in_(old)))


def forget(subject: Subject) -> None:
    """The person has shown who they are."""
    db.session.execute(delete(SignInFailure).where(SignInFailure.subject == subject.name))
