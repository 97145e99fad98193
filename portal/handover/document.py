"""From rows to the note: facts as they are on its day, nothing formatted; a masked customer stays masked."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portal.db import AnyRow
from portal.handover.sources import Sources, read_people, read_sources
from portal.money import plain
from portal.portfolio.models import HandoverNote

Document = dict[str, Any]


def write_note(note: HandoverNote, *, on: date, at: datetime) -> Document:
    """The note as JSON: amounts and days as text, firms in the order of their codes."""
    sources = read_sources(note.partner_ids, on)
    people = read_people([one for one in (note.from_pam_id, note.to_pam_id) if one])
    return {
        "from": people[note.from_pam_id],
        "to": people[note.to_pam_id] if note.to_pam_id else None,
        "starts_on": note.starts_on.isoformat(),
        "reason": note.reason,
        "written_on": on.isoformat(),
        "written_at": at.isoformat(),
        "locale": note.locale,
        "period": sources.period.code if sources.period else None,
        "firms": [_firm(row, sources) for row in sources.firms],
    }


def _firm(row: AnyRow, sources: Sources) -> Document:
    found = sources.figures.get(row.id)
    result = found.result if found else None
    tier = found.next_tier if found else None
    objective = result.measure.objective if result else None
    return {
        "code": row.code,
        "name": row.legal_name,
        "segment": row.segment.value,
        "coverage": row.coverage.value,
        "objective": plain(objective) if objective else None,
        "credited": plain(result.credited) if result else None,
        "attained": plain(found.attained) if found and found.attained is not None else None,
        "tier": {"more": plain(tier.more), "worth": plain(tier.worth)} if tier and tier.worth else None,
        "running": [_running(one) for one in sources.running.get(row.id, [])],
        "decided": [_decided(one) for one in sources.decided.get(row.id, [])],
        "disputes": [
            {
                "statement": one.number, "reason": one.reason.value, "opened_on": one.opened_on.isoformat(),
                "decide_by": one.decide_by.isoformat(), "suspended": plain(Decimal(one.suspended)),
            }
            for one in sources.disputes.get(row.id, [])
        ],
        "promises": [
            {"words": one.words, "due_on": _day(one.due_on), "made_on": _day(one.made_at), "by": one.made_by}
            for one in sources.promises.get(row.id, [])
        ],
    }  # fmt: skip


def _running(row: AnyRow) -> Document:
    return {
        **_claim(row), "declared": plain(row.declared or Decimal(0)), "decide_by": _day(row.decide_by),
        "clock_left": row.clock_left, "info_due_on": _day(row.info_due_on),
    }  # fmt: skip


def _decided(row: AnyRow) -> Document:
    return {
        **_claim(row), "decision": row.decision.value if row.decision else None, "by": row.decided_by,
        "decided_on": _day(row.decided_at), "reason": row.reason_code,
    }  # fmt: skip


def _claim(row: AnyRow) -> Document:
    return {
        "reference": row.reference, "state": row.state.value, "title": "" if row.confidential else row.title,
        "customer": None if row.confidential else row.customer_name,
    }  # fmt: skip


def _day(value: date | datetime | None) -> str | None:
    return value.isoformat()[:10] if value else None
