"""One-time codes sent by mail: coming in by invitation, and back in after a forgotten password."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal import audit, mail
from portal.db import db
from portal.errors import Refused
from portal.users import attempts
from portal.users.codes import find_code_owner, use_up
from portal.users.models import CodePurpose, User, UserState
from portal.users.passwords import check_password
from portal.users.services.sessions import end_sessions, open_session, store_password

ONE_MAIL_IN = timedelta(minutes=5)


def request_reset(*, email: str, at: datetime) -> None:
    """Send the way back in to this address, if it is somebody's; the answer is the same if it is not."""
    user = db.session.execute(select(User).where(User.email == email.strip().lower())).scalar_one_or_none()
    if user is None or user.state is UserState.DEACTIVATED:
        return
    audit.record(
        "user.reset_requested", subject=("user", user.id), at=at, actor_id=None, partner_id=user.partner_id
    )
    window = int(at.timestamp() // ONE_MAIL_IN.total_seconds())
    purpose = f"{user.id}:{window}"
    if user.state is UserState.ACTIVE:
        mail.queue("account.reset", to=[recipient(user)], purpose=purpose, at=at, priority=5)
    else:
        queue_invitation(user, purpose=purpose, at=at)


def queue_invitation(user: User, *, purpose: str, at: datetime, invited_by: str = "", firm: str = "") -> None:
    """Queue the mail that lets somebody in, by whom and for which firm where somebody invites."""
    mail.queue(
        "account.invitation",
        to=[recipient(user)],
        purpose=purpose,
        at=at,
        partner_id=user.partner_id,
        priority=5,
        invited_by=invited_by,
        firm=firm,
    )


def recipient(user: User) -> mail.Recipient:
    """The person as whom a mail is for."""
    return mail.Recipient(user.email, user.name, user.locale, user.id)


def accept_invitation(*, code: str, password: str, at: datetime, user_agent: str = "") -> str:
    """The invited person chooses a password and is in: token of the first session."""
    user = _redeem(code, CodePurpose.INVITATION, password, at=at)
    user.state = UserState.ACTIVE
    audit.record(
        "user.joined", subject=("user", user.id), at=at, actor_id=user.id, partner_id=user.partner_id
    )
    return open_session(user.id, partner_id=user.partner_id, at=at, user_agent=user_agent)


def complete_reset(*, code: str, password: str, at: datetime, user_agent: str = "") -> str:
    """A new password through the mailed code: every older session ends; token of the new one."""
    user = _redeem(code, CodePurpose.RESET, password, at=at)
    end_sessions(user.id, at=at)
    attempts.forget(attempts.person(user.email))
    audit.record(
        "user.password_reset", subject=("user", user.id), at=at, actor_id=user.id, partner_id=user.partner_id
    )
    return open_session(user.id, partner_id=user.partner_id, at=at, user_agent=user_agent)


def _redeem(code: str, purpose: CodePurpose, password: str, *, at: datetime) -> User:
    """Whose code this is: used up, with its siblings, in the transaction that stores the password."""
    found = find_code_owner(code, purpose, at=at)
    if found is None:
        raise Refused("code_spent")
    check_password(password, email=found.email)
    if not use_up(code, purpose, user_id=found.id, at=at):
        raise Refused("code_spent")
    store_password(found.id, password, at=at)
    return db.session.execute(select(User).where(User.id == found.id)).scalar_one()
