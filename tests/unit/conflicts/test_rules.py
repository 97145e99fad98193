"""The published rules give each conflict the same shares, whoever applies them."""

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from portal.conflicts.models import ConflictPolicy
from portal.conflicts.rules import Case, equal_shares, shares_by_rule

FIRST, SECOND = datetime(2026, 9, 20, tzinfo=UTC), datetime(2026, 9, 21, tzinfo=UTC)
EARLY, LATE = date(2026, 9, 1), date(2026, 9, 5)


def winner(policy: ConflictPolicy, *cases: Case) -> int:
    shares = shares_by_rule(policy, cases)
    assert sum(shares.values()) == 1
    return max(shares, key=lambda party: shares[party])


class TestSharesByRule:
    def test_gives_the_oldest_evidence_before_the_order_the_whole(self) -> None:
        cases = Case(1, FIRST, [LATE]), Case(2, SECOND, [LATE, EARLY])
        assert winner(ConflictPolicy.BEST_EVIDENCE, *cases) == 2

    def test_counts_pieces_then_days_at_equal_evidence(self) -> None:
        assert (
            winner(ConflictPolicy.BEST_EVIDENCE, Case(1, FIRST, [EARLY]), Case(2, SECOND, [EARLY, LATE])) == 2
        )
        assert winner(ConflictPolicy.BEST_EVIDENCE, Case(1, FIRST, [EARLY]), Case(2, SECOND, [EARLY])) == 1
        assert winner(ConflictPolicy.BEST_EVIDENCE, Case(1, FIRST, []), Case(2, SECOND, [LATE])) == 2

    def test_gives_who_was_complete_first_the_whole(self) -> None:
        cases = Case(1, SECOND, [EARLY]), Case(2, FIRST, [])
        assert winner(ConflictPolicy.FIRST_COMPLETE, *cases) == 2

    @given(st.integers(2, 40))
    def test_splits_into_parts_that_sum_to_one(self, count: int) -> None:
        shares = equal_shares(range(count))
        assert sum(shares.values()) == 1
        assert max(shares.values()) - min(shares.values()) < Decimal("0.01")
