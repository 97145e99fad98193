"""The demo programme's frame: periods and the plans of each segment."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from portal.calendar import PeriodCode
from portal.demo.calendar import PAYS_ON, PERIODS, cut_off_on, instant
from portal.demo.staff import PROGRAMME, PROGRAMME_TOO
from portal.margin import versions

Row = dict[str, Any]

SECOND = "Prime de croissance ajoutée, plafond relevé à 8 000 €"
PLANS = Path(__file__).parent / "plans"
PERIOD_IDS = {str(period): number for number, period in enumerate(PERIODS, 1)}


def period_rows() -> Iterator[Row]:
    """Four half-years, all open until they are closed."""
    for period in PERIODS:
        yield {
            "id": PERIOD_IDS[str(period)], "code": str(period), "starts_on": period.starts_on,
            "ends_before": period.ends_before, "cut_off_on": cut_off_on(period),
            "pays_on": PAYS_ON[str(period)],
        }  # fmt: skip


def plan_documents() -> list[dict[str, Any]]:
    """Every plan of the folder, first versions before second ones."""
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(PLANS.glob("*.json"))]
    return sorted(documents, key=lambda document: (document["code"], document["version"]))


def publish_plans() -> None:
    """Each written before its period by one person, published by another; one had a second version."""
    for document in plan_documents():
        first = document["version"] == 1
        written_on = PeriodCode.parse(document["period"]).starts_on + timedelta(days=-21 if first else 40)
        written_at = instant(written_on, 10)
        plan = versions.draft_plan(
            document=document, reason="" if first else SECOND, actor_id=PROGRAMME, at=written_at
        )
        versions.propose_plan(plan=plan, actor_id=PROGRAMME, at=written_at + timedelta(hours=2))
        published_at = instant(written_on + timedelta(days=4), 16)
        versions.publish_plan(plan=plan, seen_at=written_at, actor_id=PROGRAMME_TOO, at=published_at)
