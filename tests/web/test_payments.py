"""Finance pays, holds, imports and takes away; every export sums to the ledger; the partner sees what became of its money."""

import csv
import io
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal import clock, files, ledger
from portal.db import transaction
from portal.ledger.models import Payment, PaymentFile, Posting
from portal.mail.models import Mail
from portal.partners.models import BankChange, BillingProfile, Partner
from portal.statements.models import Statement
from portal.users.models import Role, User
from tests import factories
from tests.conftest import Acting
from tests.factories import measure
from tests.factories.people import make_billing
from tests.web import fec
from tests.web.conftest import Browser, ClientFor

TODAY = date(2026, 12, 1)
AT = datetime(2026, 12, 1, 9, tzinfo=UTC)


@dataclass
class House:
    """Two firms with a statement each, two people of finance, an administrator of the first firm."""

    firms: list[Partner]
    statements: list[Statement]
    finance: User
    other: User
    admin: User


@pytest.fixture
def house(owner: Session, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    monkeypatch.setattr(clock, "now", lambda: AT)
    firms = [
        factories.make_partner(owner, legal_name=name) for name in ("Arvélia & fils", "=cmd|' /C calc'!A0")
    ]
    period = factories.make_period(owner, "FY26-H2")
    plan = factories.make_plan(owner, period)
    stated = [
        measure.make_statement(owner, firm, period, plan, amount)
        for firm, amount in zip(firms, ("1000.00", "2500.50"), strict=True)
    ]
    make_billing(owner, firms[0])
    finance, other = (factories.make_user(owner, Role.FINANCE) for _ in range(2))
    return House(
        firms, stated, finance, other, factories.make_user(owner, Role.PARTNER_ADMIN, partner=firms[0])
    )


def balance(owner: Session, account: str) -> Decimal:
    owner.rollback()
    held = select(func.coalesce(func.sum(Posting.amount), 0)).where(Posting.account == account)
    return Decimal(owner.execute(held).scalar_one())


def table(browser: Browser, path: str, delimiter: str = ";") -> list[dict[str, str]]:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=delimiter))


def total(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column].replace(",", ".")) for row in rows), Decimal(0))


def send_file(browser: Browser, lines: str) -> Any:
    data = {"file": (io.BytesIO(lines.encode()), "virements.csv")}
    return browser.send("/staff/payments/import", data, content_type="multipart/form-data")


class TestMoney:
    def test_is_paid_in_part_held_released_and_paid_before_the_eyes_of_the_partner(
        self, owner: Session, house: House, client_for: ClientFor
    ) -> None:
        finance, other, firm = client_for(house.finance), client_for(house.other), client_for(house.admin)
        page = f"/staff/payments/{house.statements[0].public_id}"
        wrong = finance.send(f"{page}/pay", {"amount": "1 000,01", "on": "2/12/2026", "reference": "VIR 1"})
        assert wrong.status_code == 422 and "1 000,01" in wrong.text and "pas encore venu" in wrong.text
        finance.send(f"{page}/hold", {"amount": "400", "reason": "Facture contestée"})
        assert "Facture contestée" in firm.get("/").text
        assert (
            finance.send(
                f"{page}/pay", {"amount": "700", "on": "2026-12-01", "reference": "VIR 1"}
            ).status_code
            == 422
        )
        assert (
            finance.send(
                f"{page}/pay", {"amount": "600", "on": "2026-12-01", "reference": "VIR 1"}
            ).status_code
            == 303
        )
        hold = ledger_hold(owner)
        assert finance.send(f"/staff/payments/holds/{hold}", {"reason": "vu"}).status_code == 422
        assert other.send(f"/staff/payments/holds/{hold}", {"reason": "vu"}).status_code == 303
        other.send(f"{page}/pay", {"amount": "400", "on": "2026-12-01", "reference": "VIR 2"})
        for path in ("/statements", "/"):
            assert "payé le" in firm.get(path).text
        payment = owner.execute(select(Payment.public_id).where(Payment.reference == "VIR 2")).scalar_one()
        back = {"on": "2026-12-01", "reason": "Compte clos"}
        assert other.send(f"/staff/payments/returned/{payment}", back).status_code == 303
        assert balance(owner, "401") == Decimal("-2900.50")
        assert "Compte clos" in other.get(page).text

    def test_is_kept_from_a_bank_account_that_one_person_changed(
        self, owner: Session, house: House, client_for: ClientFor, acting: Acting
    ) -> None:
        firm, finance = client_for(house.admin), client_for(house.finance)
        form = {
            "iban": "FR1420041010050500013M02606",
            "vat_number": "",
            "delivery": "attach",
            "self_billing": "y",
        }
        assert firm.send("/team/billing", form).status_code == 303
        assert firm.send("/team/billing", form).status_code == 422
        owner.expire_all()
        assert owner.get_one(BillingProfile, house.firms[0].id).iban == "FR7630006000011234567890189"
        change = owner.execute(select(BankChange.public_id)).scalar_one()
        verdict = {"verdict": "confirm", "note": "M. Arvel, au 01 99 00 12 34"}
        assert str(change) in finance.get("/staff/payments").text
        finance.send(f"/staff/payments/bank/{change}", verdict)
        owner.expire_all()
        profile = owner.get_one(BillingProfile, house.firms[0].id)
        assert (profile.iban, profile.bank_held_until) == (form["iban"], date(2026, 12, 6))
        told = owner.execute(
            select(Mail.recipient, Mail.context).where(Mail.kind == "bank.changed").order_by(Mail.queued_at)
        )
        stages = [(row.recipient, row.context["stage"], row.context["iban_after"]) for row in told]
        assert sorted(stages) == [
            (house.admin.email, stage, "FR14 •••• 2606") for stage in ("asked", "confirmed")
        ]
        paid = {"amount": "10", "on": "2026-12-01", "reference": "VIR 1"}
        assert finance.send(f"/staff/payments/{house.statements[0].public_id}/pay", paid).status_code == 422

    def test_goes_to_no_account_that_postgresql_did_not_see_confirmed(
        self, house: House, acting: Acting
    ) -> None:
        with acting(house.finance), pytest.raises(Exception, match="two people"), transaction() as session:
            session.execute(text("update billing_profiles set iban = 'FR1420041010050500013M02606'"))
        with acting(house.admin), pytest.raises(Exception, match="two people"), transaction() as session:
            session.execute(text("update billing_profiles set iban = null"))


