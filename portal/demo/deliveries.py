"""Taking in the vendor's order files, then matching and crediting what they concern."""

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path

from sqlalchemy import and_, func, or_, select

from portal import claims, margin, orders
from portal.calendar import PARIS, PeriodCode
from portal.claims.models import Claim, ClaimLine, ClaimMatch, MatchState
from portal.db import transaction
from portal.demo.calendar import TODAY, instant
from portal.demo.orders import Order
from portal.demo.staff import LEADS, PROGRAMME
from portal.demo.stage import Stage
from portal.orders.models import OrderLine

HEADER = (
    "order_no", "line_no", "version", "reseller", "reseller_code", "named_partner", "agreement",
    "enrolment_no",
    "customer_siren", "customer_name", "family", "amount", "currency", "ordered_at", "status",
)  # fmt: skip


def take_in(stage: Stage, on: date, lines: Iterable[Order]) -> None:
    """Import one file and match what it brings, as the programme manager does."""
    at = instant(on, 7, 10)
    with stage.acting(PROGRAMME), transaction():
        imported = orders.import_orders(
            source=BytesIO(order_file(lines)), name=file_name(on), actor_id=PROGRAMME, at=at
        )
        margin.match_and_credit(at=at, import_id=imported.id)


def leave_next_file(folder: Path, files: dict[date, list[Order]]) -> Path:
    """The orders still to come, as a file that somebody may import in the demo."""
    coming = [order for on, lines in files.items() if on > TODAY for order in lines if order.version == 1]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(TODAY)
    path.write_bytes(order_file(coming))
    return path


def file_name(on: date) -> str:
    """How the vendor calls its files."""
    return f"commandes-{on.isoformat()}.csv"


def order_file(lines: Iterable[Order]) -> bytes:
    """The lines as the vendor sends them."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    for order in lines:
        writer.writerow((
            order.order_no, order.line_no, order.version, order.reseller, order.reseller_code,
            order.named_code, order.agreement, order.enrolment_no, order.customer.siren,
            order.customer.name, order.family, order.amount, "EUR",
            order.ordered_at.astimezone(PARIS).isoformat(), order.status,
        ))  # fmt: skip
    return ("\ufeff" + out.getvalue()).encode()


def confirm_matches(stage: Stage, period: PeriodCode) -> None:
    """The lead confirmed what was shared and three in five of the probable ones; the others still wait."""
    lead, order = LEADS["SSII"], ClaimMatch.order_line_id
    rivals = select(func.count()).where(order == OrderLine.id).correlate(OrderLine).scalar_subquery()
    with stage.acting(lead), transaction() as session:
        found = session.execute(
            select(Claim, ClaimMatch.id, ClaimMatch.matched_at)
            .join(ClaimLine, ClaimLine.claim_id == Claim.id)
            .join(ClaimMatch, ClaimMatch.claim_line_id == ClaimLine.id)
            .join(OrderLine, OrderLine.id == order)
            .where(ClaimMatch.state == MatchState.PROPOSED, OrderLine.ordered_on >= period.starts_on)
            .where(or_(ClaimLine.share.is_not(None), and_(rivals == 1, ClaimMatch.id % 5 < 3)))
            .order_by(ClaimMatch.id)
        )
        touched = []
        for claim, match_id, matched_at in found.tuples().all():
            at = matched_at + timedelta(days=6)
            claims.confirm_match(claim=claim, seen=claim.version, match_id=match_id, actor_id=lead, at=at)
            touched.append(claim.id)
        margin.refresh_credit(touched)
