"""Long bad weather over whole closes: processes killed, services away, the relay in every mood, no room on the disk."""

import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import psutil
import pytest
from redis import Redis
from redis.exceptions import RedisError

from portal.cli.setup.system import QUEUES, found
from portal.cli.supervisor import postgres
from portal.cli.supervisor.home import Home
from portal.cli.supervisor.web import free_port
from tests import databases
from tests.workers.closes import Stage, arrange_claims, check
from tests.workers.crashes import Tell, tell
from tests.workers.instance import SMALL_DISK, Every, Instance, slowness
from tests.workers.relays import MoodyRelay, RelayServer

__all__ = ["tell"]
pytestmark = pytest.mark.storm
FIRMS = 500


class Storm:
    """One close under bad weather; `weather` is called again and again while it goes on."""

    def __init__(self, instance: Instance, stage: Stage, relay: MoodyRelay, server: RelayServer) -> None:
        self.instance, self.stage, self.relay, self.server = instance, stage, relay, server
        self.begun = time.monotonic()
        self.files = instance.home / "files"
        self.earned: dict[str, Decimal] = {}

    def sent(self) -> int:
        return self.stage.watch.one(
            "select count(*) from mails where kind = 'statement.issued' and state = 'sent'"
        )

    def filed(self) -> int:
        return self.stage.watch.one("select count(*) from statement_files")

    def pass_over(self, weather: Callable[[], None], *, firms: int = FIRMS, within: float = 3600) -> float:
        """The whole close in this weather, then the calm after it; how long it took in all."""
        with self.stage.owner() as owner:
            self.earned = arrange_claims(owner, firms)
        self.stage.people()
        self.begun = time.monotonic()
        self.stage.start()
        self.wait(self.stage.is_computed, weather, within)
        self.stage.approve()
        self.wait(self.stage.is_over, weather, within)
        return time.monotonic() - self.begun

    def wait(self, reached: Callable[[], bool], weather: Callable[[], None], within: float) -> None:
        while not reached():
            assert time.monotonic() - self.begun < within, f"{self.filed()} filed\n{self.instance.words()}"
            self.instance.tend()
            weather()
            time.sleep(0.2)

    def reckon(self) -> int:
        return check(self.stage, self.relay.taken, self.files, self.earned)


@contextmanager
def storm(home: Path, url: str, **given: str) -> Iterator[Storm]:
    """An instance with a relay; on this database, or on its own."""
    relay = MoodyRelay(port=free_port())
    server = RelayServer(relay)
    server.come()
    settings = {"SMTP_URL": f"smtp://127.0.0.1:{relay.port}", "WORKER_TOKEN": "w" * 43, **given}
    instance = Instance(home, settings | ({"DATABASE_URL": url} if url else {}))
    instance.up()
    stage = None
    try:
        instance.wait_ready()
        stage = Stage(url or postgres.owner_url(Home(home)), secret=Home(home).secrets()["secret_key"])
        stage.let_workers_in()
        yield Storm(instance, stage, relay, server)
    finally:
        instance.stop()
        server.leave()
        if stage:
            stage.close()


@pytest.fixture
def over_scratch(scratch: str, tmp_path: Path) -> Iterator[Storm]:
    databases.clear(scratch)
    with storm(tmp_path, scratch) as made:
        yield made


