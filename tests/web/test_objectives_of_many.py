"""Objectives of a segment: looked at line by line, then set, as browsers do it."""

import io
import re
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.mail.models import Mail
from portal.objectives.models import Objective
from portal.partners.models import Partner
from portal.users.models import Role, User
from tests import factories
from tests.factories import measure
from tests.web.conftest import Browser, ClientFor

URL = "/staff/objectives"
ASKED = {"segment": "SSII", "percent": "105", "step": "1 000", "minimum": "10 000,00"}


@pytest.fixture
def firms(owner: Session) -> list[Partner]:
    """Two services firms: the first was credited 100 123,45 € last year, the second nothing."""
    before, period = factories.make_period(owner, "FY26-H1"), factories.make_period(owner, "FY27-H1")
    made = [factories.make_partner(owner, code=code) for code in ("P-00042", "P-00311")]
    factories.make_user(owner, Role.PARTNER_ADMIN, partner=made[0])
    measure.make_result(
        owner, made[0], before, factories.make_plan(owner, before), credited=Decimal("100123.45")
    )
    factories.make_plan(owner, period)
    return made


@pytest.fixture
def manager(owner: Session) -> User:
    return factories.make_user(owner, Role.PROGRAMME_MANAGER)


def sheet_in(page: str) -> str:
    found = re.search(r'name="sheet" value="([^"]*)"', page)
    assert found, page
    return found[1]


def bring(browser: Browser, content: bytes, name: str = "objectifs.csv") -> Any:
    data = {"period": "FY27-H1", "file": (io.BytesIO(content), name)}
    return browser.send(f"{URL}/import", data, content_type="multipart/form-data")


def targets(owner: Session) -> list[tuple[str, int, str]]:
    owner.rollback()
    rows = owner.execute(
        select(Objective.target, Objective.version, Objective.reason)
        .join(Partner, Partner.id == Objective.partner_id)
        .order_by(Partner.code, Objective.version)
    )
    return [(str(row.target), row.version, row.reason) for row in rows]


class TestProposal:
    def test_comes_from_last_years_figures_and_is_set_as_it_was_seen(
        self, client_for: ClientFor, owner: Session, firms: list[Partner], manager: User
    ) -> None:
        browser = client_for(manager)
        page = browser.send(f"{URL}/propose", {"period": "FY27-H1", **ASKED}).get_data(as_text=True)
        sheet = sheet_in(page)
        assert sheet.split() == [
            "partner_code;target;baseline",
            "P-00042;106000.00;100123.45",
            "P-00311;10000.00;",
        ]
        assert targets(owner) == []
        answer = browser.send(f"{URL}/set", {"period": "FY27-H1", "sheet": sheet})
        assert answer.status_code == 303
        assert targets(owner) == [("106000.00", 1, ""), ("10000.00", 1, "")]
        assert len(owner.execute(select(Mail.id).where(Mail.kind == "objective.set")).all()) == 1

    @pytest.mark.parametrize("locale", ["fr", "en"])
    def test_begins_with_values_that_can_be_sent_as_they_stand(
        self, client_for: ClientFor, owner: Session, firms: list[Partner], locale: str
    ) -> None:
        browser = client_for(factories.make_user(owner, Role.PROGRAMME_MANAGER, locale=locale))
        page = browser.get(URL).get_data(as_text=True)
        shown = dict(re.findall(r'name="(percent|step|minimum)"[^>]* value="([^"]*)"', page))
        answer = browser.send(f"{URL}/propose", {"period": "FY27-H1", "segment": "SSII", **shown})
        assert (len(shown), answer.status_code) == (3, 200)

    def test_is_a_new_version_with_a_reason_where_one_was_set(
        self, client_for: ClientFor, owner: Session, firms: list[Partner], manager: User
    ) -> None:
        browser, lines = (
            client_for(manager),
            {"period": "FY27-H1", "sheet": "partner_code;target\nP-00042;50000\n"},
        )
        browser.send(f"{URL}/set", lines)
        browser.send(f"{URL}/set", lines)
        assert targets(owner) == [("50000.00", 1, "")]
        more = {"period": "FY27-H1", "sheet": "partner_code;target\nP-00042;60000\n"}
        assert browser.send(f"{URL}/set", more).status_code == 422
        assert browser.send(f"{URL}/set", {**more, "reason": "Contrat cadre"}).status_code == 303
        assert targets(owner) == [("50000.00", 1, ""), ("60000.00", 2, "Contrat cadre")]

    def test_shows_an_account_manager_the_partners_followed_alone(
        self, client_for: ClientFor, owner: Session, firms: list[Partner]
    ) -> None:
        pam = factories.make_pam(owner)
        own = factories.make_partner(owner, pam=pam, code="P-00500")
        page = client_for(pam).send(f"{URL}/propose", {"period": "FY27-H1", **ASKED}).get_data(as_text=True)
        assert sheet_in(page).split()[1:] == [f"{own.code};10000.00;"]
        lines = {"period": "FY27-H1", "sheet": "partner_code;target\nP-00042;50000\n"}
        assert client_for(pam).send(f"{URL}/set", lines).status_code == 422
        assert targets(owner) == []

    def test_is_refused_to_finance_and_firms(
        self, client_for: ClientFor, owner: Session, firms: list[Partner]
    ) -> None:
        for person in (
            factories.make_user(owner, Role.FINANCE),
            factories.make_user(owner, Role.PARTNER_ADMIN, partner=firms[0]),
        ):
            assert client_for(person).get(URL).status_code == 403


class TestSpreadsheet:
    def test_is_read_from_csv_and_xlsx_alike(
        self, client_for: ClientFor, firms: list[Partner], manager: User
    ) -> None:
        browser, book = client_for(manager), io.BytesIO()
        workbook = xlsxwriter.Workbook(book, {"in_memory": True})
        sheet = workbook.add_worksheet()
        for place, row in enumerate((("partner_code", "target", "baseline"), ("P-00042", 150000, 1234.5))):
            sheet.write_row(place, 0, row)
        workbook.close()
        files = {
            "o.xlsx": book.getvalue(),
            "o.csv": "partner_code;target;baseline\np-00042;150 000 €;1234,5\n".encode(),
        }
        for name, content in files.items():
            page = bring(browser, content, name).get_data(as_text=True)
            assert sheet_in(page).split()[1:] == ["P-00042;150000.00;1234.50"], name

    def test_is_refused_line_by_line(
        self, client_for: ClientFor, owner: Session, firms: list[Partner], manager: User
    ) -> None:
        content = b"partner_code;target;baseline\nP-99999;1;\nP-00042;abc;\nP-00311;5;x\nP-00311;-5;\n"
        answer = bring(client_for(manager), content)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert page.count('class="tag stop"') == 5  # four lines and their count
        assert 'name="sheet"' not in page
        sheet = content.decode()
        assert (
            client_for(manager).send(f"{URL}/set", {"period": "FY27-H1", "sheet": sheet}).status_code == 422
        )
        assert targets(owner) == []

    @pytest.mark.parametrize(
        "content", [b"", b"a;b\n1;2\n", b"PK\x03\x04broken", b'partner_code;target\n"P', b"\xff\xfe\x00"]
    )
    def test_says_what_is_wrong_with_the_whole(
        self, client_for: ClientFor, firms: list[Partner], manager: User, content: bytes
    ) -> None:
        answer = bring(client_for(manager), content)
        assert answer.status_code == 422
        assert 'class="summary"' in answer.get_data(as_text=True)
