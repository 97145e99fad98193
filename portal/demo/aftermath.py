"""What followed a close: the statements mailed long ago, what was paid of them, what had to be corrected."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import insert, select

from portal import audit, ledger, margin
from portal.calendar import PeriodCode
from portal.db import db, transaction
from portal.demo.calendar import PAYS_ON, cut_off_on, instant
from portal.demo.closes import Close
from portal.demo.loading import copy
from portal.demo.orders import Order
from portal.demo.programme import PERIOD_IDS
from portal.demo.staff import FINANCE, FINANCE_TOO
from portal.demo.stage import Stage
from portal.mail.services import identity_of
from portal.margin.engine import evaluate, parse_period_facts
from portal.margin.models import Adjustment, MarginResult
from portal.partners.models import BillingProfile
from portal.periods.models import Period
from portal.statements.models import Statement

Row = dict[str, Any]

MAILED = "statement.issued"


def remember_mails(owner: psycopg.Connection, period: PeriodCode) -> None:
    """The statements of an old period reached their contacts long ago; they are printed again last."""
    copy(owner, "mails", _mail_rows(owner, period))
    owner.execute(
        "update work_items set priority = -10 where kind = 'statement.render' and batch = %s",
        [f"render:{PERIOD_IDS[str(period)]}"],
    )


def _mail_rows(owner: psycopg.Connection, period: PeriodCode) -> Iterator[Row]:
    sent_at = Close(period).approved_at + timedelta(hours=1)
    found = owner.cursor(row_factory=dict_row).execute(
        "select s.id, s.number, s.partner_id, c.email, c.name, c.locale from statements s"
        " join billing_contacts c using (partner_id) where s.period_id = %s order by s.id, c.id",
        [PERIOD_IDS[str(period)]],
    )
    for one in found.fetchall():
        dedup = f"{MAILED}:{one['number']}:{one['email']}"
        yield {
            **identity_of(dedup), "kind": MAILED,
            "partner_id": one["partner_id"], "recipient": one["email"], "recipient_name": one["name"],
            "locale": one["locale"], "context": {"number": one["number"], "period": str(period)},
            "statement_id": one["id"], "state": "sent", "reply": "250 2.0.0 Ok", "queued_at": sent_at,
            "sent_at": sent_at,
        }  # fmt: skip


def pay(stage: Stage, period: PeriodCode) -> None:
    """Finance recorded the transfers of the day; who has not said where to be paid still waits."""
    on = PAYS_ON[str(period)]
    with stage.acting(FINANCE), transaction():
        due = db.session.execute(
            select(
                Statement.id, Statement.partner_id, Statement.period_id, Statement.number, Statement.payable
            )
            .join(BillingProfile, BillingProfile.partner_id == Statement.partner_id)
            .where(Statement.period_id == PERIOD_IDS[str(period)], Statement.payable > 0)
            .where(BillingProfile.iban.is_not(None), BillingProfile.self_billing_agreed_on.is_not(None))
            .order_by(Statement.id)
        )
        for statement_id, partner_id, period_id, number, payable in due.all():
            occasion = ledger.Occasion(
                partner_id=partner_id, period_id=period_id, on=on, at=instant(on, 11), reference=number,
                actor_id=FINANCE,
            )  # fmt: skip
            ledger.record_payment(occasion, statement_id=statement_id, amount=payable)


def correct(stage: Stage, origin: PeriodCode, *, cancelled: dict[int, Order]) -> None:
    """Orders of a closed period were cancelled: the difference with what was stated is booked in the next.

    `cancelled` is by partner id.
    """
    at = instant(cut_off_on(origin.next) - timedelta(days=8), 16)
    with stage.acting(FINANCE_TOO), transaction() as session:
        rows = list(_differences(origin, cancelled))
        signed = {"proposed_by_id": FINANCE_TOO, "proposed_at": at - timedelta(days=1)}
        session.execute(insert(Adjustment), [row | signed for row in rows])
    with stage.acting(FINANCE), transaction() as session:
        proposed = session.execute(select(Adjustment).where(Adjustment.approved_at.is_(None))).scalars()
        for one in proposed.all():
            one.approved_by_id, one.approved_at = FINANCE, at
            audit.record(
                "adjustment.approved", subject=("adjustment", one.id), at=at, actor_id=FINANCE,
                partner_id=one.partner_id, amount=str(one.amount), period=str(origin.next),
            )  # fmt: skip


def _differences(origin: PeriodCode, cancelled: dict[int, Order]) -> Iterator[Row]:
    """What the period earns as it now stands, less what was stated, under its own plan version."""
    period = db.session.execute(select(Period).where(Period.code == str(origin))).scalar_one()
    stated = _stated(period.id, list(cancelled))
    for facts in margin.facts_of(period, partner_ids=sorted(cancelled)):
        assert facts.plan is not None
        order, (before, statement_id) = cancelled[facts.partner.id], stated[facts.partner.id]
        amount = evaluate(facts.plan.plan, parse_period_facts(facts.document)).payment.earnings - before
        if amount:
            yield {
                "partner_id": facts.partner.id, "origin_period_id": period.id, "amount": amount,
                "period_id": PERIOD_IDS[str(origin.next)], "origin_statement_id": statement_id,
                "origin_claim_line_id": order.claim_line_id, "reason_code": "CREDIT_NOTE",
                "note": f"Commande {order.order_no} annulée",
            }  # fmt: skip


def _stated(period_id: int, partner_ids: Sequence[int]) -> dict[int, tuple[Any, int]]:
    """What was stated for the period: earnings and statement of each partner."""
    rows = db.session.execute(
        select(Statement.partner_id, MarginResult.earnings, Statement.id)
        .join(MarginResult, MarginResult.id == Statement.result_id)
        .where(Statement.period_id == period_id, Statement.partner_id.in_(partner_ids))
    )
    return {partner_id: (earnings, statement_id) for partner_id, earnings, statement_id in rows.tuples()}
