"""The queue: what waits for a decision, by deadline, beside the one claim being read."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, g, render_template, request, url_for

from portal import catalogue, claims, clock, portfolio
from portal.access import Person, current_person, requires
from portal.claims import ClaimFilter, ClaimState
from portal.i18n import lazy_gettext as _l
from portal.portfolio import AnswersAs
from portal.users.models import Role
from portal.web import claim_delays, claim_lists, layout
from portal.web.account import Page

bp = Blueprint("queue", __name__, url_prefix="/staff/queue")

TO_DECIDE = (ClaimState.SUBMITTED, ClaimState.IN_REVIEW, ClaimState.INFO_REQUESTED)
VIEWS: dict[str, tuple[Any, tuple[ClaimState, ...]]] = {
    "todo": (_l("To decide"), TO_DECIDE),
    "mine": (_l("Taken by me"), TO_DECIDE),
    "second": (_l("Second approval"), (ClaimState.PENDING_SECOND,)),
    "conflict": (_l("In conflict"), (ClaimState.IN_CONFLICT,)),
    "appeals": (_l("Appeals"), (ClaimState.APPEALED,)),
}
VIEWS_OF = {
    Role.PAM: ("todo", "mine", "second"),
    Role.SEGMENT_LEAD: ("second", "todo", "conflict", "appeals"),
    Role.PROGRAMME_MANAGER: ("appeals",),
}
WHOM: dict[AnswersAs, Any] = {
    AnswersAs.PAM: _l("My firms"),
    AnswersAs.DEPUTY: _l("In somebody's absence"),
    AnswersAs.DESK: _l("The desk's other firms"),
}
LEVELS = {Role.SEGMENT_LEAD: 1, Role.PROGRAMME_MANAGER: 2}


@bp.get("")
@requires("queue:read")
def index() -> Page:
    """What waits, by deadline."""
    return render_template("staff/queue/index.html", **queue_of(current_person()))


def queue_of(person: Person) -> dict[str, Any]:
    """The list beside the panel: this reader's view of the queue, filtered by the URL."""
    names = VIEWS_OF[person.role]
    asked = request.args.get("view", names[0])
    view = asked if asked in names else names[0]
    whom = _answered_for(person)
    wanted = replace(
        claim_lists.asked_filter(states=VIEWS[view][1], partner_ids=whom.get(request.args.get("whom", ""))),
        sort=request.args.get("sort", "deadline"),
        taken_by_id=person.id if view == "mine" else None,
        segment=_led(person) if view != "appeals" else "",
        appeal_level=LEVELS[person.role] if view == "appeals" else 0,
    )
    page = claims.list_claims(wanted)
    return {
        "view": view,
        "views": views_of(view, person),
        "whom": _choices(whom) if len(whom) > 1 else (),
        "page": page,
        "wanted": wanted,
        "rows": claim_lists.badges(page.rows, person),
        "families": catalogue.list_families(),
        "small": {row.id for row in claims.list_small(page.rows)} if person.role is Role.PAM else (),
        "limit": claims.RULES.bulk_limit,
        "delays": claim_delays.published(),
        "median": claims.median_days(since=clock.now() - timedelta(days=30)),
        "kept": kept(),
        "sort_link": lambda sort: url_for("queue.index", **{**kept(), "sort": sort}),
        "page_link": lambda number: url_for("queue.index", **{**kept(), "page": number}),
    }


def _led(person: Person) -> str:
    """The segment whose claims a lead sees in the queue; appeals come from any."""
    return person.segment or "" if person.role is Role.SEGMENT_LEAD else ""


def _answered_for(person: Person) -> dict[str, list[int]]:
    """The firms a PAM answers for, by in whose name; nothing where there are none, nor for other people."""
    if person.role is not Role.PAM:
        return {}
    found = portfolio.answered_for(person.id, clock.today())
    return {how.value: firms for how, firms in found.items() if firms}


def _choices(whom: dict[str, list[int]]) -> list[dict[str, Any]]:
    """The filter on in whose name one answers, all of them first."""
    chosen = request.args.get("whom", "")
    names = [("", _l("All that I answer for")), *((how, WHOM[AnswersAs(how)]) for how in whom)]
    return [
        {
            "label": name, "url": url_for("queue.index", **{**kept(), "whom": how or None}),
            "current": how == (chosen if chosen in whom else ""),
        }
        for how, name in names
    ]  # fmt: skip


def kept() -> dict[str, Any]:
    """What of the URL goes along from claim to claim."""
    return {
        name: request.args[name] for name in ("view", "whom", "sort", "q", "page") if request.args.get(name)
    }


def _counts(person: Person) -> dict[ClaimState, tuple[int, int]]:
    """How much is in each state, asked once for a page: its tabs and the place in the header say it."""
    if "queue_counts" not in g:
        g.queue_counts = claims.count_by_state(person_id=person.id, segment=_led(person))
    found: dict[ClaimState, tuple[int, int]] = g.queue_counts
    return found


def views_of(view: str, person: Person) -> list[dict[str, Any]]:
    """The tabs of the queue with how much is in each."""
    counts = _counts(person)
    return [
        {
            "label": VIEWS[name][0],
            "url": url_for("queue.index", view=name),
            "current": name == view,
            "count": _count(name, person, counts),
        }
        for name in VIEWS_OF[person.role]
    ]


def _count(name: str, person: Person, counts: Any) -> int:
    """How much is in a view of this reader."""
    if name == "appeals":
        return claims.count_appeals(LEVELS[person.role])
    return sum(counts.get(state, (0, 0))[name == "mine"] for state in VIEWS[name][1])


def next_after(person: Person, filters: ClaimFilter | None = None) -> str:
    """The page of the next claim to decide, or the queue when nothing is left."""
    names = VIEWS_OF[person.role]
    view = request.args.get("view", names[0])
    states = VIEWS[view if view in names else names[0]][1]
    waiting = tuple(state for state in states if state is not ClaimState.INFO_REQUESTED)
    level = LEVELS[person.role] if VIEWS["appeals"][1] == states else 0
    firms = _answered_for(person).get(request.args["whom"]) if "whom" in request.args else None
    asked = filters or ClaimFilter(states=waiting, sort="deadline", appeal_level=level, partner_ids=firms)
    rows = claims.list_claims(asked, size=1).rows
    if not rows:
        return url_for("queue.index", **kept())
    return url_for("staff_claims.review", public_id=rows[0].public_id, **kept())


def _waiting() -> int:
    """What the place in the header counts, for a reader of the queue."""
    person = current_person()
    counts = _counts(person)
    return _count(VIEWS_OF[person.role][0], person, counts)


layout.COUNTS["queue.index"] = _waiting
