"""Disputing a line: within thirty days, once, decided by somebody who did not make it; only that line waits."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import disputes, statements
from portal.db import db, transaction
from portal.disputes import Dispute, DisputedKind, DisputeReason, DisputeState, LineState
from portal.errors import Refused
from portal.mail.models import Mail
from portal.statements.models import Statement
from portal.statements.shape import StatementDocument
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.integration.disputes.conftest import Stated

CLAIM, PART, LEFT = DisputedKind.CLAIM, DisputedKind.COMPONENT, DisputedKind.NOT_COUNTED


def first(stated: Stated, kind: DisputedKind) -> disputes.StatementLine:
    document = cast(StatementDocument, stated.statement.document)
    return next(line for line in disputes.lines_of(document) if line.kind is kind)


def open_(stated: Stated, acting: Acting, *kinds: DisputedKind, by: User | None = None, days: int = 0) -> int:
    person = by or stated.admin
    with acting(person), transaction():
        opened = disputes.open_dispute(
            statement=db.session.get_one(Statement, stated.statement.id),
            lines=[(first(stated, kind), None) for kind in kinds],
            reason=DisputeReason.AMOUNT,
            words="Le bon porte 48 000,00 €.",
            actor_id=person.id,
            at=stated.at + timedelta(days=days),
        )
        return opened.id


def decide(stated: Stated, acting: Acting, dispute_id: int, by: User, state: LineState) -> None:
    with acting(by), transaction():
        dispute = db.session.get_one(Dispute, dispute_id)
        lines = disputes.list_lines(dispute_id=dispute_id)
        disputes.decide_dispute(
            dispute=dispute,
            statement=db.session.get_one(Statement, stated.statement.id),
            outcomes={row.id: state for row in lines},
            words="Le bon porte 4 800,00 €.",
            actor_id=by.id,
            at=stated.at,
        )


def suspended(stated: Stated, acting: Acting) -> Decimal:
    with acting(stated.finance):
        return Decimal(statements.get_due(db.session.get_one(Statement, stated.statement.id)).suspended)


def mails(owner: Session, kind: str) -> Sequence[str]:
    owner.rollback()
    return owner.execute(select(Mail.recipient).where(Mail.kind == kind)).scalars().all()


class TestOpenDispute:
    def test_never_suspends_more_than_is_paid(self, acting: Acting, stated: Stated) -> None:
        document = cast(StatementDocument, stated.statement.document)
        every = [(line, None) for line in disputes.lines_of(document)]
        with acting(stated.admin), transaction():
            disputes.open_dispute(
                statement=db.session.get_one(Statement, stated.statement.id),
                lines=every,
                reason=DisputeReason.OTHER,
                words="Tout",
                actor_id=stated.admin.id,
                at=stated.at,
            )
        assert suspended(stated, acting) == stated.statement.payable

    def test_tells_the_account_manager(self, owner: Session, acting: Acting, stated: Stated) -> None:
        open_(stated, acting, CLAIM)
        assert len(mails(owner, "dispute.opened")) == 1

    def test_takes_a_line_once(self, acting: Acting, stated: Stated) -> None:
        open_(stated, acting, CLAIM)
        with pytest.raises(Refused):
            open_(stated, acting, CLAIM)

    def test_is_refused_after_thirty_days(self, acting: Acting, stated: Stated) -> None:
        with pytest.raises(Refused):
            open_(stated, acting, CLAIM, days=31)

    def test_is_the_administrators(self, owner: Session, acting: Acting, stated: Stated) -> None:
        member = factories.make_user(owner, Role.PARTNER_MEMBER, partner=stated.firm.partner)
        with pytest.raises(DBAPIError):
            open_(stated, acting, CLAIM, by=member)


class TestDecideDispute:
    def test_ends_the_suspension_and_tells_the_firm(
        self, owner: Session, acting: Acting, stated: Stated
    ) -> None:
        dispute = open_(stated, acting, PART)
        decide(stated, acting, dispute, stated.lead, LineState.ACCEPTED)
        assert suspended(stated, acting) == 0
        assert mails(owner, "dispute.decided") == [stated.admin.email]

    @pytest.mark.parametrize("who", ["manager", "finance"])
    def test_is_refused_to_who_made_the_run(self, acting: Acting, stated: Stated, who: str) -> None:
        dispute = open_(stated, acting, PART)
        with pytest.raises(Refused):
            decide(stated, acting, dispute, getattr(stated, who), LineState.UPHELD)

    def test_is_refused_to_who_decided_the_claim(
        self, owner: Session, acting: Acting, stated: Stated
    ) -> None:
        claim = stated.firm.claims[1]
        owner.execute(
            text("update claims set decided_by_id = :id where id = :claim"),
            {"id": stated.lead.id, "claim": claim.id},
        )
        owner.commit()
        dispute = open_(stated, acting, CLAIM)
        with pytest.raises(Refused):
            decide(stated, acting, dispute, stated.lead, LineState.UPHELD)


class TestWithdrawDispute:
    def test_lets_the_line_be_disputed_again(self, owner: Session, acting: Acting, stated: Stated) -> None:
        dispute = open_(stated, acting, PART)
        with acting(stated.admin), transaction():
            disputes.withdraw_dispute(
                dispute=db.session.get_one(Dispute, dispute),
                statement=db.session.get_one(Statement, stated.statement.id),
                actor_id=stated.admin.id,
                at=stated.at,
            )
        assert suspended(stated, acting) == 0
        open_(stated, acting, PART)


class TestPostgresql:
    """What is refused even to a statement that somebody slipped past the services."""

    def refused(self, acting: Acting, by: User | None, statement: str, **values: Any) -> str:
        with acting(by), pytest.raises(DBAPIError) as caught, transaction():
            db.session.execute(text(statement), values)
        diagnostic = getattr(caught.value.orig, "diag", None)
        return str(getattr(diagnostic, "constraint_name", None) or caught.value.orig)

    def test_refuses_a_judge_who_made_the_run(self, acting: Acting, stated: Stated) -> None:
        dispute = open_(stated, acting, PART)
        line = "update dispute_lines set state = 'upheld' where dispute_id = :id"
        assert self.refused(acting, stated.finance, line, id=dispute) == "disputes_other_judge"

    def test_refuses_a_decision_that_leaves_a_line(self, acting: Acting, stated: Stated) -> None:
        dispute = open_(stated, acting, PART)
        said = "update disputes set state = 'decided', decided_by_id = :me, decided_at = now() where id = :id"
        answer = self.refused(acting, stated.lead, said, id=dispute, me=stated.lead.id)
        assert answer == "disputes_lines_decided"

    def test_refuses_a_signature_for_another(self, acting: Acting, stated: Stated) -> None:
        dispute = open_(stated, acting, PART)
        message = (
            "insert into dispute_messages (partner_id, dispute_id, author_id, at, words)"
            " values (:partner, :id, :author, now(), 'x')"
        )
        values = {"partner": stated.firm.partner.id, "id": dispute, "author": stated.finance.id}
        assert self.refused(acting, stated.lead, message, **values) == "dispute_messages_signature"

    def test_refuses_to_touch_what_is_decided(self, acting: Acting, stated: Stated, owner: Session) -> None:
        dispute = open_(stated, acting, PART)
        decide(stated, acting, dispute, stated.lead, LineState.UPHELD)
        line = "update dispute_lines set state = 'accepted' where dispute_id = :id"
        assert self.refused(acting, stated.lead, line, id=dispute) == "dispute_lines_immutable"
        late = "update disputes set state = 'decided' where id = :id"
        assert self.refused(acting, stated.lead, late, id=dispute) == "disputes_immutable"

    def test_refuses_the_firm_a_decision(self, owner: Session, acting: Acting, stated: Stated) -> None:
        dispute = open_(stated, acting, PART)
        line = "update dispute_lines set state = 'accepted' where dispute_id = :id"
        colleague = factories.make_user(owner, Role.PARTNER_ADMIN, partner=stated.firm.partner)
        assert "row-level security" in self.refused(acting, colleague, line, id=dispute)
        assert "permission denied" in self.refused(
            acting, stated.admin, "update dispute_lines set suspended = 0 where dispute_id = :id", id=dispute
        )

    def test_refuses_a_day_after_the_last(self, owner: Session, stated: Stated) -> None:
        late = (
            "insert into disputes (partner_id, statement_id, position, reason, opened_by_id, opened_at, opened_on, decide_by)"
            " select partner_id, id, 9, 'other', :me, now(), dispute_until + 1, dispute_until + 9 from statements where id = :id"
        )
        with pytest.raises(DBAPIError) as caught:
            owner.execute(text(late), {"id": stated.statement.id, "me": stated.admin.id})
        assert caught.value.orig.diag.constraint_name == "disputes_window"  # type: ignore[union-attr]

    def test_keeps_a_dispute_to_its_firm(self, owner: Session, acting: Acting, stated: Stated) -> None:
        open_(stated, acting, PART)
        rival = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        with acting(rival):
            assert disputes.list_disputes() == ([], 0)
        with acting(stated.lead):
            rows, total = disputes.list_disputes(state=DisputeState.OPEN)
            assert (total, rows[0].code) == (1, "P-00042")
