"""Asking for the notes that go with a handover; the workers write and print them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import insert, select

from portal import work
from portal.db import db
from portal.portfolio.models import HandoverNote
from portal.users.models import User

Move = tuple[int, int, int | None, date]


def ask_for_notes(*, moves: Sequence[Move], reason: str, actor_id: int | None, at: datetime) -> list[UUID]:
    """One note for each PAM who leaves and PAM who comes, about the partners that pass between them.

    Each move is (partner, who leaves, who comes, from which day on).
    """
    pairs: dict[tuple[int, int | None, date], list[int]] = defaultdict(list)
    for partner_id, leaving, coming, on in moves:
        pairs[leaving, coming, on].append(partner_id)
    readers = [coming or leaving for leaving, coming, _on in pairs]
    locales = dict(db.session.execute(select(User.id, User.locale).where(User.id.in_(readers))).all())
    rows = [
        {
            "public_id": uuid4(), "from_pam_id": leaving, "to_pam_id": coming, "starts_on": on,
            "reason": reason, "partner_ids": sorted(partner_ids), "locale": locales[coming or leaving],
            "made_by_id": actor_id, "made_at": at,
        }
        for (leaving, coming, on), partner_ids in pairs.items()
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(HandoverNote).inline(), rows)
        work.add_many("handover.note", [(str(row["public_id"]), str(row["public_id"])) for row in rows])
    return [row["public_id"] for row in rows if isinstance(row["public_id"], UUID)]
