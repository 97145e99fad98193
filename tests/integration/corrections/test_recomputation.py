"""A closed half-year computed again: the worked numbers of the rules and of docs/margin.md."""

from datetime import timedelta
from decimal import Decimal

from portal.corrections import Outcome
from tests.factories import measure
from tests.integration.corrections.conftest import AFTER, Closed
from tests.integration.margin_facts import arvelia

D = Decimal


class TestRecompute:
    def test_finds_nothing_where_nothing_changed(self, closed: Closed) -> None:
        closed.recompute()
        found = closed.finding()
        assert (found.outcome, found.changes) == (Outcome.UNCHANGED, [])
        assert found.before_amount == found.after_amount == D("8000.00")
        assert closed.adjustments() == []

    def test_gives_nothing_above_the_cap_for_claim_8_accepted_later(self, closed: Closed) -> None:
        accept_claim_8(closed)
        closed.recompute()
        found = closed.finding()
        assert found.outcome is Outcome.PARTNER_CAP
        assert found.after_amount == D("8000.00")
        assert [change["ref"] for change in found.changes] == ["D-FY26-000008"]
        assert found.changes[0]["before"] is None
        assert found.changes[0]["after"]["credited"] == "12600.00"
        assert closed.adjustments() == []

    def test_proposes_what_a_cancelled_order_takes_away(self, closed: Closed) -> None:
        closed.verified(2, "0.00")
        closed.recompute()
        (one,) = closed.adjustments()
        assert (one.before_amount, one.after_amount) == (D("8000.00"), D("3871.12"))
        assert one.amount == D("-4128.88")
        assert one.reason_code == "CREDIT_NOTE"
        assert one.period_id == closed.open_period.id
        assert one.origin_statement_id is not None and one.origin_claim_line_id is not None
        assert one.proposed_by_id == closed.finance.id
        (change,) = one.changes
        assert change["before"] == {"approved": "85250.40", "credited": "60000.00", "share": None}
        assert change["after"] is None

    def test_proposes_an_amended_order_under_its_own_reason(self, closed: Closed) -> None:
        closed.verified(1, "20000.00")
        closed.recompute()
        (one,) = closed.adjustments()
        assert one.reason_code == "FINAL_AMOUNT_DIFFERS"
        assert one.changes[0]["after"]["approved"] == "20000.00"

    def test_leaves_the_reason_open_where_causes_differ(self, closed: Closed) -> None:
        closed.verified(1, "20000.00")
        closed.verified(2, "0.00")
        closed.recompute()
        (one,) = closed.adjustments()
        assert one.reason_code is None
        assert {change["cause"] for change in one.changes} == {"CREDIT_NOTE", "FINAL_AMOUNT_DIFFERS"}

    def test_asks_for_the_reason_of_another_objective(self, closed: Closed) -> None:
        measure.make_objective(
            closed.owner, closed.close.firm.partner, closed.close.firm.period, "300000.00",
            baseline=D("152000.00"), version=2, reason="saisie",
        )  # fmt: skip
        closed.recompute()
        (one,) = closed.adjustments()
        assert one.reason_code is None
        assert one.changes == [{"what": "target", "before": "150000.00", "after": "300000.00"}]

    def test_uses_the_plan_of_the_segment_that_the_period_was_stated_in(self, closed: Closed) -> None:
        closed.change(
            "with changed as (insert into segment_changes"
            " (partner_id, changes_on, before, after, reason, changed_by_id, changed_at)"
            " select id, '2026-09-01', 'SSII', 'VAR', 'x', :me, :at from partners where code = 'P-00042')"
            " update partners set segment = 'VAR' where code = 'P-00042'",
            me=closed.finance.id,
            at=AFTER,
        )
        closed.recompute()
        assert closed.finding().outcome is Outcome.UNCHANGED

    def test_knows_a_firm_that_has_left_since(self, closed: Closed) -> None:
        closed.change("update pam_assignments set ends_before = '2026-08-01' where partner_id = (select id from partners where code = 'P-00042');"
                      "update partners set ends_before = '2026-08-01' where code = 'P-00042'")  # fmt: skip
        closed.verified(2, "0.00")
        closed.recompute()
        assert closed.finding().outcome is Outcome.PROPOSED

    def test_takes_a_revoked_claim_away(self, closed: Closed) -> None:
        closed.change("update claims set state = 'revoked' where reference = 'D-FY26-000002'")
        closed.recompute()
        (one,) = closed.adjustments()
        assert one.reason_code == "AUDIT_FINDING"
        assert one.amount == D("-4128.88")


class TestRecomputingAgain:
    def test_changes_nothing(self, closed: Closed) -> None:
        closed.verified(2, "0.00")
        closed.recompute()
        (first,) = closed.adjustments()
        kept = (first.id, first.version, first.run_id)
        closed.recompute(by=closed.other, at=AFTER + timedelta(days=1))
        (again,) = closed.adjustments()
        assert (again.id, again.version, again.run_id) == kept

    def test_refreshes_what_is_proposed(self, closed: Closed) -> None:
        closed.verified(2, "0.00")
        closed.recompute()
        closed.verified(1, "0.00")
        closed.recompute(at=AFTER + timedelta(days=1))
        (one,) = closed.adjustments()
        assert one.version == 2
        assert len(one.changes) == 2

    def test_withdraws_what_is_no_difference_any_more(self, closed: Closed) -> None:
        closed.verified(2, "0.00")
        closed.recompute()
        closed.verified(2, "85250.40")
        closed.recompute(at=AFTER + timedelta(days=1))
        assert closed.adjustments() == []

    def test_never_doubles_what_was_approved(self, closed: Closed) -> None:
        closed.verified(2, "0.00")
        closed.recompute()
        closed.approve(closed.adjustments()[0])
        closed.recompute(at=AFTER + timedelta(days=1))
        assert len(closed.adjustments()) == 1
        assert closed.finding().outcome is Outcome.ADJUSTED

    def test_gives_back_what_was_taken_so_that_all_adjustments_sum_to_nothing(self, closed: Closed) -> None:
        closed.verified(2, "0.00")
        closed.recompute()
        closed.approve(closed.adjustments()[0])
        closed.verified(2, "85250.40")
        closed.recompute(at=AFTER + timedelta(days=1))
        taken, given = closed.adjustments()
        assert (taken.amount, given.amount) == (D("-4128.88"), D("4128.88"))
        assert given.before_amount == D("3871.12")


def accept_claim_8(closed: Closed) -> None:
    """Its appeal is won after the close, and its order found."""
    claim = closed.close.firm.claims[8]
    closed.change(
        "update claims set state = 'approved', decision = 'approved', decided_at = :at, reason_code = null where id = :id;"
        , at=AFTER - timedelta(days=1), id=claim.id)  # fmt: skip
    closed.change(
        "update claim_lines set approved_amount = declared_amount where claim_id = :id", id=claim.id
    )
    measure.make_ordered(
        closed.owner, claim, "12600.00", "SYSTEM_CENTER", order_no="CMD-8", ordered_on=arvelia.ORDERED
    )
