"""What a claim's own facts say of the grid."""

from datetime import date

import pytest

from portal.claims.workflow import Finding, Paper, findings

CODES = ("EVIDENCE_PRESENT", "EVIDENCE_DATED", "DATED_BEFORE_ORDER", "PRODUCT_NAMED", "ORDER_NUMBER")
ORDER = date(2026, 9, 15)
MET, MISSING, TO_READ = Finding.MET, Finding.MISSING, Finding.TO_READ


def found(
    *days: date | None, roles: tuple[str, ...] = ("PRESCRIBE",), ordered_on: date | None = ORDER
) -> list[Finding]:
    papers = [Paper("SIGNED_SOW", day) for day in days]
    answer = findings(CODES, roles=roles, papers=papers, ordered_on=ordered_on, numbered=True)
    return [answer[code] for code in CODES]


class TestFindings:
    @pytest.mark.parametrize(
        ("days", "expected"),
        [
            ((), [MISSING, MISSING, MISSING, MISSING, MET]),
            ((None,), [MET, MISSING, MISSING, TO_READ, MET]),
            ((ORDER,), [MET, MET, MET, TO_READ, MET]),
            ((date(2026, 9, 16),), [MET, MET, MISSING, TO_READ, MET]),
            ((date(2026, 9, 16), date(2026, 9, 1)), [MET, MET, MET, TO_READ, MET]),
            ((date(2026, 9, 1), None), [MET, MISSING, MET, TO_READ, MET]),
        ],
    )
    def test_say_what_would_be_returned(self, days: tuple[date | None, ...], expected: list[Finding]) -> None:
        assert found(*days) == expected

    def test_ask_for_no_early_paper_without_the_prescribe_role(self) -> None:
        assert found(date(2026, 9, 16), roles=("DEPLOY",))[2] is MET

    def test_leave_the_date_to_a_person_while_the_order_is_unknown(self) -> None:
        assert found(date(2026, 9, 1), ordered_on=None)[2] is TO_READ

    def test_ask_for_an_order_or_enrolment_number(self) -> None:
        assert findings(["ORDER_NUMBER"], roles=(), papers=(), ordered_on=None, numbered=False) == {
            "ORDER_NUMBER": MISSING
        }
