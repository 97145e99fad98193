"""Catalogue, periods, plans and orders."""

import hashlib
import itertools
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal.calendar import PARIS, PeriodCode
from portal.catalogue.models import EvidenceType, Grid, GridCheck, ProductFamily, ReasonCode, ReasonKind
from portal.margin.models import PlanState, PlanVersion
from portal.orders.models import OrderImport, OrderLine, OrderStatus
from portal.periods.models import Period
from portal.users.models import Role
from tests.factories.people import AT, make_user

ROOT = Path(__file__).parent.parent.parent
_numbers = itertools.count(1)
ADJUSTED = (
    *("CREDIT_NOTE", "FINAL_AMOUNT_DIFFERS", "SHARE_CHANGED", "RULE_CORRECTED", "APPEAL_WON"),
    *("AUDIT_FINDING", "LATE_CLAIM", "GOODWILL", "ENTRY_ERROR"),
)
FAMILIES = ("M365", "AZURE_INFRA", "SQL", "SECURITY", "WIN_SERVER", "SYSTEM_CENTER", "EXCHANGE")


def make_catalogue(owner: Session) -> Grid:
    """A small catalogue: families, two reasons of each kind, evidence types and a grid of two checks."""
    names = {"name_fr": "Nom", "name_en": "Name"}
    texts = {"label_fr": "Libellé", "label_en": "Label", "cure_fr": "Remède", "cure_en": "Cure"}
    owner.add_all(ProductFamily(code=code, **names) for code in FAMILIES)
    owner.add_all(
        ReasonCode(code=code, kind=kind, **texts)
        for code, kind in (
            ("NO_PRIMARY_EVIDENCE", ReasonKind.REFUSAL),
            ("EVIDENCE_AFTER_ORDER", ReasonKind.REFUSAL),
            ("NO_TRANSACTION", ReasonKind.EXCLUSION),
            *((code, ReasonKind.ADJUSTMENT) for code in ADJUSTED),
            ("EVIDENCE_UNDATED", ReasonKind.QUESTION),
        )
    )
    cures = {"cure_fr": "Remède", "cure_en": "Cure"}
    owner.add_all(EvidenceType(code=code, **names, **cures) for code in ("SIGNED_SOW", "ARCHITECTURE_FILE"))
    grid = Grid(version=1, in_force_from=date(2024, 7, 1))
    owner.add(grid)
    owner.flush()
    owner.add_all(
        GridCheck(grid_id=grid.id, code=code, position=place, **texts)
        for place, code in enumerate(("EVIDENCE_DATED", "PRODUCT_NAMED"), 1)
    )
    owner.commit()
    return grid


def make_period(owner: Session, code: str = "FY27-H1", **values: object) -> Period:
    """An open fiscal period."""
    span = PeriodCode.parse(code)
    days = {
        "starts_on": span.starts_on,
        "ends_before": span.ends_before,
        "cut_off_on": span.ends_before.replace(day=15),
        "pays_on": span.ends_before.replace(day=28),
    }
    period = Period(code=code, **{**days, **values})
    owner.add(period)
    owner.commit()
    return period


def make_plan(
    owner: Session, period: Period, document: dict[str, Any] | None = None, **values: Any
) -> PlanVersion:
    """A published plan; by default example 10's, renamed for the period."""
    document = dict(document or json.loads((ROOT / "portal/demo/plans/ssii-fy26-h2.json").read_text()))
    document |= {"code": f"{document['segment']}-{period.code}", "period": period.code}
    writer, publisher = make_user(owner, Role.PROGRAMME_MANAGER), make_user(owner, Role.FINANCE)
    given = {
        "code": document["code"],
        "version": int(document["version"]),
        "segment": document["segment"].replace("-", "_"),
        "document": document,
        "state": PlanState.PUBLISHED,
        "written_by_id": writer.id,
        "written_at": AT,
        "published_by_id": publisher.id,
        "published_at": AT,
        **values,
    }
    plan = PlanVersion(period_id=period.id, **given)
    owner.add(plan)
    owner.commit()
    return plan


def make_order_line(
    owner: Session, *, amount: str = "10000.00", ordered_on: date = date(2026, 9, 15), **values: Any
) -> OrderLine:
    """A booked, current order line of its own import."""
    number = next(_numbers)
    imported = OrderImport(
        sha256=hashlib.sha256(str(number).encode()).hexdigest(),
        name=f"{number}.csv",
        lines=1,
        created=1,
        amended=0,
        unchanged=0,
        imported_at=AT,
    )
    owner.add(imported)
    owner.flush()
    noon = datetime(ordered_on.year, ordered_on.month, ordered_on.day, 12, tzinfo=PARIS).astimezone(UTC)
    given = {
        "ordered_at": noon,
        "order_no": f"CMD-{number:06d}",
        "version": 1,
        "reseller_name": "Revendeur",
        "customer_siren": "000000018",
        "customer_name": "Client",
        "family": "M365",
        "status": OrderStatus.BOOKED,
        **values,
    }
    line = OrderLine(import_id=imported.id, amount=Decimal(amount), ordered_on=ordered_on, **given)
    owner.add(line)
    owner.commit()
    return line
