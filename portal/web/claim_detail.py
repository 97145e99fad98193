"""What a claim's page shows on both sides."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from portal import catalogue, claims, clock
from portal.access import Person, allowed
from portal.calendar import paris_date
from portal.claims import Claim, ClaimState, Finding
from portal.claims.workflow import Action, Actor, possible_actions
from portal.i18n import current_locale
from portal.i18n import gettext as _
from portal.web.claim_lists import badges, customer_of
from portal.web.claim_words import (
    AGREEMENTS,
    ASKS,
    EVENTS,
    PROJECT_TYPES,
    ROLES,
    SECOND_REASONS,
    SECTORS,
)
from portal.web.conflict_words import POLICIES

STEPS = frozenset(Action)  # reminders and papers come after the step that a notice quotes


def detail_of(claim: Claim, person: Person) -> dict[str, Any]:
    """The context of a claim's page for this reader."""
    on = clock.today()
    row = claims.list_claims(claims.ClaimFilter(claim_id=claim.id)).rows[0]
    reasons = catalogue.list_reasons()
    timeline, appeals = claims.timeline_of(claim.id), claims.appeals_of(claim.id)
    reads = allowed("evidence:read", partner_id=claim.partner_id)
    return {
        "claim": claim,
        "shown": badges([row], person)[0],
        "customer": customer_of(claim),
        "lines": claims.lines_of(claim.id),
        "families": catalogue.list_families(),
        "reasons": reasons,
        "reason": reasons.get(claim.reason_code or ""),
        "papers": claims.evidence_of(claim.id) if reads else [],
        "kinds": {code: kind.label for code, kind in catalogue.list_evidence_types().items()},
        "readings": readings_of(claim.id) if reads else {},
        "events": [event_of(event, reasons) for event in timeline],
        "step": next((event_of(event, reasons) for event in timeline if event.kind in STEPS), None),
        "grid": claims.grid_of(claim, on=on),
        "ticks": claims.ticks_of(claim.id),
        "appeals": appeals,
        "messages": claims.messages_of(claim.id) if reads else [],
        "refusal": refusal_of(claim, timeline),
        "appeal_until": appeal_until(claim, appeals),
        "asks": ASKS,
        "actions": possible_actions(claim.state, Actor.PARTNER if person.role.is_partner else Actor.PAM),
        "open_to_evidence": claim.state in claims.OPEN_TO_EVIDENCE,
        "roles": ROLES, "types": PROJECT_TYPES, "sectors": SECTORS, "agreements": AGREEMENTS,
        "ClaimState": ClaimState, "Finding": Finding,
    }  # fmt: skip


def refusal_of(claim: Claim, timeline: Sequence[Any]) -> dict[str, str]:
    """What a refusal names: the field or paper, and its page where one was given."""
    found: dict[str, Any] = next((one.details for one in timeline if one.kind == "rejected"), {})
    code = found.get("place") or catalogue.place_of_reason(claim.reason_code or "")
    place = catalogue.places().get(code, {}).get(current_locale(), "")
    return {"place": place, "page": found.get("page", "")}


def appeal_until(claim: Claim, appeals: Sequence[Any]) -> date | None:
    """The last day to appeal against what was decided last; None where nothing can be appealed."""
    judged = [one.judged_at for one in appeals if one.judged_at]
    if claim.decided_at is None or claim.decision is claims.Decision.APPROVED:
        return None
    if len(judged) >= claims.RULES.appeal_levels:
        return None
    return claims.RULES.appeal_by(paris_date(max([claim.decided_at, *judged])))


def event_of(event: Any, reasons: dict[str, catalogue.Entry]) -> dict[str, Any]:
    """A line of the timeline in words."""
    kind, what = EVENTS.get(event.kind, ("", event.kind))
    told = [str(what)]
    if event.details.get("in_part"):
        told[0] = _("Approved in part")
    if event.details.get("name"):
        told.append(event.details["name"])
    if event.details.get("asks") in ASKS:
        told.append(str(ASKS[event.details["asks"]]))
    if event.reason_code in reasons:
        told.append(reasons[event.reason_code].label)
    if event.details.get("policy") in POLICIES:
        told.append(_("published rule, %(rule)s", rule=POLICIES[event.details["policy"]]))
    told += [str(SECOND_REASONS[code]) for code in event.details.get("second", ()) if code in SECOND_REASONS]
    by = _("the portal") if event.actor is None else event.actor
    if event.on_behalf_of:
        by = _("%(actor)s for %(pam)s", actor=by, pam=event.on_behalf_of)
    if event.proposed_by:
        by = _("proposed by %(first)s, confirmed by %(second)s", first=event.proposed_by, second=by)
    return {"at": event.at, "what": " · ".join(told), "by": by, "words": event.note, "kind": kind}


def readings_of(claim_id: int) -> dict[int, list[Any]]:
    """File id → who opened it, and when last."""
    found: dict[int, list[Any]] = {}
    for row in claims.readings_of(claim_id):
        found.setdefault(row.file_id, []).append(row)
    return found
