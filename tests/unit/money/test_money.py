from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.money import (
    NotANumber,
    exactly,
    in_cents,
    read_amount,
    read_rate,
    round_cents,
    round_quotient,
    split,
    vat,
)

cents = st.integers(-(10**15), 10**15).map(lambda n: D(n).scaleb(-2))
weights = st.lists(st.decimals(0, 10, places=6), min_size=1, max_size=6).filter(any)


class TestRoundCents:
    @pytest.mark.parametrize(
        ("value", "rounded"),
        [
            ("-37.045", "-37.05"),
            ("37.045", "37.05"),
            ("37.0449999999999999999999999999999999", "37.04"),
            ("15.015", "15.02"),
            ("-0.004", "0.00"),
            ("5", "5.00"),
            ("9999999999999999999999999999999.995", "10000000000000000000000000000000.00"),
        ],
    )
    def test_goes_half_away_from_zero(self, value, rounded):
        assert str(round_cents(D(value))) == rounded


class TestRoundQuotient:
    @pytest.mark.parametrize(
        ("above", "below", "rounded"),
        [
            ("1", "3", "0.33"),
            ("0.01", "2", "0.01"),
            ("-0.01", "2", "-0.01"),
            ("0.01", "-2", "-0.01"),
            ("1", "200.0000000000000000000000000000001", "0.00"),
            ("0", "7", "0.00"),
            ("-2", "-3", "0.67"),
        ],
    )
    def test_rounds_the_exact_quotient_once(self, above, below, rounded):
        assert str(round_quotient(D(above), D(below))) == rounded

    def test_needs_a_denominator(self):
        with pytest.raises(ZeroDivisionError):
            round_quotient(D(1), D("0.00"))


class TestReadAmount:
    @pytest.mark.parametrize(
        ("text", "value"),
        [("0", "0.00"), ("48000.5", "48000.50"), ("-412.37", "-412.37"), ("-0.00", "0.00"), (12, "12.00")],
    )
    def test_takes_plain_notation(self, text, value):
        assert str(read_amount(text)) == value

    @pytest.mark.parametrize(
        "text",
        [
            "1e3",
            "1E3",
            "NaN",
            "Infinity",
            "+1",
            ".5",
            "5.",
            "1,5",
            "1 000",
            "01",
            "1_000",
            " 1",
            "1\n",
            "",
            "１",
        ],
    )
    def test_refuses_any_other_notation(self, text):
        with pytest.raises(NotANumber, match="plain decimal notation"):
            read_amount(text)

    @pytest.mark.parametrize("value", [0.5, True, None, [], b"1"])
    def test_refuses_what_is_not_a_number(self, value):
        with pytest.raises(NotANumber):
            read_amount(value)

    def test_takes_sixteen_digits_before_the_point_and_no_more(self):
        assert read_amount("9999999999999999.99") == D("9999999999999999.99")
        for text in ("10000000000000000", "10000000000000000.01"):
            with pytest.raises(NotANumber, match="sixteen"):
                read_amount(text)

    def test_takes_two_decimals_and_no_more_even_zeros(self):
        with pytest.raises(NotANumber, match="two decimals"):
            read_amount("1.000")


class TestReadRate:
    def test_takes_any_number_of_decimals(self):
        text = "0." + "123456789" * 100
        assert format(read_rate(text), "f") == text


class TestSplit:
    def test_of_an_order_line_gives_every_cent_once(self):
        parts = split(D("80000.02"), {"P-0042": D("0.65"), "P-0107": D("0.20"), "P-0311": D("0.15")})
        assert {code: str(part) for code, part in parts.items()} == {
            "P-0042": "52000.01",
            "P-0107": "16000.01",
            "P-0311": "12000.00",
        }

    @pytest.mark.parametrize(
        ("total", "shares", "parts"),
        [
            # Missing cents go by decreasing fractional part …
            ("0.10", {"a": "0.34", "b": "0.33", "-": "0.33"}, {"a": "0.04", "b": "0.03", "-": "0.03"}),
            # … then to the larger share: both lose half a cent …
            ("0.05", {"a": "0.3", "b": "0.7"}, {"a": "0.01", "b": "0.04"}),
            # … then to the smaller code by code point: "-" < "B" < "a" < "é".
            ("0.01", {"a": "0.5", "B": "0.5"}, {"a": "0.00", "B": "0.01"}),
            ("0.01", {"é": "0.5", "a": "0.5"}, {"é": "0.00", "a": "0.01"}),
            ("0.01", {"A": "0.5", "-": "0.5"}, {"A": "0.00", "-": "0.01"}),
            ("-0.01", {"a": "0.5", "B": "0.5"}, {"a": "0.00", "B": "-0.01"}),
            ("0.00", {"a": "0.5", "B": "0.5"}, {"a": "0.00", "B": "0.00"}),
        ],
    )
    def test_breaks_ties_as_written(self, total, shares, parts):
        result = split(D(total), {code: D(share) for code, share in shares.items()})
        assert {code: str(part) for code, part in result.items()} == parts

    @pytest.mark.parametrize("shares", [{}, {"a": D(0)}, {"a": D(2), "b": D(-1)}])
    def test_refuses_shares_that_share_nothing_out(self, shares):
        with pytest.raises(ValueError, match="shares"):
            split(D("1.00"), shares)

    def test_loses_no_digit_of_long_totals_and_shares(self):
        total, first = D("1234567890123456789012345678901.23"), D("0.1234567890123456789012345678901")
        second = D("0.8765432109876543210987654321099")
        parts = split(total, {"P-1": first, "P-2": second})
        with exactly():
            assert parts["P-1"] + parts["P-2"] == total
            assert abs(parts["P-1"] - total * first) < D("0.01")

    def test_refuses_a_total_with_parts_of_a_cent(self):
        with pytest.raises(ValueError, match="whole number of cents"):
            split(D("1.001"), {"a": D(1)})

    @given(cents, weights)
    def test_sums_to_the_total_mirrors_and_strays_less_than_a_cent(self, total, shares):
        named = {str(n): share for n, share in enumerate(shares)}
        parts = split(total, named)
        assert sum(parts.values()) == total
        assert split(-total, named) == {code: -part for code, part in parts.items()}
        whole = sum(shares)
        for code, part in parts.items():
            assert abs(in_cents(part) * whole - in_cents(total) * named[code]) < whole


class TestVat:
    def test_is_rounded_once_on_the_net_total(self):
        assert vat(D("8088.10"), D("0.20")) == D("1617.62")
        assert vat(D("412.37"), D("0.20")) == D("82.47")