def ledger_hold(owner: Session) -> Any:
    owner.rollback()
    return owner.execute(select(ledger.Hold.public_id)).scalar_one()


class TestFile:
    def test_is_recorded_whole_and_once(self, owner: Session, house: House, client_for: ClientFor) -> None:
        finance = client_for(house.finance)
        number, code = house.statements[0].number, house.firms[1].code
        lines = f"statement;amount;paid_on;reference\n{number};1 000,00;01/12/2026;VIR 1\n{code};2500.5;2026-12-01;VIR 2\n"
        checked = send_file(finance, lines)
        assert checked.status_code == 200 and balance(owner, "512") == 0
        sha256 = checked.text.split('name="sha256" value="')[1][:64]
        done = finance.send("/staff/payments/import/confirm", {"sha256": sha256, "name": "virements.csv"})
        assert done.status_code == 303
        assert balance(owner, "512") == Decimal("-3500.50")
        assert send_file(finance, lines).status_code == 303
        finance.send("/staff/payments/import/confirm", {"sha256": sha256, "name": "virements.csv"})
        counts = [
            owner.execute(select(func.count()).select_from(model)).scalar_one()
            for model in (Payment, PaymentFile)
        ]
        assert counts == [2, 1]

    def test_names_each_fault_with_its_line_and_records_nothing(
        self, owner: Session, house: House, client_for: ClientFor
    ) -> None:
        number = house.statements[0].number
        lines = [
            "statement;amount;paid_on;reference", f"{number};600;2026-12-01;VIR 1", f"{number};400,01;2026-12-01;VIR 2",
            f"{number};1;2026-12-02;VIR 3", "P-99999;1;2026-12-01;VIR 4", f"{number};abc;2026-12-01;", f"{number};1;2026-12-01;VIR 1",
        ]  # fmt: skip
        answer = send_file(client_for(house.finance), "\n".join(lines))
        assert answer.status_code == 422
        for said in ("400,00", "2026-12-02", "P-99999", "abc", "VIR 1"):
            assert said in answer.text, said
        assert owner.execute(select(func.count()).select_from(Payment)).scalar_one() == 0
        assert send_file(client_for(house.finance), "").status_code == 422


