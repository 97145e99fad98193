"""How people, their roles and their states are called on pages."""

from typing import Any

from portal.i18n import lazy_gettext as _l
from portal.users.models import Role, UserState

LANGUAGES = (("fr", "français"), ("en", "English"))
ROLES: dict[Role, Any] = {
    Role.PARTNER_MEMBER: _l("Member of the firm"),
    Role.PARTNER_ADMIN: _l("Administrator of the firm"),
    Role.PAM: _l("Partner account manager"),
    Role.SEGMENT_LEAD: _l("Segment lead"),
    Role.PROGRAMME_MANAGER: _l("Programme manager"),
    Role.FINANCE: _l("Finance"),
    Role.ADMIN: _l("Portal administrator"),
    Role.AUDITOR: _l("Auditor"),
}
FIRM_ROLES = [(str(role), ROLES[role]) for role in Role if role.is_partner]
STAFF_ROLES = [(str(role), ROLES[role]) for role in Role if not role.is_partner]
SEGMENTS = (
    ("SSII", _l("services firms (SSII)")),
    ("ISV", _l("software vendors (ISV)")),
    ("LAR", _l("large account resellers (LAR)")),
    ("SMB_D", _l("distributors and e-tailers (SMB-D)")),
    ("VAR", _l("resellers (VAR)")),
)
STATES: dict[UserState, tuple[str, Any]] = {
    UserState.INVITED: ("wait", _l("invitation sent")),
    UserState.ACTIVE: ("ok", _l("access open")),
    UserState.DEACTIVATED: ("quiet", _l("access ended")),
}
