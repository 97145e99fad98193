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
from portal.claims.models import Claim, ClaimEvent, ClaimEvidence, ClaimMessage
from portal.files.models import FileState, StoredFile
from portal.users.models import Role
from tests import factories
from tests.factories import measure
from tests.factories.people import AT
from tests.web.conftest import Browser, ClientFor
from tests.web.lived_in import People, endpoint_of, inhabitants
from tests.workers.conftest import context, drain

__all__ = ["context", "drain", "inhabitants"]

SECRET, SIREN = "Quelvoryx Conserverie", "000777773"
TELLING = {
    "customer_name": SECRET, "customer_siren": SIREN, "customer_contact": f"DSI de {SECRET}",
    "title": f"Messagerie {SECRET}", "duplicate_reason": f"{SECRET} a deux sites",
}  # fmt: skip
ARBITRATED = (ClaimState.APPEALED, ClaimState.IN_CONFLICT, ClaimState.PENDING_SECOND)
OUTSIDE = (Role.SEGMENT_LEAD, Role.PROGRAMME_MANAGER, Role.ADMIN, Role.AUDITOR)
INSIDE = (Role.PARTNER_ADMIN, Role.PARTNER_MEMBER, Role.PAM, Role.FINANCE)
OF_EACH_VIEW = 4


@pytest.fixture(autouse=True)
def _everything_is_confidential(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each claim of the half-year is of a customer whose name appears nowhere else."""
    made = factories.make_claim

    def confidential(owner: Session, *rows: Any, **values: Any) -> Any:
        if values.get("state") in ARBITRATED:
            return made(owner, *rows, **{**values, "confidential": True})
        claim = made(owner, *rows, **{**values, "confidential": True, **TELLING})
        _say_it_everywhere(owner, claim)
        return claim

    ordered = measure.make_order_line
    of_it = {"customer_name": SECRET, "customer_siren": SIREN}
    monkeypatch.setattr(measure, "make_order_line", lambda *rows, **values: ordered(*rows, **values, **of_it))
    monkeypatch.setattr(factories, "make_claim", confidential)


def _say_it_everywhere(owner: Session, claim: Claim) -> None:
    """The customer's name in a paper's, in a message, in an event, by hands that are careless."""
    kind = {"size": 4, "media_type": "application/pdf", "state": FileState.CLEAN, "created_at": AT}
    name = f"{SECRET}.pdf"
    file = StoredFile(partner_id=claim.partner_id, sha256=f"{claim.id:064x}", name=name, **kind)
    owner.add(file)
    owner.flush()
    who = {"partner_id": claim.partner_id, "claim_id": claim.id}
    paper = {"file_id": file.id, "evidence_type": "SIGNED_SOW", "uploaded_by_id": claim.created_by_id}
    owner.add(ClaimEvidence(**who, **paper, uploaded_at=AT, dated_on=claim.signed_on))
    said = {"author_id": claim.created_by_id, "at": AT, "body": f"{SECRET} attend"}
    event = {"kind": "evidence_added", "state": claim.state, "at": AT, "note": f"De {SECRET}"}
    owner.add_all([ClaimMessage(**who, **said), ClaimEvent(**who, **event, details={"name": name})])
    owner.commit()


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
        rival = factories.make_user(owner, Role.PARTNER_ADMIN, partner=factories.make_partner(owner))
        strangers = {Role.PAM: factories.make_user(owner, Role.PAM), Role.PARTNER_ADMIN: rival}
        for role, person in {**{role: inhabitants[role] for role in OUTSIDE}, **strangers}.items():
            reader = client_for(person)
            read = outputs(app, reader, *first)
            named = [path for path, shown in read.items() if SECRET in shown.replace("&#39;", "'")]
            assert (role, named) == (role, [])
            assert not [path for path, shown in read.items() if SIREN in shown.replace("\u202f", "")]
            for words in (SECRET[:9], SIREN):
                for place in ("/search", "/staff/claims", "/staff/orders"):
                    found = reader.get(f"{place}?q={words}").text
                    assert not re.findall(r"D-FY\d|CMD-\d", found), f"{role} finds it by {words} at {place}"

    def test_is_named_to_the_firm_its_pam_and_finance(
        self, client_for: ClientFor, inhabitants: People
    ) -> None:
        for role in INSIDE:
            path = "/claims?export=csv" if role.is_partner else "/staff/claims?export=csv"
            assert SECRET in client_for(inhabitants[role]).get(path).text, role

    def test_is_named_in_no_letter_record_or_work(self, owner: Session, inhabitants: People) -> None:
        for table in ("mails", "audit_records", "work_items", "statements"):
            rows = owner.execute(text(f"select t::text from {table} t")).scalars().all()
            assert rows, table
            assert not [row for row in rows if SECRET in row or SIREN in row], table
