"""Use cases about people: signing in, coming in, what one changes of oneself, what administrators change."""

from portal.users.services.administration import (
    change_role,
    deactivate_user,
    invite_user,
    resend_invitation,
    set_approval_limit,
)
from portal.users.services.codes import accept_invitation, complete_reset, request_reset
from portal.users.services.oneself import change_locale, change_password, update_profile
from portal.users.services.sessions import (
    list_sessions,
    revoke_other_sessions,
    sign_in,
    sign_out,
    view_partner,
)

__all__ = [
    "accept_invitation", "change_locale", "change_password", "change_role", "complete_reset",
    "deactivate_user", "invite_user", "list_sessions", "request_reset", "resend_invitation",
    "revoke_other_sessions", "set_approval_limit", "sign_in", "sign_out", "update_profile", "view_partner",
]  # fmt: skip
