"""The public page that says whether a statement, or a file, is one of ours."""

import hashlib
import io

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from tests.integration.disputes.conftest import Stated, context, drain, stated
from tests.web.conftest import Browser, ClientFor

__all__ = ["context", "drain", "stated"]

CONTENT = b"%PDF-1.7 as it was sent"


@pytest.fixture
def stranger(client_for: ClientFor) -> Browser:
    return client_for(None)


def printed(owner: Session, stated: Stated, content: bytes, renderer: str = "r1") -> None:
    owner.execute(
        text(
            "insert into statement_files (partner_id, statement_id, renderer, sha256, size, rendered_at)"
            " values (:partner, :id, :renderer, :sha, 1, :at)"
        ),
        {
            "partner": stated.statement.partner_id, "id": stated.statement.id, "renderer": renderer,
            "sha": hashlib.sha256(content).hexdigest(), "at": clock.now(),
        },
    )  # fmt: skip
    owner.commit()


def send(stranger: Browser, content: bytes, **data: object) -> tuple[int, str]:
    answer = stranger.send(
        "/verify/file", {"file": (io.BytesIO(content), "releve.pdf")}, content_type="multipart/form-data"
    )
    return answer.status_code, answer.get_data(as_text=True)


class TestVerification:
    def test_answers_for_number_code_and_file_and_masks_the_firm(
        self, owner: Session, stated: Stated, stranger: Browser
    ) -> None:
        code, number = stated.statement.short_code, stated.statement.number
        page = stranger.get(f"/verify/{code}?number={number.lower()}")
        words = page.get_data(as_text=True)
        assert page.status_code == 200 and number in words
        assert "Arvélia" not in words and "Ar…" in words
        assert stranger.get(f"/verify/{code}?number=R-FY26H2-000099").status_code == 404
        assert stranger.get("/verify/7K3M-Q2XD-A9TB").status_code == 404

        printed(owner, stated, CONTENT)
        assert send(stranger, CONTENT)[0] == 200
        assert send(stranger, CONTENT + b" ")[0] == 404
        printed(owner, stated, b"printed anew", "r2")
        assert "impression antérieure" in send(stranger, CONTENT)[1]
        assert owner.execute(text("select count(*) from files")).scalar() == 0

    def test_refuses_what_is_too_large_or_unasked(self, stated: Stated, stranger: Browser) -> None:
        large = {"CONTENT_LENGTH": str(7 * 1024 * 1024)}
        form = {"content_type": "multipart/form-data; boundary=b", "environ_overrides": large}
        assert stranger.post("/verify/file", data=b"--b--", **form).status_code == 413
        assert stranger.post("/verify/file", data={}).status_code == 400, "without its form token"
        assert stranger.send("/verify/file").status_code == 422

    def test_slows_down_who_sends_one_strange_file_after_the_other(
        self, owner: Session, stated: Stated, stranger: Browser
    ) -> None:
        assert send(stranger, b"strange")[0] == 404
        owner.execute(text("update sign_in_failures set failures = 29 where subject like 'verify:%'"))
        owner.commit()
        assert [send(stranger, b"strange")[0] for _again in range(2)] == [404, 429]
        assert stranger.get(f"/verify/{stated.statement.short_code}").status_code == 429
