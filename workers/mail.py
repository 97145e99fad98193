"""Jobs of mail: each reaches its recipient once, as far as SMTP allows."""

from email.message import EmailMessage
from uuid import UUID

from portal import clock, files, i18n, mail, statements, work
from portal.db import db, transaction
from portal.mail.models import Mail
from portal.users.emails import LINKS, fill_context
from workers import letters
from workers.context import current
from workers.job import PERSISTENCE, TryLater
from workers.relay import NotTaken, RefusedForGood, Unknown, hand_over


def warm_up() -> None:
    """Load what writing needs."""
    letters.environment().get_template("emails/_layout.html")
    i18n.french_catalogue()


def send(held: work.Lease) -> None:
    """Hand one mail over to the relay, if it is still to send, and keep the relay's answer."""
    mail_id = UUID(held.subject)
    with transaction():
        row = mail.begin_sending(mail_id)
        if row is None:
            work.finish(held, at=clock.real_now())
            return
        context = {**row.context, **_secrets(row)}
        db.session.expunge(row)
    message = letters.write_message(row, context, base_url=current().settings.base_url)
    _attach_statement(message, row)

    def leaving() -> None:
        with transaction():
            work.heartbeat(held, at=clock.real_now())
            mail.mark_data_started(mail_id)

    try:
        reply = hand_over(current().settings.smtp_url, message, recipient=row.recipient, leaving=leaving)
    except NotTaken as error:
        with transaction():
            work.heartbeat(held, at=clock.real_now())
            mail.mark_not_taken(mail_id, reply=str(error))
        raise TryLater(str(error), attempts=PERSISTENCE) from error
    except Unknown as error:
        raise TryLater(str(error), attempts=PERSISTENCE) from error
    except RefusedForGood as error:
        with transaction():
            mail.mark_failed(mail_id, reply=str(error))
            work.finish(held, at=clock.real_now())
        return
    with transaction():
        mail.mark_sent(mail_id, reply=reply, at=clock.now())
        work.finish(held, at=clock.real_now())


def _secrets(row: Mail) -> dict[str, str]:
    """What no row may hold, such as a link that opens an account, is made as the mail leaves."""
    if row.kind not in LINKS or row.user_id is None:
        return {}
    return fill_context(row.kind, row.user_id, clock.real_now())


def _attach_statement(message: EmailMessage, row: Mail) -> None:
    """The printed statement, where the firm chose to receive it."""
    if row.statement_id is None or not row.context.get("attach"):
        return
    with transaction():
        printed = statements.find_file(row.statement_id)
    if printed is not None:
        name = f"{row.context['number']}.pdf"
        message.add_attachment(
            files.get(printed.sha256), maintype="application", subtype="pdf", filename=name
        )
