"""Long work over all partners, as its page shows it: how far it is, and the views of what it found."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, url_for

from portal import work
from portal.i18n import format_number
from portal.i18n import gettext as _


def progress(*, batch: str, done: int, total: int) -> Response:
    """How far it is, for the bar, and how much of it was given up."""
    state = "finished" if done >= total else "running"
    count = _("%(done)s of %(total)s", done=format_number(done), total=format_number(total))
    return jsonify(done=done, total=total, state=state, failed=given_up(batch), count=count)


def given_up(batch: str) -> int:
    """How many of its items wait for somebody to look at them."""
    return work.pace(batch).dead


def views(
    endpoint: str,
    labels: Mapping[str, Any],
    counts: Mapping[str, int],
    *,
    name: str,
    shown: str,
    **place: Any,
) -> list[dict[str, Any]]:
    """The tabs of its views, each with how many partners are in it."""

    def url(view: str) -> str:
        query: dict[str, Any] = {**place, name: view or None}
        return url_for(endpoint, **query)

    return [
        {"label": label, "url": url(view), "current": view == shown, "count": counts[view]}
        for view, label in labels.items()
    ]
