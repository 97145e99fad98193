"""Closes of a period on a real instance, with deaths on their way, and what came of them."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller

from portal.cli.supervisor.web import free_port
from tests import databases
from tests.workers.closes import Recoveries, Stage, arrange_claims, check
from tests.workers.instance import Every, Instance, slowness
from tests.workers.test_mail import Relay

RECOVERY = 15.0  # seconds, on a machine that has its processors to itself
FIRMS = 4
Tell = Callable[[str], None]
Point = tuple[str, str, str]  # the kind of item, what it writes, before or after


@dataclass
class Crash:
    """An instance on a scratch database, a relay, and one close after the other."""

    instance: Instance
    stage: Stage
    relay: Relay
    recovered: list[float] = field(default_factory=list)
    deaths: list[dict[str, Any]] = field(default_factory=list)
    twice: int = 0

    def begin(self) -> None:
        """Firms with claims, on an emptied database and an emptied record of faults."""
        empty(self.stage.url)
        self.stage.let_workers_in()
        for path in self.instance.faults.glob("*-*"):
            path.unlink()
        self.relay.taken.clear()
        with self.stage.owner() as owner:
            self.earned = arrange_claims(owner, FIRMS)
        self.stage.people()

    def close_period(self, armed: list[dict[str, Any]], *, deaf: bool = False) -> None:
        """The whole close, with these deaths on its way; then the reckoning. The deaf hear no bell in time."""
        self.begin()
        forget = Every(1.0, self.instance.flush_redis if deaf else bool)
        for number, point in enumerate(armed):
            fresh = self.instance.faults / f"fresh{number}"
            fresh.write_text(json.dumps(point))
            fresh.rename(self.instance.faults / f"armed-{number}")
        with Recoveries(self.stage, self.instance.faults) as recoveries:
            self.stage.start()
            self.instance.wait(self.stage.is_computed, seconds=90, weather=forget)
            self.stage.approve()
            self.instance.wait(self.stage.is_over, seconds=150, weather=forget)
        self.deaths += recoveries.fired
        self.recovered += recoveries.seconds
        self.twice += check(self.stage, self.relay.taken, self.instance.home / "files", self.earned)

    def points(self) -> dict[Point, int]:
        """Each side of each write that the last close saw, and which one of those that an item makes; 0 for any."""
        most: dict[Point, int] = {}
        for path in self.instance.faults.glob("seen-*"):
            for line in path.read_text().splitlines():
                one = json.loads(line)
                point = (one["kind"], one["label"], one["side"])
                most[point] = max(most.get(point, 0), one["nth"])
        return {
            point: 0 if point[0] in ("sweep", "taking", "bell") else nth // 2 + 1
            for point, nth in sorted(most.items())
        }


def empty(url: str) -> None:
    """Empty a database that an instance is looking at."""
    for _ in range(20):
        with suppress(psycopg.errors.DeadlockDetected):
            databases.clear(url)
            return
    raise AssertionError("the instance never lets go of its tables")


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Say a figure to whoever runs the tests."""

    def say(words: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{words}\n")
            sys.stdout.flush()

    return say


@pytest.fixture
def crash(scratch: str, tmp_path: Path) -> Iterator[Crash]:
    databases.clear(scratch)
    relay = Relay(port=free_port())
    controller = Controller(relay, hostname="127.0.0.1", port=relay.port)
    controller.start()
    stage = Stage(scratch)
    given = {
        "DATABASE_URL": scratch,
        "SMTP_URL": f"smtp://127.0.0.1:{relay.port}",
        "WORKER_TOKEN": stage.token,
    }
    instance = Instance(tmp_path, given)
    instance.up()
    try:
        instance.wait_ready()
        yield Crash(instance, stage, relay)
    finally:
        instance.stop()
        stage.close()
        controller.stop()


def in_rounds(points: Mapping[Point, int], victim: str) -> list[list[dict[str, Any]]]:
    """Deaths that one close can hold: one of each kind of item."""
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for (kind, label, side), nth in points.items():
        by_kind.setdefault(kind, []).append(
            {"kind": kind, "label": label, "side": side, "victim": victim} | ({"nth": nth} if nth else {})
        )
    longest = max(map(len, by_kind.values()), default=0)
    return [[kind[place] for kind in by_kind.values() if place < len(kind)] for place in range(longest)]


def key(point: dict[str, Any]) -> tuple[str, ...]:
    return point["kind"], point["label"], point["side"], point["victim"]


def reckoning(crash: Crash, name: str) -> str:
    """What a run found, in a line."""
    slow, seconds = slowness(), crash.recovered
    p95 = quantiles(seconds, n=20)[-1] if len(seconds) > 1 else max(seconds, default=0.0)
    assert p95 <= RECOVERY * slow, f"recovered only after {p95:.1f} s"
    middle = median(seconds) if seconds else 0.0
    return (
        f"{name}: {len(crash.deaths)} deaths at {len({key(one)[:3] for one in crash.deaths})} points; "
        f"recovery p50 {middle:.1f} s, p95 {p95:.1f} s, longest {max(seconds, default=0.0):.1f} s; "
        f"{crash.twice} mails went twice, with the same Message-ID"
    )
