"""Jobs of mail: each reaches its recipient once, as far as SMTP allows."""

import time
from email.message import EmailMessage
from uuid import UUID

from portal import clock, files, i18n, mail, statements, work
from portal.db import db, transaction
from portal.mail import letters
from portal.mail.models import Mail
from portal.users.emails import LINKS, fill_context
from workers import undelivered
from workers.context import current
from workers.job import PERSISTENCE, TryLater
from workers.relay import Away, NotTaken, RefusedForGood, Unknown, hand_over

SHORTEST_PAUSE = 5.0  # seconds without trying any mail, where the relay is away


def warm_up() -> None:
    """Load what writing needs."""
    letters.environment().get_template("emails/_layout.html")
    i18n.french_catalogue()


def send(held: work.Lease) -> None:
    """Hand one mail over to the relay, if it is still to send, and keep the relay's answer."""
    mail_id = UUID(held.subject)
    try:
        with transaction():
            row = mail.begin_sending(mail_id)
            if row is None:
                work.finish(held, at=clock.real_now())
                return
            context = {**row.context, **_secrets(row)}
            db.session.expunge(row)
    except mail.NotItsTurn:
        raise TryLater("an earlier mail to the same person leaves first", attempts=PERSISTENCE) from None
    message = letters.write_message(
        row, context, base_url=current().settings.base_url, unsubscribe=_unsubscribe(row)
    )
    _attach_statement(message, row)

    def leaving() -> None:
        with transaction():
            work.heartbeat(held, at=clock.real_now())
            mail.mark_data_started(mail_id)

    begun = time.monotonic()
    try:
        reply = hand_over(current().settings.smtp_url, message, recipient=row.recipient, leaving=leaving)
    except (NotTaken, Unknown) as error:
        # A relay that hangs must not keep who waits for it from printing and computing.
        pause = max(SHORTEST_PAUSE, 3 * (time.monotonic() - begun)) if isinstance(error, Away) else 0.0
        _try_again(held, row, error, pause=pause)
        return
    except RefusedForGood as error:
        with transaction():
            mail.mark_failed(mail_id, reply=str(error))
            undelivered.tell_the_pam(row, reply=str(error), at=clock.now())
            work.finish(held, at=clock.real_now())
        return
    with transaction():
        mail.mark_sent(mail_id, reply=reply, at=clock.now())
        work.finish(held, at=clock.real_now())


def _try_again(held: work.Lease, row: Mail, error: Exception, *, pause: float) -> None:
    """Put it back for later; after a day of trying it is a person's to look at."""
    last, taken = held.attempt >= PERSISTENCE, isinstance(error, Unknown)
    with transaction():
        work.heartbeat(held, at=clock.real_now())
        if last:
            give_up = mail.mark_held if taken else mail.mark_failed
            give_up(row.id, reply=str(error))
            undelivered.tell_the_pam(row, reply=str(error), at=clock.now())
            work.finish(held, at=clock.real_now())
        elif not taken:
            mail.mark_not_taken(row.id, reply=str(error))
    if not last:
        raise TryLater(str(error), attempts=PERSISTENCE, pause=pause) from error


def _unsubscribe(row: Mail) -> str | None:
    """The link that ends letters of this topic, where one may."""
    topic = mail.topic_of(row.kind)
    if topic is None or row.user_id is None:
        return None
    return mail.unsubscribe_path(row.user_id, topic, secret=current().settings.secret_key)


def _secrets(row: Mail) -> dict[str, str]:
    """What no row may hold, such as a link that opens an account, is made as the mail leaves."""
    if row.kind not in LINKS or row.user_id is None:
        return {}
    return fill_context(row.kind, row.user_id, clock.real_now())


def _attach_statement(message: EmailMessage, row: Mail) -> None:
    """The printed statement, where the firm chose to receive it; sent again, the very same file."""
    if row.statement_id is None or not row.context.get("attach"):
        return
    sha256 = row.context.get("attached")
    if sha256 is None:
        with transaction():
            printed = statements.find_file(row.statement_id)
            if printed is None:
                return
            sha256 = printed.sha256
            mail.keep_attached(row.id, sha256)
    name = f"{row.context['number']}.pdf"
    message.add_attachment(files.get(sha256), maintype="application", subtype="pdf", filename=name)
