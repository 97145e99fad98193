"""How a claim's states, steps, roles and badges are called on pages; a badge is a kind and a word."""

from datetime import date
from typing import Any

from portal import claims
from portal.claims import ClaimState, Decision, Matching, ProjectRole
from portal.i18n import format_date, ngettext
from portal.i18n import gettext as _
from portal.i18n import lazy_gettext as _l

STATES: dict[ClaimState, tuple[str, Any]] = {
    ClaimState.DRAFT: ("quiet", _l("draft")),
    ClaimState.SUBMITTED: ("info", _l("submitted")),
    ClaimState.IN_REVIEW: ("info", _l("in review")),
    ClaimState.INFO_REQUESTED: ("wait", _l("question asked")),
    ClaimState.PENDING_SECOND: ("info", _l("second approval")),
    ClaimState.APPROVED: ("ok", _l("approved")),
    ClaimState.REJECTED: ("stop", _l("refused")),
    ClaimState.WITHDRAWN: ("quiet", _l("withdrawn")),
    ClaimState.EXPIRED: ("quiet", _l("expired")),
    ClaimState.IN_CONFLICT: ("wait", _l("in conflict")),
    ClaimState.APPEALED: ("wait", _l("under appeal")),
    ClaimState.REVOKED: ("stop", _l("revoked")),
}
MATCHINGS: dict[Matching, tuple[str, Any]] = {
    Matching.NONE: ("quiet", _l("no transaction")),
    Matching.PROPOSED: ("wait", _l("order proposed")),
    Matching.MATCHED: ("ok", _l("matched")),
    Matching.GAP: ("wait", _l("gap")),
}
ROLES: dict[ProjectRole, Any] = {
    ProjectRole.PRESCRIBE: _l("Recommendation"),
    ProjectRole.DESIGN: _l("Design"),
    ProjectRole.INTEGRATE: _l("Integration"),
    ProjectRole.DEPLOY: _l("Deployment"),
}
ROLE_HINTS: dict[str, Any] = {
    ProjectRole.PRESCRIBE: _l("you recommended the technology in writing, before the order"),
    ProjectRole.DESIGN: _l("you designed the architecture"),
    ProjectRole.INTEGRATE: _l("you put the products together and configured them"),
    ProjectRole.DEPLOY: _l("you rolled them out to sites or users"),
}
PROJECT_TYPES: dict[str, Any] = {
    "infrastructure": _l("Infrastructure"),
    "cloud_migration": _l("Move to the cloud"),
    "workplace": _l("Workplace"),
    "security": _l("Security"),
    "data": _l("Data and applications"),
    "licences": _l("Licence renewal with a project"),
    "other": _l("Other"),
}
SECTORS: dict[str, Any] = {
    "industry": _l("Industry"),
    "bank": _l("Bank and insurance"),
    "retail": _l("Retail"),
    "services": _l("Services"),
    "transport": _l("Transport and energy"),
    "health": _l("Health"),
    "education": _l("Education"),
    "public": _l("Public administration"),
    "other": _l("Other"),
}
AGREEMENTS: dict[str, Any] = {
    "": _l("not known"),
    "CSP": "CSP",
    "EA": "Enterprise Agreement",
    "MPSA": "MPSA",
    "OPEN": "Open",
    "SELECT": "Select Plus",
    "OEM": "OEM",
}
EVENTS: dict[str, tuple[str, Any]] = {
    "started": ("", _l("Draft started")),
    "started_on_behalf": ("", _l("Draft started by the account manager for the firm")),
    "offered": ("wait", _l("Draft given to the firm to declare")),
    "reminded_to_take": ("wait", _l("Reminder sent to begin the review")),
    "reminded_inside": ("wait", _l("Reminder sent to who decides")),
    "escalated": ("stop", _l("Late: the lead is told")),
    "submitted": ("info", _l("Declared on honour")),
    "taken": ("info", _l("Review begun")),
    "info_requested": ("wait", _l("Question asked")),
    "answered": ("info", _l("Answered")),
    "reminded": ("wait", _l("Reminder sent")),
    "withdrawn": ("", _l("Withdrawn")),
    "expired": ("stop", _l("Expired")),
    "approved": ("ok", _l("Approved")),
    "passed_on": ("info", _l("Approved by a first person; a second one decides")),
    "approved_second": ("ok", _l("Approved by a second person")),
    "rejected": ("stop", _l("Refused")),
    "evidence_added": ("", _l("Evidence added")),
    "evidence_replaced": ("", _l("Evidence replaced")),
    "evidence_withdrawn": ("", _l("Evidence withdrawn")),
    "match_confirmed": ("ok", _l("Order recognised")),
    "match_refused": ("", _l("Order found to be another project's")),
    "conflict_found": ("wait", _l("Another declaration concerns the same project")),
    "conflict_resolved": ("info", _l("Conflict resolved, review goes on")),
    "conflict_won": ("ok", _l("Conflict resolved, the approval stands")),
    "conflict_lost": ("stop", _l("Conflict resolved")),
    "appealed": ("wait", _l("Appeal made")),
    "upheld": ("stop", _l("Appeal dismissed, the refusal stands")),
    "upheld_in_part": ("info", _l("Appeal dismissed, the decision stands")),
    "approved_on_appeal": ("ok", _l("Approved on appeal")),
    "revoked": ("stop", _l("Revoked")),
}
SECOND_REASONS: dict[str, Any] = {
    "above_limit": _l("the credit exceeds the limit of one person"),
    "public_customer": _l("the customer is a public body"),
    "made_by_pam": _l("the claim was written by the account manager"),
    "probable_match": _l("the order is only a probable one"),
}


