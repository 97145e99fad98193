"""What a reorganisation is judged against: every firm with its turns, every account manager by name."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import case, select

from portal.db import AnyRow, db
from portal.partners.models import Partner
from portal.partners.names import search_key
from portal.portfolio.models import LineKind, PamAssignment, Reorganisation, ReorganisationLine
from portal.portfolio.outcomes import Firm, Known, Turn
from portal.users.models import Role, User, UserState


def read_known(today: date, *, lock: bool = False) -> Known:
    """Firms and account managers as they are now; locked when they are about to change."""
    firms = {firm.code: firm for firm in _firms(today, lock=lock).values()}
    merged = db.session.execute(
        select(ReorganisationLine.code, Partner.code)
        .join(Reorganisation, Reorganisation.id == ReorganisationLine.reorganisation_id)
        .join(Partner, Partner.id == ReorganisationLine.partner_id)
        .where(ReorganisationLine.kind == LineKind.MERGED, Reorganisation.undone_at.is_(None))
    )
    former = {code: firms[survivor] for code, survivor in merged if code not in firms}
    return Known(firms={**former, **firms}, pams=_pams(), today=today)


_AHEAD = (Partner.next_coverage, Partner.next_coverage_on)


def _firms(today: date, *, lock: bool) -> dict[int, Firm]:
    turns: dict[int, list[Turn]] = defaultdict(list)
    query = select(
        *(PamAssignment.partner_id, PamAssignment.id, PamAssignment.pam_id),
        *(PamAssignment.starts_on, PamAssignment.ends_before),
    ).order_by(PamAssignment.partner_id, PamAssignment.starts_on)
    for row in db.session.execute(query.with_for_update() if lock else query):
        turns[row.partner_id].append(Turn(row.id, row.pam_id, row.starts_on, row.ends_before))
    rows = db.session.execute(
        select(
            *(Partner.id, Partner.code, Partner.siren, Partner.legal_name.label("name"), Partner.segment),
            *(Partner.coverage, Partner.unit, Partner.starts_on, Partner.ends_before),
            *(case((Partner.next_coverage_on > today, column)).label(column.key) for column in _AHEAD),
        )
    )
    return {row.id: Firm(**row._asdict(), turns=tuple(turns[row.id])) for row in rows}


def _pams() -> dict[str, tuple[int, ...]]:
    """Ids of the account managers who are here, by address and by name; homonyms stay together."""
    called: dict[str, list[int]] = defaultdict(list)
    people = db.session.execute(
        select(User.id, User.email, User.name).where(
            User.role == Role.PAM, User.state != UserState.DEACTIVATED
        )
    )
    for user_id, email, name in people:
        called[email].append(user_id)
        called[search_key(name)].append(user_id)
    return {name: tuple(ids) for name, ids in called.items()}


def images(partner_ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """What a reorganisation may change of each firm, as it is now."""
    found: dict[int, dict[str, Any]] = {
        row.id: {
            "segment": row.segment.value, "coverage": row.settled_coverage.value,
            **_ahead(row),
            "ends_before": _iso(row.ends_before), "merged_into_id": row.merged_into_id, "turns": [],
        }
        for row in db.session.execute(
            select(
                *(Partner.id, Partner.segment, Partner.settled_coverage, *_AHEAD),
                *(Partner.ends_before, Partner.merged_into_id),
            ).where(Partner.id.in_(partner_ids))
        )
    }  # fmt: skip
    turns = db.session.execute(
        select(
            *(PamAssignment.partner_id, PamAssignment.id, PamAssignment.pam_id, PamAssignment.starts_on),
            *(PamAssignment.ends_before, PamAssignment.reason),
        )
        .where(PamAssignment.partner_id.in_(partner_ids))
        .order_by(PamAssignment.partner_id, PamAssignment.starts_on)
    )
    for partner_id, turn_id, pam_id, starts_on, ends_before, reason in turns:
        found[partner_id]["turns"].append([turn_id, pam_id, starts_on.isoformat(), _iso(ends_before), reason])
    return found


def _ahead(row: AnyRow) -> dict[str, str]:
    """What its coverage becomes, where a day is set."""
    if row.next_coverage is None:
        return {}
    return {"next_coverage": row.next_coverage.value, "next_coverage_on": row.next_coverage_on.isoformat()}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[list[int], list[list[Any]], list[list[Any]]]:
    """Ids of the turns that came, the turns that are gone, and those that were otherwise, as they were."""
    was, now = ({turn[0]: turn for turn in image["turns"]} for image in (before, after))
    came = [turn_id for turn_id in now if turn_id not in was]
    gone = [turn for turn_id, turn in was.items() if turn_id not in now]
    otherwise = [turn for turn_id, turn in was.items() if turn_id in now and now[turn_id] != turn]
    return came, gone, otherwise
