"""The demo programme's frame: periods and the plans of each segment."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from portal.calendar import PeriodCode
from portal.db import transaction
from portal.demo.calendar import COMING, PAYS_ON, PERIODS, TOLD_AHEAD_ON, cut_off_on, instant
from portal.demo.staff import PROGRAMME, PROGRAMME_TOO
from portal.demo.stage import Stage
from portal.margin import versions

Row = dict[str, Any]

SECOND = "Prime de croissance ajoutée, plafond relevé à 8 000 €"
PLANS = Path(__file__).parent / "plans"
PERIOD_IDS = {str(period): number for number, period in enumerate((*PERIODS, COMING), 1)}


def period_rows() -> Iterator[Row]:
    """Half-years, all open until they are closed."""
    for period in (*PERIODS, COMING):
        yield {
            "id": PERIOD_IDS[str(period)], "code": str(period), "starts_on": period.starts_on,
            "ends_before": period.ends_before, "cut_off_on": cut_off_on(period),
            "pays_on": PAYS_ON[str(period)],
        }  # fmt: skip


def plan_documents() -> list[dict[str, Any]]:
    """Every plan of the folder, first versions before second ones."""
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(PLANS.glob("*.json"))]
    return sorted(documents, key=lambda document: (document["code"], document["version"]))


def publish_plans(stage: Stage) -> None:
    """Each written before its period by one person, published by another; one had a second version."""
    for first in (True, False):
        documents = [document for document in plan_documents() if (document["version"] == 1) is first]
        with stage.acting(PROGRAMME), transaction():
            for document in documents:
                written_at = _written_at(document)
                plan = versions.draft_plan(
                    document=document, reason="" if first else SECOND, actor_id=PROGRAMME, at=written_at
                )
                versions.propose_plan(plan=plan, actor_id=PROGRAMME, at=written_at + timedelta(hours=2))
        with stage.acting(PROGRAMME_TOO), transaction():
            for document in documents:
                proposed = versions.find_version(document["code"], document["version"])
                assert proposed is not None
                versions.publish_plan(
                    plan=proposed, seen_at=proposed.written_at, actor_id=PROGRAMME_TOO,
                    at=proposed.written_at + timedelta(days=4),
                )  # fmt: skip


def _written_at(document: dict[str, Any]) -> datetime:
    starts_on = PeriodCode.parse(document["period"]).starts_on
    usual = starts_on + timedelta(days=-21 if document["version"] == 1 else 40)
    return instant(min(usual, TOLD_AHEAD_ON - timedelta(days=6)), 10)