def decision_badge(row: Any) -> tuple[str, Any]:
    """The badge of the decision: what was decided, or where the review stands."""
    if row.state is ClaimState.APPROVED and row.decision is Decision.APPROVED_IN_PART:
        return "ok", _("approved in part")
    return STATES[row.state]


def clock_words(row: Any, *, on: date, by_firm: bool = False) -> dict[str, Any] | None:
    """The pie of a claim's delay and the words beside it; None when no clock runs."""
    if row.state is ClaimState.APPEALED:
        return _appeal_words(row, on=on)
    if row.state is ClaimState.INFO_REQUESTED and by_firm:
        return {
            "used": 100,
            "state": "wait",
            "words": _("by %(day)s", day=format_date(row.info_due_on, "day")),
        }
    delay = claims.RULES.decision_delay(tele=row.tele)
    if row.state not in claims.OPEN or not (
        clock := claims.clock(decide_by=row.decide_by, clock_left=row.clock_left, on=on, delay=delay)
    ):
        return None
    if clock.paused:
        return {"used": clock.used, "state": "paused", "words": _("paused, with the partner")}
    if by_firm:
        return {"used": clock.used, "state": "go", "words": _promised(clock.left)}
    state = "stop" if clock.left <= 0 else "wait" if clock.used >= 70 else "go"
    return {"used": clock.used, "state": state, "words": _left(clock.left)}


def _appeal_words(row: Any, *, on: date) -> dict[str, Any] | None:
    """The delay of a judgement, the same for both sides."""
    delay = claims.RULES.judgement_days
    standing = claims.clock(decide_by=row.decide_by, clock_left=None, on=on, delay=delay)
    if standing is None:
        return None
    state = "stop" if standing.left <= 0 else "wait" if standing.used >= 70 else "go"
    return {"used": standing.used, "state": state, "words": _left(standing.left)}


def _promised(left: int) -> str:
    """What the firm reads: the delay that it was promised, as long as it is kept."""
    if left < 0:
        return _left(left)
    sentence = ngettext("decision within %(num)s working day", "decision within %(num)s working days", left)
    return sentence if left else _("decision due today")


def _left(left: int) -> str:
    if left < 0:
        return ngettext("%(num)s day late", "%(num)s days late", -left)
    return ngettext("%(num)s day", "%(num)s days", left) if left else _("today")


FIELDS: dict[str, Any] = {
    "customer_siren": _l("SIREN of the end customer"),
    "customer_name": _l("Legal name of the end customer"),
    "customer_sector": _l("Sector"),
    "title": _l("Project title"),
    "project_type": _l("Kind of project"),
    "roles": _l("Roles held"),
    "lines": _l("Products and amounts"),
    "reseller_name": _l("Reseller"),
    "order_no": _l("Order number"),
    "signed_on": _l("Date of the customer's signature"),
    "ordered_on": _l("Date of the order"),
    "evidence": _l("Evidence"),
}

ASKS: dict[claims.Asked, Any] = {
    claims.Asked.DECISION: _l("the refusal itself"),
    claims.Asked.AMOUNT: _l("the amounts that were cut"),
    claims.Asked.ROLES: _l("the roles that were not recognised"),
}
TEAMS: dict[str, Any] = {
    "SSII": _l("services firms"),
    "ISV": _l("software vendors"),
    "LAR": _l("large account resellers"),
    "SMB_D": _l("distributors and e-tailers"),
    "VAR": _l("resellers"),
    "TELE": _l("tele-managed partners"),
}
