"""The whole policy on one page: permission → role → in which relation to the thing."""

from enum import StrEnum

from portal.users.models import Role

MEMBER, ADMIN_OF_FIRM, PAM, LEAD = Role.PARTNER_MEMBER, Role.PARTNER_ADMIN, Role.PAM, Role.SEGMENT_LEAD
PROGRAMME, FINANCE, ADMIN, AUDITOR = Role.PROGRAMME_MANAGER, Role.FINANCE, Role.ADMIN, Role.AUDITOR


class Relation(StrEnum):
    """How a person must stand to the partner concerned."""

    OWN = "own"  # the person's own firm
    FOLLOWED = "followed"  # a partner followed today, in person, as a deputy or at the tele desk
    ANY = "any"


OWN, FOLLOWED, ANY = Relation.OWN, Relation.FOLLOWED, Relation.ANY
FIRM = {MEMBER: OWN, ADMIN_OF_FIRM: OWN}
READERS = {PAM: FOLLOWED, LEAD: ANY, PROGRAMME: ANY, FINANCE: ANY, AUDITOR: ANY}

POLICY: dict[str, dict[Role, Relation]] = {
    # what a partner firm does
    "partner:home": FIRM,
    "claim:declare": FIRM,
    "claim:draft": {**FIRM, PAM: FOLLOWED},
    "claim:submit": FIRM,
    "claim:withdraw": FIRM,
    "claim:answer": FIRM,
    "claim:appeal": FIRM,
    "inquiry:ask": FIRM,
    "conflict:answer": FIRM,
    "conflict:sign": {ADMIN_OF_FIRM: OWN},
    "objective:accept": {ADMIN_OF_FIRM: OWN},
    "objective:set": {LEAD: ANY, PROGRAMME: ANY},
    "coming_plan:read": FIRM,
    "coming_plan:acknowledge": {ADMIN_OF_FIRM: OWN},
    "team:read": FIRM,
    "team:manage": {ADMIN_OF_FIRM: OWN},
    "billing:manage": {ADMIN_OF_FIRM: OWN},
    # what both sides read
    "claim:read": {**FIRM, **READERS, ADMIN: ANY},
    "evidence:read": {**FIRM, **READERS},
    "objective:read": {**FIRM, **READERS},
    "statement:read": {**FIRM, **READERS, ADMIN: ANY},
    "statement:print": {**FIRM, PAM: FOLLOWED, LEAD: ANY, PROGRAMME: ANY, FINANCE: ANY, ADMIN: ANY},
    "dispute:read": {**FIRM, **READERS},
    "dispute:open": {ADMIN_OF_FIRM: OWN},
    "dispute:answer": {ADMIN_OF_FIRM: OWN, PAM: FOLLOWED, LEAD: ANY, PROGRAMME: ANY, FINANCE: ANY},
    "dispute:decide": {LEAD: ANY, PROGRAMME: ANY, FINANCE: ANY},
    "claim:message": {**FIRM, PAM: FOLLOWED, LEAD: ANY},
    "search:use": {**FIRM, **READERS, ADMIN: ANY},
    # claims, on the vendor's side
    "queue:read": {PAM: FOLLOWED, LEAD: ANY, PROGRAMME: ANY},
    "claim:draft_for": {PAM: FOLLOWED},
    "partner:view_as": {PAM: FOLLOWED},
    "claim:review": {PAM: FOLLOWED, LEAD: ANY},
    "claim:approve": {PAM: FOLLOWED, LEAD: ANY},
    "claim:approve_small": {PAM: FOLLOWED},
    "claim:approve_second": {LEAD: ANY},
    "claim:reject": {PAM: FOLLOWED, LEAD: ANY},
    "claim:judge": {LEAD: ANY, PROGRAMME: ANY},
    "claim:revoke": {FINANCE: ANY, PROGRAMME: ANY},
    "match:confirm": {PAM: FOLLOWED, LEAD: ANY},
    "inquiry:answer": {PAM: FOLLOWED, LEAD: ANY},
    "revenue:read": {PAM: FOLLOWED, LEAD: ANY, PROGRAMME: ANY, FINANCE: ANY, AUDITOR: ANY},
    "conflict:read": {LEAD: ANY, PROGRAMME: ANY, FINANCE: ANY, AUDITOR: ANY},
    "conflict:settle": {LEAD: ANY},
    "conflict:policy": {PROGRAMME: ANY},
    # partners and portfolio
    "directory:read": {PAM: ANY, LEAD: ANY, PROGRAMME: ANY, FINANCE: ANY, ADMIN: ANY, AUDITOR: ANY},
    "portfolio:read": {PAM: FOLLOWED, LEAD: ANY, PROGRAMME: ANY, AUDITOR: ANY},
    "portfolio:assign": {LEAD: ANY, PROGRAMME: ANY},
    "partner:segment": {PROGRAMME: ANY},
    "portfolio:reorganise": {LEAD: ANY, PROGRAMME: ANY, ADMIN: ANY},
    "reorganisation:read": {LEAD: ANY, PROGRAMME: ANY, ADMIN: ANY, AUDITOR: ANY},
    "partner:manage": {LEAD: ANY, PROGRAMME: ANY, ADMIN: ANY},
    "promise:make": {PAM: FOLLOWED, LEAD: ANY},
    "handover_note:read": {PAM: ANY, LEAD: ANY, PROGRAMME: ANY, AUDITOR: ANY},
    "handover_note:make": {PAM: FOLLOWED, LEAD: ANY, PROGRAMME: ANY},
    "portfolio:absence": {PAM: FOLLOWED, LEAD: ANY},
    # programme
    "catalogue:read": {PAM: ANY, LEAD: ANY, PROGRAMME: ANY, FINANCE: ANY, ADMIN: ANY, AUDITOR: ANY},
    "plan:read": {PAM: ANY, LEAD: ANY, PROGRAMME: ANY, FINANCE: ANY, AUDITOR: ANY},
    "plan:write": {PROGRAMME: ANY},
    "plan:publish": {PROGRAMME: ANY, FINANCE: ANY},
    "plan:simulate": {PROGRAMME: ANY},
    "simulation:read": {LEAD: ANY, PROGRAMME: ANY, FINANCE: ANY, AUDITOR: ANY},
    "objective:propose": {PAM: FOLLOWED, LEAD: ANY, PROGRAMME: ANY},
    "order:read": {PAM: ANY, LEAD: ANY, PROGRAMME: ANY, FINANCE: ANY, ADMIN: ANY, AUDITOR: ANY},
    "rate:manage": {PROGRAMME: ANY, FINANCE: ANY},
    "order:import": {PROGRAMME: ANY, ADMIN: ANY},
    # close and money
    "close:read": {LEAD: ANY, PROGRAMME: ANY, FINANCE: ANY, AUDITOR: ANY},
    "close:compute": {PROGRAMME: ANY},
    "close:propose": {PROGRAMME: ANY},
    "close:approve": {FINANCE: ANY},
    "correction:read": {PROGRAMME: ANY, FINANCE: ANY, AUDITOR: ANY},
    "correction:propose": {PROGRAMME: ANY, FINANCE: ANY},
    "correction:approve": {FINANCE: ANY},
    "result:read": READERS,
    "ledger:read": {FINANCE: ANY, AUDITOR: ANY, PROGRAMME: ANY},
    "balance:own": FIRM,
    "balance:read": {FINANCE: ANY, AUDITOR: ANY, PROGRAMME: ANY},
    "payment:read": {FINANCE: ANY, AUDITOR: ANY},
    "payment:record": {FINANCE: ANY},
    "hold:place": {FINANCE: ANY},
    "hold:release": {FINANCE: ANY},
    "bank:decide": {FINANCE: ANY},
    "export:read": {FINANCE: ANY, AUDITOR: ANY},
    # the house
    "account:manage": dict.fromkeys(Role, ANY),
    "audit:read": {AUDITOR: ANY, FINANCE: ANY},
    "user:manage": {ADMIN: ANY},
    "mail:read": {ADMIN: ANY, FINANCE: ANY},
    "mail:resend": {ADMIN: ANY, FINANCE: ANY},
    "work:read": {ADMIN: ANY, FINANCE: ANY, PROGRAMME: ANY},
    "work:retry": {ADMIN: ANY, FINANCE: ANY},
}


def relation(permission: str, role: Role) -> Relation | None:
    """In which relation this role has this permission; None = not at all."""
    return POLICY[permission].get(role)