class TestStorm:
    def test_of_random_kills(self, over_scratch: Storm, tell: Tell) -> None:
        chance, instance = random.Random(1), over_scratch.instance

        def strike() -> None:
            worker = chance.choice(("worker-1", "worker-2"))
            how = chance.choices(
                ("child", "worker", "orphan", "scheduler", "redis", "web", "supervisor"),
                (9, 4, 2, 2, 1, 1, 1),
            )[0]
            if how == "child":
                instance.kill_child(worker)
            elif how in ("worker", "orphan"):  # an orphan goes on without its worker
                instance.kill(worker, with_children=how == "worker")
            else:
                instance.kill(how)

        pace = slowness()  # two seconds of a machine that does nothing else
        kills = Every(2.0 * pace, strike)
        took = over_scratch.pass_over(kills)
        twice = over_scratch.reckon()
        tell(
            f"{FIRMS} statements under {kills.times} kills, the machine {pace:.1f} times slowed: {took:.0f} s; {twice} mails twice, same Message-ID"
        )

    def test_of_postgresql_killed(self, tmp_path: Path, tell: Tell) -> None:
        if psutil.Process().uids().real == 0:
            pytest.skip("PostgreSQL refuses to run as root: use `python3 -m portal test --storm`")
        with storm(tmp_path, "") as made:
            kills = Every(20.0, lambda: made.instance.kill("postgres"))
            took = made.pass_over(kills, firms=150)
            tell(
                f"150 statements, PostgreSQL killed {kills.times} times: {took:.0f} s; {made.reckon()} mails twice"
            )

    def test_of_redis_flushed_killed_and_absent(self, scratch: str, tmp_path: Path, tell: Tell) -> None:
        databases.clear(scratch)
        socket, running = tmp_path / "own.sock", []

        def come() -> None:
            options = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(tmp_path)]
            running.append(subprocess.Popen([str(found(QUEUES)), *options], stdout=subprocess.DEVNULL))

        def leave() -> None:
            running[-1].kill()
            running[-1].wait()

        def flush() -> None:
            with Redis.from_url(f"unix://{socket}") as redis:
                try:
                    redis.flushall()
                except RedisError:
                    return

        come()
        try:
            with storm(tmp_path / "home", scratch, REDIS_URL=f"unix://{socket}") as made:
                flushes, absent = Every(5.0, flush), 0.0

                def weather() -> None:
                    nonlocal absent
                    flushes()
                    if not absent and made.filed() >= 40:
                        leave()
                        absent = time.monotonic()
                    if absent and time.monotonic() - absent > 60 and running[-1].poll() is not None:
                        come()

                took = made.pass_over(weather, firms=100)
                assert absent
                tell(
                    f"100 statements, Redis flushed {flushes.times} times, absent for a minute: {took:.0f} s;"
                    f" {made.reckon()} mails twice"
                )
        finally:
            leave()

    def test_of_the_relay(self, over_scratch: Storm, tell: Tell) -> None:
        made, moods = over_scratch, ["451", "hang", "drop in DATA", "greylist", "421", "drop before 250"]
        moods += ["drop after 250", "away", ""]
        printed: dict[str, int] = {}

        def change() -> None:
            if made.filed() < 5 or (made.relay.mood == "" and not moods):
                return
            mood = moods.pop(0)
            printed[mood] = made.filed()
            made.server.leave() if mood == "away" else made.server.come()
            made.relay.mood = "" if mood == "away" else mood

        took = made.pass_over(Every(12.0, change), firms=100)
        assert not moods
        assert printed["drop in DATA"] > printed["hang"], "a relay that hangs keeps the printers waiting"
        tell(
            f"100 statements, the relay in every mood: {took:.0f} s; {made.reckon()} mails twice, same Message-ID"
        )

    def test_of_a_full_disk(self, scratch: str, tmp_path: Path, tell: Tell) -> None:
        databases.clear(scratch)
        disk = tmp_path / "disk"
        disk.mkdir()
        with storm(tmp_path / "home", scratch, FILES_URL=disk.as_uri(), **{SMALL_DISK: str(disk)}) as made:
            assert made.instance.process is not None
            seen = Path(f"/proc/{made.instance.process.pid}/root{disk}")
            if shutil.disk_usage(seen).total > 20 * 2**20:
                pytest.skip("this system lets nobody but root mount a small disk")
            made.files, ballast = seen, seen / "ballast"
            ballast.write_bytes(b"x" * 19 * 2**20)
            full = 0.0

            def weather() -> None:
                nonlocal full
                if (
                    not full
                    and made.stage.watch.one(
                        "select count(*) from work_items where last_error like '%files_away%'"
                    )
                    > 0
                ):
                    full = time.monotonic()
                if full and time.monotonic() - full > 20 and ballast.exists():
                    ballast.unlink()

            took = made.pass_over(weather, firms=60)
            assert full
            tell(
                f"60 statements on a disk of 20 MB, full for 20 s: {took:.0f} s; {made.reckon()} mails twice"
            )
