"""Adjustments are decided by a second person of finance, once, for an open period; PostgreSQL sees to it too."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from portal import corrections
from portal.db import db, transaction, violated_constraint
from portal.errors import Forbidden, Invalid, Stale
from portal.mail.models import Mail
from portal.margin.facts import facts_of
from portal.margin.models import Adjustment
from portal.users.models import Role, UserState
from tests import factories
from tests.integration.corrections.conftest import AFTER, Closed

D = Decimal


@pytest.fixture
def proposed(closed: Closed) -> Adjustment:
    """What a cancelled order takes away, proposed and not decided."""
    closed.verified(2, "0.00")
    closed.recompute()
    return closed.adjustments()[0]


def by_hand(closed: Closed, **given: object) -> Adjustment:
    asked = {
        "amount": D("250.00"),
        "reason_code": "GOODWILL",
        "note": "Retard de notre fait",
        "origin_code": "",
    }
    with closed.acting(closed.finance), transaction():
        row = corrections.propose_by_hand(
            partner_code="p-00042", **{**asked, "in_result": False, **given}, actor_id=closed.finance.id, at=AFTER
        )  # fmt: skip
        public_id = row.id
    return closed.owner.get_one(Adjustment, public_id)


class TestApprove:
    def test_lets_it_into_the_facts_of_the_open_period_and_tells_the_firm(
        self, closed: Closed, proposed: Adjustment
    ) -> None:
        closed.approve(proposed)
        with closed.acting(closed.finance):
            (facts,) = facts_of(closed.open_period, partner_ids=[closed.close.firm.partner.id])
        wanted = {"period": "FY26-H2", "amount": "-4128.88", "reason": "CREDIT_NOTE"}
        assert facts.document["adjustments"] == [wanted]
        closed.owner.rollback()
        told = select(Mail.recipient, Mail.context).where(Mail.kind == "adjustment.approved")
        row = closed.owner.execute(told).one()
        assert row.recipient == closed.close.firm.admin.email
        said = [row.context[name] for name in ("origin", "period", "adjusted")]
        assert said == ["FY26-H2", "FY27-H1", "-4128.88"]

    def test_writes_once_to_each_administrator_for_each_adjustment(self, closed: Closed) -> None:
        firm = closed.close.firm
        second = factories.make_user(closed.owner, Role.PARTNER_ADMIN, partner=firm.partner)
        factories.make_user(closed.owner, Role.PARTNER_MEMBER, partner=firm.partner)
        factories.make_user(
            closed.owner, Role.PARTNER_ADMIN, partner=firm.partner, state=UserState.DEACTIVATED
        )
        for amount in ("250.00", "-20.00"):
            closed.approve(by_hand(closed, amount=D(amount)))
        closed.owner.rollback()
        told = select(Mail.recipient, Mail.context["adjusted"].astext).where(
            Mail.kind == "adjustment.approved"
        )
        assert sorted(tuple(row) for row in closed.owner.execute(told)) == sorted(
            (who.email, amount) for who in (firm.admin, second) for amount in ("250.00", "-20.00")
        )

    def test_is_refused_to_who_proposed_it(self, closed: Closed, proposed: Adjustment) -> None:
        with pytest.raises(Forbidden):
            closed.approve(proposed, by=closed.finance)

    def test_tells_the_second_of_two_who_was_faster(self, closed: Closed, proposed: Adjustment) -> None:
        closed.approve(proposed)
        with pytest.raises(Stale) as told:
            closed.approve(proposed, by=factories.make_user(closed.owner, Role.FINANCE))
        assert told.value.params["who"] == closed.other.name

    def test_is_stale_once_a_recomputation_refreshed_it(self, closed: Closed, proposed: Adjustment) -> None:
        read = closed.adjustments()[0].version
        closed.verified(1, "0.00")
        closed.recompute(at=AFTER + timedelta(days=1))
        row = closed.adjustments()[0]
        row.version = read
        with pytest.raises(Stale):
            closed.approve(row)

    def test_asks_for_the_reason_first(self, closed: Closed, proposed: Adjustment) -> None:
        closed.verified(1, "20000.00")
        closed.recompute(at=AFTER + timedelta(days=1))
        with pytest.raises(Invalid):
            closed.approve(closed.adjustments()[0])

    def test_is_refused_where_the_period_was_adjusted_otherwise(
        self, closed: Closed, proposed: Adjustment
    ) -> None:
        closed.approve(by_hand(closed, amount=D("-100.00"), origin_code="FY26-H2", in_result=True))
        with pytest.raises(IntegrityError) as refused:
            closed.approve(closed.adjustments()[0])
        assert violated_constraint(refused.value) == "adjustments_up_to_date"

    def test_moves_on_to_the_next_period_where_its_own_is_being_closed(
        self, closed: Closed, proposed: Adjustment
    ) -> None:
        closed.change("update periods set state = 'closing' where code = 'FY27-H1'")
        following = factories.make_period(closed.owner, "FY27-H2")
        closed.approve(proposed)
        assert closed.adjustments()[0].period_id == following.id


class TestRefuse:
    def test_keeps_the_same_from_coming_back_until_something_changes(
        self, closed: Closed, proposed: Adjustment
    ) -> None:
        with closed.acting(closed.other), transaction():
            row = corrections.get_adjustment(proposed.public_id, for_update=True)
            corrections.refuse_adjustment(
                adjustment=row, seen=1, motive="Commande rétablie demain", actor_id=closed.other.id, at=AFTER
            )
        closed.recompute(at=AFTER + timedelta(days=1))
        assert len(closed.adjustments()) == 1
        assert closed.finding().outcome is corrections.Outcome.REFUSED
        closed.verified(1, "0.00")
        closed.recompute(at=AFTER + timedelta(days=2))
        assert len(closed.adjustments()) == 2


class TestByHand:
    def test_stands_beside_the_result_unless_the_inputs_follow(self, closed: Closed) -> None:
        closed.approve(by_hand(closed, origin_code="FY26-H2"))
        closed.recompute()
        assert closed.finding().before_amount == D("8000.00")
        closed.approve(by_hand(closed, amount=D("-100.00"), origin_code="FY26-H2", in_result=True))
        closed.recompute(at=AFTER + timedelta(days=1))
        assert closed.finding().before_amount == D("7900.00")
        assert closed.adjustments()[-1].amount == D("100.00"), "the inputs did not follow"

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"amount": D("0.00")}, "amount"),
            ({"note": " "}, "note"),
            ({"reason_code": "NO_TRANSACTION"}, "reason"),
            ({"in_result": True}, "origin"),
            ({"origin_code": "FY27-H1"}, "origin"),
        ],
    )
    def test_needs_an_amount_a_reason_and_a_motive(self, closed: Closed, given: dict, field: str) -> None:
        with pytest.raises(Invalid) as refused:
            by_hand(closed, **given)
        assert list(refused.value.faults) == [field]


class TestPostgresql:
    """What an injected statement cannot do."""

    def refused(self, closed: Closed, user: object, statement: str, **values: object) -> str | None:
        with closed.acting(user), pytest.raises(DBAPIError) as caught, transaction():  # type: ignore[arg-type]
            found = db.session.execute(text(statement), {"at": AFTER, **values})
            assert found.rowcount, "row security hid it"  # type: ignore[attr-defined]
        return violated_constraint(caught.value) or caught.value.orig.sqlstate  # type: ignore[union-attr]

    APPROVE = "update adjustments set approved_at = :at, approved_by_id = :me where id = :id"

    def test_refuses_the_same_person_twice(self, closed: Closed, proposed: Adjustment) -> None:
        said = self.refused(closed, closed.finance, self.APPROVE, me=closed.finance.id, id=proposed.id)
        assert said == "ck_adjustments_four_eyes"

    def test_refuses_a_signature_for_somebody_else(self, closed: Closed, proposed: Adjustment) -> None:
        said = self.refused(closed, closed.finance, self.APPROVE, me=closed.other.id, id=proposed.id)
        assert said == "adjustments_signature"

    def test_refuses_a_manager_s_approval_and_a_changed_amount(
        self, closed: Closed, proposed: Adjustment
    ) -> None:
        manager, denied = closed.close.manager, "42501"
        assert self.refused(closed, manager, self.APPROVE, me=manager.id, id=proposed.id) == denied
        amount = "update adjustments set amount = 1 where id = :id"
        assert self.refused(closed, closed.other, amount, id=proposed.id) == denied

    def test_refuses_an_adjustment_in_a_period_that_is_being_closed(
        self, closed: Closed, proposed: Adjustment
    ) -> None:
        closed.change("update periods set state = 'closing' where code = 'FY27-H1'")
        said = self.refused(closed, closed.other, self.APPROVE, me=closed.other.id, id=proposed.id)
        assert said == "adjustments_period_open"

    def test_refuses_what_was_stated_otherwise_meanwhile(self, closed: Closed, proposed: Adjustment) -> None:
        closed.approve(by_hand(closed, amount=D("-100.00"), origin_code="FY26-H2", in_result=True))
        said = self.refused(closed, closed.other, self.APPROVE, me=closed.other.id, id=proposed.id)
        assert said == "adjustments_up_to_date"

    def test_refuses_two_proposals_for_one_period(self, closed: Closed, proposed: Adjustment) -> None:
        again = """insert into adjustments (partner_id, origin_period_id, period_id, amount, before_amount, after_amount, run_id, plan_id,
          proposed_by_id, proposed_at) select partner_id, origin_period_id, period_id, amount, before_amount, after_amount, run_id, plan_id,
          proposed_by_id, proposed_at from adjustments where id = :id"""
        assert self.refused(closed, None, again, id=proposed.id) == "uq_adjustments_proposed"

    def test_refuses_a_change_of_what_was_decided(self, closed: Closed, proposed: Adjustment) -> None:
        closed.approve(proposed)
        for change in (
            "update adjustments set note = 'x' where id = :id",
            "delete from adjustments where id = :id",
        ):
            with pytest.raises(DBAPIError) as caught:
                closed.owner.execute(text(change), {"id": proposed.id})
            assert violated_constraint(caught.value) == "adjustments_immutable"
            closed.owner.rollback()

    def test_refuses_a_recomputed_one_from_a_person(self, closed: Closed, proposed: Adjustment) -> None:
        new = """insert into adjustments (partner_id, origin_period_id, period_id, amount, reason_code, note, proposed_by_id, proposed_at)
          select partner_id, origin_period_id, period_id, 1, 'GOODWILL', 'x', :me, :at from adjustments where id = :id"""
        assert self.refused(closed, closed.finance, new, me=closed.finance.id, id=proposed.id) == "42501"

    def test_shows_a_firm_what_was_approved_alone(self, closed: Closed, proposed: Adjustment) -> None:
        seen = text("select count(*) from adjustments where id = :id")
        with closed.acting(closed.close.firm.admin):
            assert db.session.execute(seen, {"id": proposed.id}).scalar_one() == 0
        closed.approve(proposed)
        with closed.acting(closed.close.firm.admin):
            assert db.session.execute(seen, {"id": proposed.id}).scalar_one() == 1
