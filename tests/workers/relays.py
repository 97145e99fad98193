"""A relay with moods: it refuses, hangs, puts off or drops the line for a while, and remembers what it took."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.workers.test_mail import Relay

HANG = 25.0  # seconds, longer than the portal waits for an answer


@dataclass
class MoodyRelay(Relay):
    """`mood` is 451, 421, hang, greylist, drop in DATA, drop before 250, drop after 250; or nothing."""

    mood: str = ""
    never: str = ""  # a recipient that it refuses for good
    known: set[str] = field(default_factory=set)
    calls: int = 0

    def answer(self, command: str) -> str | None:
        if self.mood in ("451", "421") and command == "MAIL":
            return f"{self.mood} not now"
        if self.mood.startswith("drop") and command == "DATA":
            return {"drop before 250": "drop before", "drop after 250": "drop after"}.get(self.mood)
        return super().answer(command)

    async def handle_MAIL(self, *args: Any) -> str:  # type: ignore[override]
        self.calls += 1
        if self.mood == "hang":
            await asyncio.sleep(HANG)
        return await super().handle_MAIL(*args)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address == self.never:
            return "550 no such person"
        if self.mood == "greylist" and address not in self.known:
            self.known.add(address)
            return "451 greylisted, come again"
        return await super().handle_RCPT(server, session, envelope, address, options)


class _Line(SMTP):
    async def smtp_DATA(self, arg: str) -> None:
        if self.event_handler.mood == "drop in DATA":
            await self.push("354 go on")
            self.transport.close()
        else:
            await super().smtp_DATA(arg)


class _Server(Controller):
    def factory(self) -> SMTP:
        return _Line(self.handler, **self.SMTP_kwargs)


class RelayServer:
    """The relay on a port of the loopback; it may be away, and come back on the same port."""

    def __init__(self, relay: MoodyRelay) -> None:
        self.relay = relay
        self._server: _Server | None = None

    def come(self) -> None:
        if self._server is None:
            self._server = _Server(self.relay, hostname="127.0.0.1", port=self.relay.port)
            self._server.start()

    def leave(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None
