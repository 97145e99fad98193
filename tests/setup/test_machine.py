import ast
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from portal.cli.setup import account, environment, system
from portal.cli.setup.account import PROJECT
from portal.cli.setup.system import Part

STANDARD_LIBRARY_ALONE = [PROJECT / "portal/__main__.py", *(PROJECT / "portal/cli/setup").glob("*.py")]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine with Python alone."""
    for name in ("REDIS_URL", "TEST_REDIS_URL", "CHROMIUM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(system, "loads", lambda library: False)
    monkeypatch.setattr(shutil, "which", lambda program: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    return monkeypatch


def packages(parts: Sequence[Part]) -> list[str]:
    return [part.package for part in parts]


class TestWhatIsMissing:
    venv = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    printer = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]

    def test_is_named_for_up(self, bare: pytest.MonkeyPatch) -> None:
        assert packages(system.missing_for("up")) == [self.venv, *self.printer, "redis-server"]

    def test_is_a_browser_more_for_test(self, bare: pytest.MonkeyPatch) -> None:
        assert packages(system.missing_for("test")) == [self.venv, *self.printer, "redis-server", "chromium"]

    def test_is_no_more_than_the_environment_for_other_commands(self, bare: pytest.MonkeyPatch) -> None:
        assert packages(system.missing_for("plan")) == packages(system.missing_for("")) == [self.venv]

    def test_is_no_queue_where_one_is_given(self, bare: pytest.MonkeyPatch) -> None:
        bare.setenv("REDIS_URL", "redis://elsewhere")
        assert "redis-server" not in packages(system.missing_for("up"))

    def test_is_nothing_on_a_whole_machine(self, bare: pytest.MonkeyPatch) -> None:
        bare.setattr(system, "loads", lambda library: True)
        bare.setattr(shutil, "which", lambda program: f"/usr/bin/{program}")
        bare.setattr("importlib.util.find_spec", lambda name: object())
        assert system.missing_for("test") == []


class TestInstalling:
    parts = (Part("Pango", "libpango-1.0-0"), Part("a Redis or Valkey server", "redis-server"))

    def test_is_one_line_for_root(self) -> None:
        update, install = system.install_commands(["libpango-1.0-0"], platform="linux", root=True, apt=True)
        assert update == ["apt-get", "update"]
        assert " ".join(install) == (
            "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libpango-1.0-0"
        )

    def test_asks_sudo_by_name_for_others(self) -> None:
        commands = system.install_commands(["redis-server"], platform="linux", root=False, apt=True)
        assert [command[0] for command in commands] == ["sudo", "sudo"]

    def test_is_one_brew_line_on_a_mac(self) -> None:
        asked = ["libpango-1.0-0", "libpangoft2-1.0-0", "redis-server"]
        commands = system.install_commands(asked, platform="darwin", root=False, apt=False)
        assert commands == [["brew", "install", "pango", "valkey"]]

    def test_never_happens_unasked(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(shutil, "which", lambda program: f"/usr/bin/{program}")
        monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: pytest.fail("ran something"))
        with pytest.raises(SystemExit) as ended:
            system.install(self.parts, allowed=False)
        assert ended.value.code == 3
        said = capsys.readouterr().err
        assert "Missing on this machine: Pango, a Redis or Valkey server." in said
        assert "--no-install-recommends libpango-1.0-0 redis-server" in said

    def test_says_what_to_install_where_no_installer_is_known(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(shutil, "which", lambda program: None)
        with pytest.raises(SystemExit):
            system.install(self.parts, allowed=True)
        assert "Pango, a Redis or Valkey server" in capsys.readouterr().err


class TestPreparing:
    @pytest.mark.parametrize("file", STANDARD_LIBRARY_ALONE, ids=lambda file: file.name)
    def test_needs_the_standard_library_alone(self, file: Path) -> None:
        tree = ast.parse(file.read_text())
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        ]
        allowed = sys.stdlib_module_names
        ours = "portal.cli.setup"
        assert [n for n in names if n.split(".")[0] not in allowed and not n.startswith(ours)] == []

    def test_can_be_read_by_an_old_python(self) -> None:
        ast.parse((PROJECT / "portal/__main__.py").read_text(), feature_version=(3, 7))

    def test_is_done_once_for_each_state_of_the_lock(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        project, venv = tmp_path / "project", tmp_path / "project" / ".venv"
        project.mkdir()
        lock = project / "requirements.lock"
        lock.write_text("flask==1 --hash=sha256:00\n")
        filled: list[str] = []
        monkeypatch.setattr(environment, "PROJECT", project)
        monkeypatch.setattr(environment, "make", lambda folder: _pretend(folder))
        monkeypatch.setattr(environment, "fill", _filling(filled))
        environment.prepare(venv, [lock.name])
        environment.prepare(venv, [lock.name])
        assert filled == ["requirements.lock"]
        lock.write_text("flask==2 --hash=sha256:00\n")
        environment.prepare(venv, [lock.name])
        assert len(filled) == 2

    def test_leaves_the_project_out_of_closed_folders(self) -> None:
        copied = {path.relative_to(PROJECT).parts[0] for path in account.project_files()}
        assert {"portal", "config.py"} <= copied
        assert not {".git", ".venv", "var"} & copied


def _pretend(venv: Path) -> None:
    (venv / "bin").mkdir(parents=True, exist_ok=True)
    (venv / "bin" / "python").touch()


def _filling(filled: list[str]) -> Callable[[Path, str], None]:
    def fill(venv: Path, lock: str) -> None:
        filled.append(lock)
        environment.stamp_of(venv, lock).write_text(environment.fingerprint(lock))

    return fill
