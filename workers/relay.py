"""The relay: where a mail is handed over, and what its answer means."""

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

PATIENCE = 20.0  # seconds for each answer of the relay


class NotTaken(Exception):
    """The relay does not have the mail, and may take it later."""


class Away(NotTaken):
    """There is no relay to speak of: no other mail has a better chance just now."""


class RefusedForGood(Exception):
    """The relay will never take this mail."""


class Unknown(Exception):
    """The connection broke after the mail had begun to leave: the relay may have it."""


def hand_over(url: str, message: EmailMessage, *, recipient: str, leaving: Callable[[], None]) -> str:
    """Give a mail to the relay and return its words; `leaving` is called before the relay may have it."""
    sender = message["From"].addresses[0].addr_spec
    content = message.as_bytes()
    with _connected(url) as client:
        with _answers():
            _accepted(client.mail(sender))
            _accepted(client.rcpt(recipient))
        leaving()
        try:
            return _accepted(client.data(content))
        except smtplib.SMTPDataError as error:  # the answer to DATA itself: nothing has left
            raise _meaning(error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unknown(f"{type(error).__name__}: {error}") from error


@contextmanager
def _connected(url: str) -> Iterator[smtplib.SMTP]:
    with _answers():
        client = _connect(url)
    try:
        yield client
    finally:
        try:
            client.quit()
        except (OSError, smtplib.SMTPException):
            client.close()


def _connect(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    secure = parts.scheme == "smtps"
    kind = smtplib.SMTP_SSL if secure else smtplib.SMTP
    client = kind(parts.hostname or "", parts.port or (465 if secure else 25), timeout=PATIENCE)
    client.ehlo_or_helo_if_needed()
    if not secure and client.has_extn("starttls"):
        client.starttls(context=ssl.create_default_context())
        client.ehlo()
    if parts.username:
        client.login(unquote(parts.username), unquote(parts.password or ""))
    return client


@contextmanager
def _answers() -> Iterator[None]:
    """Before anything leaves, whatever goes wrong but a refusal for good may pass."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        raise _meaning(error.smtp_code, error.smtp_error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Away(f"{type(error).__name__}: {error}") from error


def _accepted(answer: tuple[int, bytes]) -> str:
    code, words = answer
    if not 200 <= code < 300:
        raise _meaning(code, words)
    return f"{code} {words.decode(errors='replace')}"


def _meaning(code: int, words: bytes | str) -> NotTaken | RefusedForGood:
    said = words.decode(errors="replace") if isinstance(words, bytes) else words
    kind = RefusedForGood if 500 <= code < 600 else Away if code == 421 else NotTaken
    return kind(f"{code} {said}")
