"""Filling the catalogue."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal import audit
from portal.catalogue import programme
from portal.catalogue.models import EvidenceType, Grid, GridCheck, ProductFamily, ReasonCode
from portal.db import db


def load_programme(*, at: datetime, actor_id: int | None = None) -> None:
    """Put in what is missing of the programme's own catalogue; what is there stays as it is."""
    for model, rows in (
        (ProductFamily, programme.family_rows()),
        (ReasonCode, programme.reason_rows()),
        (EvidenceType, programme.evidence_rows()),
    ):
        db.session.execute(insert(model).on_conflict_do_nothing(), rows)
    version, in_force_from = programme.grid_version()
    db.session.execute(
        insert(Grid).on_conflict_do_nothing(), {"version": version, "in_force_from": in_force_from}
    )
    grid_id = db.session.execute(select(Grid.id).where(Grid.version == version)).scalar_one()
    db.session.execute(insert(GridCheck).on_conflict_do_nothing(), programme.check_rows(grid_id))
    audit.record("catalogue.loaded", subject=("grid", grid_id), at=at, actor_id=actor_id, version=version)
