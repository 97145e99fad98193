"""A firm's mail that will not arrive is told to its account manager, who can reach the firm otherwise."""

from datetime import datetime

from sqlalchemy import select

from portal import claims, mail
from portal.calendar import paris_date
from portal.db import db
from portal.mail.models import Mail
from portal.partners.models import Partner
from portal.users.models import User


def tell_the_pam(row: Mail, *, reply: str, at: datetime) -> None:
    """Only of mails to the firm's own people and contacts; a note that fails is not told in its turn."""
    if row.partner_id is None or _is_of_the_vendor(row):
        return
    firm = select(Partner.code, Partner.legal_name).where(Partner.id == row.partner_id)
    code, name = db.session.execute(firm).one()
    mail.queue(
        "mail.undelivered",
        to=claims.pam_of(row.partner_id, paris_date(at)),
        purpose=f"{row.id}:{at.isoformat()}",
        at=at,
        partner_id=row.partner_id,
        path="/staff/partners",
        code=code,
        firm=name,
        recipient=row.recipient,
        number=row.context.get("number", ""),
        reply=reply[:300],
    )


def _is_of_the_vendor(row: Mail) -> bool:
    staff = select(User.id).where(User.email == row.recipient, User.partner_id.is_(None))
    return db.session.execute(staff).first() is not None
