"""The customer of a confidential claim is read by its firm, its PAM, its arbiter and finance, and by nobody else."""

import io
import re
import zipfile
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.claims import ClaimState
from portal.users.models import Role
from tests import factories
from tests.web.conftest import Browser, ClientFor
from tests.web.lived_in import People, endpoint_of, inhabitants
from tests.workers.conftest import context, drain

__all__ = ["context", "drain", "inhabitants"]

SECRET, SIREN = "Quelvoryx Conserverie", "000777773"
ARBITRATED = (ClaimState.APPEALED, ClaimState.IN_CONFLICT, ClaimState.PENDING_SECOND)
OUTSIDE = (Role.SEGMENT_LEAD, Role.PROGRAMME_MANAGER, Role.ADMIN, Role.AUDITOR)
INSIDE = (Role.PARTNER_ADMIN, Role.PARTNER_MEMBER, Role.PAM, Role.FINANCE)
OF_EACH_VIEW = 4


@pytest.fixture(autouse=True)
def _everything_is_confidential(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each claim of the half-year is of a customer whose name appears nowhere else."""
    made = factories.make_claim

    def confidential(*rows: Any, **values: Any) -> Any:
        secret = values.get("state") not in ARBITRATED
        named = {"customer_name": SECRET, "customer_siren": SIREN} if secret else {}
        return made(*rows, **{**values, "confidential": True, **named})

    monkeypatch.setattr(factories, "make_claim", confidential)


def outputs(application: Flask, browser: Browser, *first: str) -> dict[str, str]:
    """What this person may read by links, a few pages of each view, and files that are lists."""
    waiting, seen, found, views = ["/", *first], set(), {}, dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        view = str(endpoint_of(application, path))
        if path in seen or view in ("None", "static") or views.get(view, 0) >= OF_EACH_VIEW:
            continue
        seen.add(path)
        views[view] = views.get(view, 0) + 1
        answer = browser.get(path, follow_redirects=True)
        found[path] = readable(answer.get_data())
        if answer.mimetype == "text/html":
            waiting += [link.partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', answer.text)]
    return found


def readable(content: bytes) -> str:
    """The text of an answer, that of a workbook included."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b" ".join(book.read(name) for name in book.namelist())
    return content.decode("utf-8", "replace")


class TestConfidentialCustomer:
    def test_is_named_in_nothing_that_an_outsider_reads(
        self, app: Flask, client_for: ClientFor, owner: Session, inhabitants: People
    ) -> None:
        claims = list(owner.execute(text("select public_id from claims where state <> 'draft'")).scalars())
        first = (
            "/staff/claims", "/staff/claims?export=csv", "/staff/claims?export=xlsx",
            f"/staff/claims?q={SECRET[:9]}&export=csv", *(f"/staff/claims/{one}" for one in claims[:4]),
        )  # fmt: skip
        for role in OUTSIDE:
            read = outputs(app, client_for(inhabitants[role]), *first)
            named = [path for path, shown in read.items() if SECRET in shown.replace("&#39;", "'")]
            assert (role, named) == (role, [])
            assert not [path for path, shown in read.items() if SIREN in shown.replace("\u202f", "")]
            searched = client_for(inhabitants[role]).get(f"/search?q={SECRET[:9]}").text
            assert "D-FY" not in searched, f"{role} finds it by its name"
            assert "D-FY" not in client_for(inhabitants[role]).get(f"/search?q={SIREN}").text

    def test_is_named_to_the_firm_its_pam_and_finance(
        self, client_for: ClientFor, inhabitants: People
    ) -> None:
        for role in INSIDE:
            path = "/claims?export=csv" if role.is_partner else "/staff/claims?export=csv"
            assert SECRET in client_for(inhabitants[role]).get(path).text, role

    def test_is_named_in_no_letter_record_or_work(self, owner: Session, inhabitants: People) -> None:
        for table in ("mails", "audit_records", "work_items", "claim_events"):
            rows = owner.execute(text(f"select t::text from {table} t")).scalars().all()
            assert rows, table
            assert not [row for row in rows if SECRET in row or SIREN in row], table
