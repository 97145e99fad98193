"""What followed a close: the statements mailed long ago, what was paid of them, what had to be corrected."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row
from sqlalchemy import select

from portal import corrections, ledger
from portal.calendar import PeriodCode
from portal.db import db, transaction
from portal.demo.calendar import PAYS_ON, cut_off_on, instant
from portal.demo.closes import Close, do_all
from portal.demo.loading import copy
from portal.demo.programme import PERIOD_IDS
from portal.demo.staff import FINANCE, FINANCE_TOO
from portal.demo.stage import Stage
from portal.mail.services import identity_of
from portal.margin.models import Adjustment
from portal.partners.models import BillingProfile
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


def correct(stage: Stage, origin: PeriodCode) -> None:
    """Orders of a closed period were cancelled since: one person has it computed again, another approves."""
    at = instant(cut_off_on(origin.next) - timedelta(days=8), 16)
    the_day_before = at - timedelta(days=1)
    with stage.acting(FINANCE_TOO), transaction():
        run_id = corrections.start_recomputation(
            period_code=str(origin), actor_id=FINANCE_TOO, at=the_day_before
        ).id

    def recompute(subject: str) -> None:
        chunk = corrections.CorrectionChunk.parse(subject)
        corrections.recompute_partners(chunk, at=the_day_before)

    do_all(stage, corrections.correction_batch(run_id), recompute, lambda _done: None)
    with stage.acting(FINANCE), transaction():
        for one in db.session.execute(select(Adjustment).where(Adjustment.run_id == run_id)).scalars().all():
            corrections.approve_adjustment(adjustment=one, seen=one.version, actor_id=FINANCE, at=at)
