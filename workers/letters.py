"""From a mail's row to the message: words in the recipient's language, figures already in the context."""

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

ROOT = Path(__file__).parent.parent
SENDER = Address("Palier", "ne-pas-repondre", DOMAIN)

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


def write_message(mail: Mail, context: dict[str, Any], *, base_url: str) -> EmailMessage:
    """The whole message but its attachments: subject, text and HTML that say the same."""
    values = {
        **dict.fromkeys(("action_url", "action_label", "reason")),
        **context,
        "recipient_name": mail.recipient_name,
        "link": lambda path: base_url + path,
    }
    with i18n.use_locale(mail.locale):
        parts = ("subject.txt", "body.txt", "body.html")
        subject, text, html = (_render(mail.kind, part, values) for part in parts)
    message = EmailMessage(policy=SMTP)
    message["From"] = SENDER
    message["To"] = Address(mail.recipient_name, addr_spec=mail.recipient)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = mail.queued_at
    message["Message-ID"] = mail.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.strip() + "\n")
    message.add_alternative(_inliner.inline(html), subtype="html")
    return message


def _render(kind: str, part: str, values: dict[str, Any]) -> str:
    template = environment().get_template(f"emails/{kind.replace('.', '_')}/{part}")
    return template.render(values)
