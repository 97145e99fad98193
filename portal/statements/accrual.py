"""What was granted to each partner, component by component, and how it is to be settled."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select

from portal import ledger
from portal.db import AnyRow, db
from portal.partners.models import Partner
from portal.periods.models import Period
from portal.statements.models import Statement


def stream_accrual(on: date) -> Iterator[AnyRow]:
    """(period, partner, kind, component, route, amount) up to a day; together the margins granted.

    `route` is the statement's: SELF_BILLED, INVOICE, or NONE where the amount is carried over.
    """
    granted = ledger.granted(on)
    route = Statement.document["payment"]["route"].astext
    query = (
        select(
            *(Period.code.label("period"), Partner.code, Partner.legal_name, granted.c.kind),
            *(granted.c.component, func.coalesce(route, "NONE").label("route"), granted.c.amount),
        )
        .join(Partner, Partner.id == granted.c.partner_id)
        .join(Period, Period.id == granted.c.period_id)
        .outerjoin(
            Statement,
            (Statement.partner_id == granted.c.partner_id)
            & (Statement.period_id == granted.c.period_id)
            & (Statement.version == 1),
        )
        .where(granted.c.amount != 0)
        .order_by(Period.starts_on, Partner.code, granted.c.kind, granted.c.component)
    )
    yield from db.session.execute(query, execution_options={"yield_per": 500})