class TestExports:
    def test_each_sums_to_the_ledger(self, owner: Session, house: House, client_for: ClientFor) -> None:
        finance = client_for(house.finance)
        page = f"/staff/payments/{house.statements[0].public_id}"
        finance.send(f"{page}/hold", {"amount": "150,25", "reason": "=1+1"})
        finance.send(f"{page}/pay", {"amount": "600", "on": "2026-12-01", "reference": "VIR 1"})
        accrual = table(finance, "/staff/exports/accrual.csv")
        assert total(accrual, "Montant") == balance(owner, "6222") == Decimal("3500.50")
        assert {row["Mode de règlement"] for row in accrual} == {
            "Facture établie par le fournisseur"
        } or accrual
        due = table(finance, "/staff/exports/due.csv")
        assert total(due, "Dû") == -balance(owner, "401") == Decimal("2750.25")
        assert total(due, "Bloqué") == -balance(owner, "4017") == Decimal("150.25")
        assert [row["Motifs des blocages"] for row in due if row["Motifs des blocages"]] == ["'=1+1"]
        das2 = table(finance, "/staff/exports/das2-2026.csv")
        assert total(das2, "Payé, hors TVA") == -balance(owner, "512") == Decimal("600.00")
        assert total(table(finance, "/staff/exports/transfers-2026.csv"), "Payé, hors TVA") == Decimal(
            "600.00"
        )
        made = finance.get("/staff/payments/made").text
        assert "VIR 1" in made and "<b>600,00" in made
        assert table(finance, "/staff/exports/das2-2025.csv") == []
        assert any(row["Nom"].startswith("'=cmd") for row in due)

    def test_of_the_journal_is_what_the_tax_authorities_ask_for(
        self, owner: Session, house: House, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finance, pages = (
            client_for(house.finance),
            [f"/staff/payments/{one.public_id}" for one in house.statements],
        )
        for page, amount, reference in ((0, "1000", "VIR|1"), (1, "2000", "VIR 2"), (1, "500,50", "VIR 3")):
            on = {"on": "2026-12-01", "reference": reference}
            assert finance.send(f"{pages[page]}/pay", {"amount": amount, **on}).status_code == 303
        back = owner.execute(select(Payment.public_id).where(Payment.reference == "VIR 3")).scalar_one()
        finance.send(f"/staff/payments/returned/{back}", {"on": "2026-12-01", "reason": "Compte clos"})
        auditor = client_for(factories.make_user(owner, Role.AUDITOR, locale="en"))
        rows = table(auditor, "/staff/exports/journal.txt", "|")
        fec.check(rows)
        moved = select(func.sum(Posting.amount)).where(Posting.amount > 0)
        owner.rollback()
        assert total(rows, "Debit") == owner.execute(moved).scalar_one()
        banked = {row["EcritureNum"] for row in rows if row["CompteNum"] == "512"}
        assert {row["EcritureNum"] for row in rows if row["JournalCode"] == "BQ"} == banked
        settled = [(row["CompteNum"], row["CompAuxNum"], row["EcritureLet"] != "") for row in rows]
        first, second = (firm.code for firm in house.firms)
        assert {one for one in settled if one[1]} == {
            ("4081", first, True), ("4081", second, True), ("401", first, True), ("401", second, True),
            ("401", second, False),  # what came back is due again
        }  # fmt: skip
        assert table(auditor, "/staff/exports/journal.csv?from=2027-01-01") == []
        config, page = auditor.application.config, "/staff/exports/journal.txt?to=2027-06-30"
        assert "filename=journal.txt" in auditor.get(page).headers["Content-Disposition"]
        monkeypatch.setitem(config, "SETTINGS", replace(config["SETTINGS"], vendor_siren="000123456"))
        assert "filename=000123456FEC20270630.txt" in auditor.get(page).headers["Content-Disposition"]
        book = io.BytesIO(auditor.get("/staff/exports/journal.xlsx").data)
        assert len(list(files.sheet_rows(book))) == len(rows) + 1


class TestBalance:
    def test_of_any_day_is_shown_to_finance_and_to_the_firm_itself(
        self, owner: Session, house: House, client_for: ClientFor
    ) -> None:
        finance, firm = client_for(house.finance), client_for(house.admin)
        page = f"/staff/payments/{house.statements[0].public_id}/pay"
        finance.send(page, {"amount": "600", "on": "2026-11-30", "reference": "VIR 1"})
        for browser, path in (
            (finance, f"/staff/partners/{house.firms[0].public_id}/balance"),
            (firm, "/balance"),
        ):
            assert "400,00" in browser.get(path).text
            assert "<b>1\u202f000,00" in browser.get(f"{path}?on=2026-11-29").text
            assert "<b>0,00" in browser.get(f"{path}?on=2026-11-23").text
            assert browser.get(f"{path}?on=demain").status_code == 422
        assert firm.get(f"/staff/partners/{house.firms[0].public_id}/balance").status_code == 403
