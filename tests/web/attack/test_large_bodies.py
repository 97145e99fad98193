"""What is sent without end, or said to be endless, costs neither memory nor a thread of the server."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.conftest import ClientFor


@pytest.fixture
def sent() -> Iterator[dict[str, Any]]:
    """A request of which the sender has sent the beginning, and waits."""
    here, there = socket.socketpair()
    with here, there, there.makefile("rb") as body:
        here.sendall(b"--b\r\nContent-Disposition: form-data; name=email\r\n\r\na")
        kind = "multipart/form-data; boundary=b"
        yield {
            "wsgi.input": body, "gunicorn.socket": there, "CONTENT_TYPE": kind, "CONTENT_LENGTH": "1000",
        }  # fmt: skip


class TestBodies:
    def test_that_never_end_are_cut_off(
        self, client_for: ClientFor, sent: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("portal.web.bodies.SECONDS", 0.2)
        began = time.perf_counter()
        assert client_for(None).post("/account/reset", environ_overrides=sent).status_code == 400
        assert time.perf_counter() - began < 20

    def test_said_to_be_of_two_gigabytes_are_not_read(
        self, client_for: ClientFor, sent: dict[str, Any]
    ) -> None:
        sent["CONTENT_LENGTH"] = str(2 << 30)
        assert client_for(None).post("/account/reset", environ_overrides=sent).status_code == 413
