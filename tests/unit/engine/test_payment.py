import pytest

from tests.unit.engine.tables import answered, component, facts, plan

FULL = component("FLAT", rate="1")


def bridge(plan_keys, earned, **fact_keys):
    answer = answered(plan(FULL, **plan_keys), facts(earned, **fact_keys))
    return {key: answer[key] for key in ("gross", "earnings", "balance", "payable", "carry_out")}


def adjusted(*amounts):
    return [{"period": "FY26-H1", "amount": amount} for amount in amounts]


class TestEarnings:
    @pytest.mark.parametrize(
        ("plan_keys", "prior", "earnings"),
        [
            ({}, "30.00", "70.00"),
            ({"partner_cap": "80.00"}, "30.00", "50.00"),
            ({"partner_cap": "100.00"}, "0.00", "100.00"),
            ({"partner_cap": "0.00"}, "0.00", "0.00"),
            ({}, "130.00", "-30.00"),
            ({"true_up": "SIGNED"}, "130.00", "-30.00"),
            ({"true_up": "POSITIVE_ONLY"}, "130.00", "0.00"),
            ({"true_up": "POSITIVE_ONLY"}, "30.00", "70.00"),
            ({"true_up": "POSITIVE_ONLY", "partner_cap": "20.00"}, "30.00", "0.00"),
        ],
    )
    def test_are_gross_capped_then_less_what_was_stated_before(self, plan_keys, prior, earnings):
        found = bridge(plan_keys, "100.00", prior_earnings=prior)
        assert (found["gross"], found["earnings"]) == ("100.00", earnings)

    def test_cap_binds_neither_adjustments_nor_carry_over(self):
        found = bridge({"partner_cap": "80.00"}, "100.00", adjustments=adjusted("7.00"), carry_in="5.00")
        assert found["payable"] == "92.00"


class TestPayable:
    @pytest.mark.parametrize(
        ("plan_keys", "fact_keys", "payable", "carry_out"),
        [
            ({}, {}, "100.00", "0.00"),
            ({"min_payout": "100.00"}, {}, "100.00", "0.00"),
            ({}, {"carry_in": "-99.99"}, "0.01", "0.00"),
            ({"min_payout": "100.01"}, {}, "0.00", "100.00"),
            ({"min_payout": "100.01"}, {"closes_fiscal_year": True}, "0.00", "100.00"),
            ({"min_payout": "100.01", "flush_at_fiscal_year_end": True}, {}, "0.00", "100.00"),
            (
                {"min_payout": "100.01", "flush_at_fiscal_year_end": True},
                {"closes_fiscal_year": True},
                "100.00",
                "0.00",
            ),
            ({}, {"carry_in": "-100.00"}, "0.00", "0.00"),
            ({}, {"carry_in": "-130.00"}, "0.00", "-30.00"),
            (
                {"flush_at_fiscal_year_end": True},
                {"carry_in": "-130.00", "closes_fiscal_year": True},
                "0.00",
                "-30.00",
            ),
        ],
    )
    def test_is_a_positive_balance_of_at_least_the_minimum(self, plan_keys, fact_keys, payable, carry_out):
        found = bridge(plan_keys, "100.00", **fact_keys)
        assert (found["payable"], found["carry_out"]) == (payable, carry_out)


class TestDocuments:
    def test_part_the_positive_items_from_the_negative_ones(self):
        answer = answered(
            plan(FULL),
            facts("100.00", carry_in="-20.00", adjustments=adjusted("7.01", "-0.02", "-3.00", "0.00")),
        )
        assert answer["adjustments"] == "3.99"
        assert answer["documents"] == [
            {"kind": "SELF_BILLED_INVOICE", "net": "107.01", "vat": "21.40", "total": "128.41"},
            {"kind": "SELF_BILLED_CREDIT_NOTE", "net": "23.02", "vat": "4.60", "total": "27.62"},
        ]
        assert answer["net_to_pay"] == "100.79"

    def test_put_negative_earnings_on_the_credit_note(self):
        answer = answered(plan(FULL), facts("1.00", prior_earnings="3.00", carry_in="10.00"))
        assert [one["net"] for one in answer["documents"]] == ["10.00", "2.00"]

    def test_are_the_invoice_alone_where_nothing_is_negative(self):
        answer = answered(plan(FULL, vat_rate="0"), facts("10.00"))
        assert answer["documents"] == [
            {"kind": "SELF_BILLED_INVOICE", "net": "10.00", "vat": "0.00", "total": "10.00"}
        ]

    def test_are_none_where_nothing_is_paid(self):
        answer = answered(plan(FULL, min_payout="10.01"), facts("10.00"))
        assert (answer["documents"], answer["net_to_pay"]) == ([], "0.00")
