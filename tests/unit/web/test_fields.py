"""What people type, as they type it."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from portal.i18n import use_locale
from portal.users.models import Role
from portal.web.forms import (
    AmountField,
    DayField,
    EmailField,
    Fault,
    Form,
    PhoneField,
    RadioOneField,
    SirenField,
    SiretField,
    TextField,
    TicksField,
    read_amount,
)


class Everything(Form):
    amount = AmountField("Amount", required=False)
    day = DayField("Day", required=False)
    siren = SirenField("SIREN", required=False)
    siret = SiretField("SIRET", required=False)
    email = EmailField("E-mail", required=False)
    phone = PhoneField("Phone", required=False)
    text = TextField("Text", required=False, longest=5)
    role = RadioOneField("Role", choices=[(str(role), role.name) for role in Role], kind=Role, required=False)
    ticks = TicksField("Ticks", choices=[("a", "A"), ("b", "B")], required=False)


@pytest.fixture(autouse=True)
def _request() -> object:
    app = Flask("fields")
    app.secret_key = "k"
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context(method="POST"), use_locale("en"):
        yield


def typed(**values: object) -> Everything:
    form = Everything(formdata=MultiDict(values))
    form.validate()
    return form


class TestAmount:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("1234.50", "1234.50"), ("1 234,50", "1234.50"), ("1234.5", "1234.50"), ("1234,5", "1234.50"),
            ("1\u202f234,50", "1234.50"), ("1\u00a0234,50 €", "1234.50"), ("1\u2009234", "1234.00"), ("0", "0.00"),
            ("1 234 567,89", "1234567.89"), ("9999999999999999.99", "9999999999999999.99"), (" 12 ", "12.00"),
            ("12,345.67", "12345.67"), ("€1,234,567", "1234567.00"), ("1,234", "1234.00"),
        ],
    )  # fmt: skip
    def test_is_read_as_it_is_on_paper(self, text: str, value: str) -> None:
        assert read_amount(text) == Decimal(value)
        assert typed(amount=text).amount.data == Decimal(value)

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("12,34,567.00", "one point or comma only"), ("1.234,50", "one point or comma only"),
            ("1,2,3", "one point or comma only"), ("-1", "cannot be negative"), ("\u2212 1,00", "cannot be negative"),
            ("NaN", "not an amount"), ("Infinity", "not an amount"), ("1e3", "not an amount"),
            ("douze", "not an amount"), ("$12", "not an amount"), ("1.234", "Two decimals at most: 1234.50"),
            ("0,001", "Two decimals at most"), ("12 34,50", "spaces do not part thousands"),
            ("1 2345", "spaces do not part thousands"), ("1234,5 0", "spaces do not part thousands"),
            ("99999999999999999", "larger than can be kept"), ("١٢", "not an amount"), (",5", "not an amount"),
        ],
    )  # fmt: skip
    def test_is_refused_with_the_way_to_write_it(self, text: str, hint: str) -> None:
        with pytest.raises(Fault, match=hint):
            read_amount(text)
        field = typed(amount=text).amount
        assert hint in field.errors[0]
        assert f'value="{text}"' in field(), "what was typed stays"

    def test_with_english_thousands_is_refused_in_french(self) -> None:
        with use_locale("fr"):
            for text, cure in (("12,345.67", "12345,67 ou 12 345,67"), ("12,345", "1234,50")):
                with pytest.raises(Fault, match=cure.replace(" ", ".")):
                    read_amount(text)

    def test_is_shown_in_the_readers_way(self) -> None:
        assert 'value="1,234.50"' in Everything(formdata=None, data={"amount": Decimal("1234.50")}).amount()
        with use_locale("fr"):
            assert (
                'value="1\u202f234,50"'
                in Everything(formdata=None, data={"amount": Decimal("1234.50")}).amount()
            )


class TestDay:
    @pytest.mark.parametrize(
        "text", ["31/12/2026", "2026-12-31", "31.12.2026", "31-12-2026", " 31 / 12/2026", "31 12 2026"]
    )
    def test_is_read_in_either_order(self, text: str) -> None:
        assert typed(day=text).day.data == date(2026, 12, 31)

    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("31/02/2026", "does not exist"),
            ("31/12/26", "four digits"),
            ("tomorrow", "not a date"),
            ("12/31/2026", "does not exist"),
        ],
    )
    def test_is_refused_with_the_way_to_write_it(self, text: str, hint: str) -> None:
        assert hint in typed(day=text).day.errors[0]


class TestCompanyNumbers:
    @pytest.mark.parametrize(
        "text", ["000000018", "000 000 018", "000\u202f000\u00a0018", "000.000.018", "000 000 018 00002"]
    )
    def test_are_read_with_any_spaces_and_a_siret_gives_its_siren(self, text: str) -> None:
        assert typed(siren=text).siren.data == "000000018"

    @pytest.mark.parametrize(
        ("name", "text", "hint"),
        [
            ("siren", "000000019", "last digit does not match"), ("siren", "12345", "9 digits"),
            ("siren", "00000001A", "9 digits"), ("siret", "000000018", "14 digits"),
            ("siret", "00000001800003", "last digits do not match"), ("siren", "00000001800003", "SIRET does not exist"),
        ],
    )  # fmt: skip
    def test_are_refused_when_they_cannot_exist(self, name: str, text: str, hint: str) -> None:
        assert hint in typed(**{name: text})[name].errors[0]

    def test_keep_leading_zeros(self) -> None:
        assert typed(siret="000 000 018 00002").siret.data == "00000001800002"


class TestOthers:
    def test_an_address_is_kept_in_lower_case(self) -> None:
        assert typed(email=" Anne.Martin@Palier.Example ").email.data == "anne.martin@palier.example"
        assert "not an e-mail" in typed(email="anne").email.errors[0]

    def test_a_phone_number_is_kept_as_written(self) -> None:
        assert typed(phone="+33 1 99 00 12 34").phone.data == "+33 1 99 00 12 34"
        assert "not a phone" in typed(phone="call me").phone.errors[0]

    def test_a_text_has_an_end_and_no_control_signs(self) -> None:
        assert "5 characters" in typed(text="123456").text.errors[0]
        assert "cannot be kept" in typed(text="a\x00").text.errors[0]

    def test_an_answer_is_one_of_those_offered(self) -> None:
        assert typed(role="pam").role.data is Role.PAM
        assert "answers offered" in typed(role="king").role.errors[0]
        assert typed(ticks=["a", "b"]).ticks.data == ["a", "b"]
        assert "answers offered" in typed(ticks=["a", "z"]).ticks.errors[0]

    def test_nothing_typed_is_nothing(self) -> None:
        form = typed(amount=" ", day="", siren="", email="")
        assert not form.errors
        assert (form.amount.data, form.day.data, form.siren.data, form.email.data) == (None, None, None, None)
