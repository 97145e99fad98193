"""Checking the policy: at the door of every route, and on the thing itself."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g
from flask_login import current_user

from portal.access.identity import Person, followed_partner_ids
from portal.access.policy import Relation, relation
from portal.errors import Forbidden, NotFound

View = TypeVar("View", bound=Callable[..., Any])


class SignInRequired(Exception):
    """Nobody is signed in; the door asks, and comes back to the page."""


def current_person() -> Person:
    """Who is signed in; raise SignInRequired when nobody is."""
    if not current_user.is_authenticated:
        raise SignInRequired
    return cast(Person, current_user._get_current_object())


def requires(*permissions: str) -> Callable[[View], View]:
    """Open a route to people whose role has one of these permissions, in whatever relation."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            role = current_person().role
            if not any(relation(permission, role) for permission in permissions):
                raise Forbidden
            return view(*args, **kwargs)

        guarded.permissions = permissions  # type: ignore[attr-defined]
        return cast(View, guarded)

    return mark


def public(view: View) -> View:
    """Open a route to everybody, signed in or not."""
    view.permissions = ("public",)  # type: ignore[attr-defined]
    return view


def allowed(permission: str, *, partner_id: int | None) -> bool:
    """Whether the current person has this permission on what concerns this partner."""
    person = current_person()
    how = relation(permission, person.role)
    if how is Relation.OWN:
        return partner_id == person.partner_id
    if how is Relation.FOLLOWED:
        if "followed" not in g:
            g.followed = followed_partner_ids()
        return partner_id in g.followed
    return how is Relation.ANY


def allow(permission: str, *, partner_id: int | None, reading: str = "claim:read") -> None:
    """Raise NotFound where the person may not even read the thing, Forbidden where not do this to it."""
    if allowed(permission, partner_id=partner_id):
        return
    raise Forbidden if allowed(reading, partner_id=partner_id) else NotFound
