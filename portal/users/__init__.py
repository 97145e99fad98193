"""People, how they come in and how they sign in."""

from portal.users.attempts import Subject, are_locked, count_failure, verification
from portal.users.codes import find_code_owner, issue_code
from portal.users.passwords import hash_password
from portal.users.queries import get_user, list_colleagues, search_users
from portal.users.services import (
    accept_invitation,
    change_locale,
    change_password,
    change_role,
    complete_reset,
    deactivate_user,
    invite_user,
    list_sessions,
    request_reset,
    resend_invitation,
    revoke_other_sessions,
    set_approval_limit,
    sign_in,
    sign_out,
    update_profile,
    view_partner,
)

__all__ = [
    "Subject",
    "accept_invitation",
    "are_locked",
    "change_locale",
    "change_password",
    "change_role",
    "complete_reset",
    "count_failure",
    "deactivate_user",
    "find_code_owner",
    "get_user",
    "hash_password",
    "invite_user",
    "issue_code",
    "list_colleagues",
    "list_sessions",
    "request_reset",
    "resend_invitation",
    "revoke_other_sessions",
    "search_users",
    "set_approval_limit",
    "sign_in",
    "sign_out",
    "update_profile",
    "verification",
    "view_partner",
]  # fmt: skip
