import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from portal.cli.failures import DISK_FULL, PORT_IN_USE, Failure
from portal.cli.supervisor import home as home_module
from portal.cli.supervisor import state, supervise, web
from portal.cli.supervisor.child import LONGEST_PAUSE, Child, Program
from portal.cli.supervisor.home import Home
from portal.cli.supervisor.supervise import Interrupted, Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def said() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[tuple[str, str]]) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path, say=lambda name, words: said.append((name, words)))
    yield supervisor
    supervisor.stop()


def program(name: str, argv: list[str] = SLEEPER, **more: object) -> Program:
    return Program(name=name, argv=argv, env=dict(os.environ), **more)  # type: ignore[arg-type]


def watch_until(supervisor: Supervisor, done: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "waited in vain"
        supervisor.glance()


class TestSupervisor:
    def test_starts_again_what_was_killed(self, supervisor: Supervisor, said: list[tuple[str, str]]) -> None:
        supervisor.start([program("web")])
        supervisor.wait_ready()
        (child,) = supervisor.children
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        watch_until(supervisor, lambda: child.pid != first and child.state == "ready")
        assert ("web", "ended (signal 9), starts again in 0.2 s; see web.log") in said

    def test_ends_the_group_of_a_killed_process_before_starting_it_again(
        self, supervisor: Supervisor, tmp_path: Path
    ) -> None:
        family = (
            "import subprocess, sys, time, pathlib;"
            "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
            f"pathlib.Path({str(tmp_path / 'grandchild')!r}).write_text(str(p.pid)); time.sleep(60)"
        )
        supervisor.start([program("web", [sys.executable, "-c", family])])
        (child,) = supervisor.children
        watch_until(supervisor, lambda: (tmp_path / "grandchild").exists())
        grandchild = psutil.Process(int((tmp_path / "grandchild").read_text()))
        first = child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        watch_until(supervisor, lambda: child.pid != first)
        watch_until(supervisor, lambda: not grandchild.is_running() or grandchild.status() == "zombie")

    def test_waits_longer_each_time_a_process_fails(self, tmp_path: Path) -> None:
        child = Child(program("web"), tmp_path / "web.log", started=time.monotonic())
        pauses = [child.plan_restart() for _ in range(8)]
        assert pauses[:4] == [0.2, 0.4, 0.8, 1.6]
        assert pauses[-1] == LONGEST_PAUSE
        child.started = time.monotonic() - 60
        assert child.plan_restart() == 0.2

    def test_shows_the_last_words_of_what_cannot_start(self, supervisor: Supervisor) -> None:
        broken = [sys.executable, "-c", "raise SystemExit('no such table')"]
        supervisor.start([program("web", broken, ready=lambda: False)])
        with pytest.raises(Failure, match=r"(?s)web does not start.*no such table"):
            supervisor.wait_ready()

    def test_waits_for_an_answer(self, supervisor: Supervisor, tmp_path: Path) -> None:
        sign = tmp_path / "sign"
        touch = f"import pathlib, time; time.sleep(.3); pathlib.Path({str(sign)!r}).touch(); time.sleep(60)"
        supervisor.start([program("db", [sys.executable, "-c", touch], ready=sign.exists)])
        assert supervisor.children[0].state == "starting"
        supervisor.wait_ready()
        assert sign.exists()
        sign.unlink()
        supervisor._checked = 0.0
        supervisor.glance()
        assert supervisor.children[0].state == "unwell"

    def test_stops_later_stages_first_and_ends_the_stubborn(
        self, supervisor: Supervisor, tmp_path: Path
    ) -> None:
        trace = tmp_path / "trace"

        def noting(name: str) -> list[str]:
            code = (
                "import signal, time\n"
                "def end(*_):\n"
                f"    open({str(trace)!r}, 'a').write({name!r} + ' '); raise SystemExit\n"
                "signal.signal(signal.SIGTERM, end)\n"
                f"open({str(tmp_path / name)!r}, 'w')\n"
                "time.sleep(60)\n"
            )
            return [sys.executable, "-c", code]

        deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
        supervisor.start([program("db", noting("db")), program("web", noting("web"), stage=1)])
        supervisor.start([program("deaf", [sys.executable, "-c", deaf], stage=2, grace=0.5)])
        watch_until(supervisor, lambda: (tmp_path / "db").exists() and (tmp_path / "web").exists())
        supervisor.stop()
        assert trace.read_text() == "web db "
        assert [child.state for child in supervisor.children] == ["stopped"] * 3

    def test_is_interrupted_by_a_signal(self, supervisor: Supervisor) -> None:
        supervisor.ask_to_stop(signal.SIGTERM, None)
        with pytest.raises(Interrupted):
            supervisor.glance()

    def test_keeps_logs_small(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(supervise, "LARGEST_LOG", 10)
        log = tmp_path / "web.log"
        with log.open("ab", buffering=0) as writer:
            writer.write(b"first lines\n")
            supervise.keep_small(log)
            writer.write(b"next\n")
        assert log.read_bytes() == b"next\n"
        assert (tmp_path / "web.log.1").read_bytes() == b"first lines\n"

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
    def test_takes_its_processes_along_when_killed(self, tmp_path: Path) -> None:
        code = (
            "import os, sys, time; from pathlib import Path\n"
            "from portal.cli.supervisor.child import Program\n"
            "from portal.cli.supervisor.supervise import Supervisor\n"
            "s = Supervisor(Path(sys.argv[1]), say=print)\n"
            f"s.start([Program('web', {SLEEPER!r}, dict(os.environ))])\n"
            "Path(sys.argv[1], 'pid').write_text(str(s.children[0].pid)); time.sleep(60)\n"
        )
        parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
        pid = tmp_path / "pid"
        deadline = time.monotonic() + 10
        while not (pid.exists() and pid.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        child = psutil.Process(int(pid.read_text()))
        parent.kill()
        parent.wait()
        child.wait(5)
        assert not child.is_running()


class TestLeftovers:
    def test_are_found_by_their_mark_and_ended(self, tmp_path: Path) -> None:
        home = Home(tmp_path)
        left = subprocess.Popen(SLEEPER, env={**os.environ, state.MARK: str(tmp_path)})
        other = subprocess.Popen(SLEEPER, env={**os.environ, state.MARK: str(tmp_path / "other")})
        try:
            while psutil.Process(left.pid).environ().get(state.MARK) != str(tmp_path):
                time.sleep(0.01)
            assert state.stop_leftovers(home) == 1
            assert left.poll() is not None
            assert other.poll() is None
        finally:
            for process in (left, other):
                process.kill()
                process.wait()

    def test_are_not_mistaken_for_a_program_with_the_same_pid(self, tmp_path: Path) -> None:
        home = Home(tmp_path)
        home.folder("run")
        stranger = {"name": "web", "pid": os.getpid(), "state": "ready", "born": 1.0}
        home_module.write_json(home.state_file, {"processes": [stranger]})
        assert state.stop_leftovers(home) == 0


class TestHome:
    def test_is_held_by_one_supervisor_at_a_time(self, tmp_path: Path) -> None:
        home = Home(tmp_path)
        assert not home.is_held()
        handle = home.hold()
        assert handle is not None
        assert home.is_held()
        assert home.hold() is None
        os.close(handle)
        assert not home.is_held()

    def test_keeps_its_secrets_to_itself(self, tmp_path: Path) -> None:
        home = Home(tmp_path)
        assert home.secrets() == home.secrets()
        assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0
        assert len(set(home.secrets().values())) == 3

    def test_finds_a_short_place_for_sockets(self, tmp_path: Path) -> None:
        deep = Home(tmp_path / ("x" * 100))
        sockets = deep.sockets()
        assert len(str(sockets)) < 80
        assert sockets.stat().st_mode & 0o077 == 0
        sockets.rmdir()

    def test_refuses_a_full_disk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(home_module, "ROOM_NEEDED", 2**63)
        with pytest.raises(Failure, match="full") as refused:
            Home(tmp_path).check_room()
        assert refused.value.code == DISK_FULL


class TestPort:
    def test_in_use_is_refused_with_another_proposed(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with pytest.raises(Failure, match=f"Port {port} is taken by .*PORTAL_PORT=") as refused:
                web.check_port(port)
        assert refused.value.code == PORT_IN_USE
        web.check_port(port)
