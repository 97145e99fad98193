"""From a mail's row to the message: words in the recipient's language, figures already in the context."""

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from portal import i18n
from portal.mail.models import Mail
from portal.mail.services import DOMAIN

ROOT = Path(__file__).parents[2]
SENDER = Address("Palier", "ne-pas-repondre", DOMAIN)

_GAPS = re.compile(r"\n{3,}")  # what a template leaves where it had nothing to say
_inliner = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


@cache
def environment() -> Environment:
    """The templates of mails, strict about what they name."""
    made = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    i18n.install(made)
    return made


@dataclass(frozen=True)
class Written:
    """A letter in one language: its subject, and its body as text and as HTML before styles are inlined."""

    subject: str
    text: str
    html: str


def write(
    kind: str, context: dict[str, Any], *, name: str, locale: str, account: bool, base_url: str,
    unsubscribe: str | None = None,
) -> Written:  # fmt: skip
    """The words of a letter; `account` says whether its reader can sign in."""
    values = {
        **dict.fromkeys(("action_url", "action_label")),
        **context,
        "account": account,
        "recipient_name": name,
        "unsubscribe_url": base_url + unsubscribe if unsubscribe else None,
        "link": lambda path: base_url + path,
    }
    with i18n.use_locale(locale):
        parts = ("subject.txt", "body.txt", "body.html")
        subject, text, html = (_render(kind, part, values) for part in parts)
    return Written(" ".join(subject.split()), _GAPS.sub("\n\n", text.strip()) + "\n", html)


def write_message(
    mail: Mail, context: dict[str, Any], *, base_url: str, unsubscribe: str | None = None
) -> EmailMessage:
    """The whole message but its attachments: subject, text and HTML that say the same."""
    written = write(
        mail.kind, context, name=mail.recipient_name, locale=mail.locale, base_url=base_url,
        account=mail.user_id is not None, unsubscribe=unsubscribe,
    )  # fmt: skip
    message = EmailMessage(policy=SMTP)
    message["From"] = SENDER
    message["To"] = Address(mail.recipient_name, addr_spec=mail.recipient)
    message["Subject"] = written.subject
    message["Date"] = mail.queued_at
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    if unsubscribe:
        message["List-Unsubscribe"] = f"<{base_url}{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(written.text)
    message.add_alternative(_inliner.inline(written.html), subtype="html")
    return message


def _render(kind: str, part: str, values: dict[str, Any]) -> str:
    template = environment().get_template(f"emails/{kind.replace('.', '_')}/{part}")
    return template.render(values)
