"""Whether the portal is well, for those who watch over it."""

from flask import Blueprint
from sqlalchemy import text

from portal import clock
from portal.access import public
from portal.db import db

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> dict[str, str]:
    """The database answers, and this is the portal's day."""
    db.session.execute(text("select 1"))
    return {"status": "ok", "database": "ok", "today": clock.today().isoformat()}
