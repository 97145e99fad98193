"""A mail server for the demo: every message becomes a file that can be opened, and none leaves."""

import argparse
import os
import signal
import smtplib
import sys
from collections.abc import Mapping
from pathlib import Path
from time import time_ns
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.cli.supervisor.child import Program

LARGEST = 30 * 1024 * 1024


class Capture:
    """Writes each message to a file of its own; the same message twice makes two files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message whole before saying that it was taken."""
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        try:
            name = keep(self.folder, head.encode() + _bytes(envelope.content))
        except OSError as error:
            return f"452 {error.strerror}"
        return f"250 kept as {name}"


def _bytes(content: Any) -> bytes:
    return content.encode() if isinstance(content, str) else bytes(content)


def keep(folder: Path, content: bytes) -> str:
    """Write a message under a new name that sorts by time, never seen half-written."""
    name = f"{time_ns()}.eml"
    fresh = folder / f".{name}"
    with fresh.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(folder / name)
    return name


def serve(folder: Path, port: int) -> Controller:
    """Start capturing on the loopback."""
    controller = Controller(Capture(folder), hostname="127.0.0.1", port=port, data_size_limit=LARGEST)
    controller.start()
    return controller


def program(folder: Path, port: int, env: Mapping[str, str]) -> Program:
    """The capture as a supervised process."""
    argv = [sys.executable, "-m", "portal.cli.supervisor.mail_capture", str(folder), str(port)]
    return Program(name="mail", argv=argv, env=env, ready=lambda: greets(port))


def greets(port: int) -> bool:
    """Whether the server says hello."""
    with smtplib.SMTP("127.0.0.1", port, timeout=3) as client:
        return client.noop()[0] == 250


def main() -> None:
    """Capture until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("port", type=int)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    ending = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    controller = serve(options.folder, options.port)
    signal.sigwait(ending)
    controller.stop()


if __name__ == "__main__":
    main()
