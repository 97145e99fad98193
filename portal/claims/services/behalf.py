"""Who acts in whose place: a deputy or the desk for the PAM of record, within the lower of two limits."""

from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal.claims.workflow import Rules
from portal.db import AnyRow, db
from portal.portfolio.models import PamAssignment
from portal.portfolio.queries import on_day
from portal.users.models import Role, User


def acted_for(partner_id: int, actor_id: int | None, on: date) -> int | None:
    """The PAM of record in whose place somebody acts; None for that PAM, and for all who are no PAM."""
    pair = _actor_and_pam(partner_id, actor_id, on) if actor_id else None
    return pair.pam_id if pair and pair.pam_id != actor_id else None


def within_limit(partner_id: int, actor_id: int, on: date, rules: Rules) -> Rules:
    """The rules with what this person approves alone: no more than the PAM in whose place they act."""
    pair = _actor_and_pam(partner_id, actor_id, on)
    own = [limit for limit in (pair.actor_limit, pair.pam_limit) if limit is not None] if pair else []
    return replace(rules, second_approval_above=min([rules.second_approval_above, *own]))


def _actor_and_pam(partner_id: int, actor_id: int, on: date) -> AnyRow | None:
    actor, pam = aliased(User), aliased(User)
    return db.session.execute(
        select(
            PamAssignment.pam_id, actor.approval_limit.label("actor_limit"),
            pam.approval_limit.label("pam_limit"),
        )
        .join(pam, pam.id == PamAssignment.pam_id)
        .join(actor, (actor.id == actor_id) & (actor.role == Role.PAM))
        .where(PamAssignment.partner_id == partner_id, on_day(on))
    ).one_or_none()  # fmt: skip
