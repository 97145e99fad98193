"""What a statement would say if the period closed now: the same document, with no number and no proof."""

from datetime import datetime
from types import SimpleNamespace
from typing import cast

from sqlalchemy import select

from portal.db import AnyRow, AnySelect, db
from portal.i18n import current_locale
from portal.margin.engine import result_document
from portal.margin.provisional import find_provisional
from portal.partners.models import Partner
from portal.periods import Period
from portal.statements.document import build_document
from portal.statements.shape import StatementDocument
from portal.statements.sources import Issue, sources_of


def provisional_statement(period: Period, partner_id: int, *, at: datetime) -> StatementDocument | None:
    """In the reader's language; none where the period does not concern the firm or no plan is published."""
    found = find_provisional(period, partner_id)
    if found is None or found.result is None or found.facts.plan is None:
        return None
    row = SimpleNamespace(
        **db.session.execute(_firm(partner_id)).one()._mapping,
        position=0,
        locale=current_locale(),
        plan=found.facts.plan.document,
        facts=found.facts.document,
        result=result_document(found.result),
    )
    issue = Issue(period=period, cut_off_at=at, computed_at=at, issued_at=at, verify_at="")
    document = build_document(partner_id, sources_of(issue, {partner_id: cast(AnyRow, row)}), issue)
    document["kind"], document["number"] = "PROVISIONAL", ""
    return document


def _firm(partner_id: int) -> AnySelect:
    return select(
        *(Partner.code, Partner.legal_name, Partner.siren, Partner.segment, Partner.coverage),
        *(Partner.address, Partner.postcode, Partner.city),
    ).where(Partner.id == partner_id)
