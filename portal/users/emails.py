"""What the mails about accounts need at the moment they are written, and what no row may hold."""

from datetime import datetime

from portal.users.codes import LIFETIMES, issue_code
from portal.users.models import CodePurpose

LINKS = {
    "account.invitation": (CodePurpose.INVITATION, "/account/invitation/"),
    "account.reset": (CodePurpose.RESET, "/account/reset/"),
}


def fill_context(kind: str, user_id: int, at: datetime) -> dict[str, str]:
    """The one-time link of a mail of this kind, as a path (`code_link`), and its end (`code_until`), ISO."""
    purpose, path = LINKS[kind]
    code = issue_code(user_id, purpose, at)
    return {"code_link": f"{path}{code}", "code_until": (at + LIFETIMES[purpose]).isoformat()}
