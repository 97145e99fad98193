import json
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from config import ConfigError
from portal import cli
from portal.cli import failures, test, up
from portal.cli.failures import Failure
from portal.cli.supervisor import postgres


class TestCommandLine:
    def test_refuses_what_a_command_does_not_know(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            cli.main(["status", "--jsn"])
        assert ended.value.code == 2
        assert "unknown: --jsn" in capsys.readouterr().err

    @pytest.mark.parametrize("command", ["up", "test", "status", "stop", "migrate"])
    def test_explains_each_command(self, command: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            cli.main([command, "--help"])
        assert ended.value.code == 0
        assert command in capsys.readouterr().out

    def test_hands_the_rest_of_test_to_pytest(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PORTAL_HOME", str(tmp_path))
        options, others = cli.parser_for(["test"]).parse_known_args(
            ["test", "--full", "-k", "close", "tests/unit"]
        )
        options.others = others
        command = test.pytest_command(options)
        assert command[-3:] == ["-k", "close", "tests/unit"]
        assert "not slow" not in " ".join(command)

    def test_storms_alone_and_one_after_the_other(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("PORTAL_HOME", str(tmp_path))
        options, options_left = cli.parser_for(["test"]).parse_known_args(["test", "--storm"])
        options.others = options_left
        assert test.pytest_command(options)[-5:] == ["-p", "no:xdist", "-m", "storm", "-v"]
        assert test.asked_for(options) == {"PALIER_STORM": "1"}

    def test_refuses_a_day_that_is_none(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            cli.main(["up", "--today", "2027-02-30"])
        assert ended.value.code == 2

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [([], None), (["--no-demo"], False), (["--demo"], True)],
    )
    def test_asks_for_a_demo_or_not(
        self, arguments: list[str], said: bool | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("DEMO", raising=False)
        options = cli.parser_for(["up"]).parse_args(["up", *arguments])
        assert up.demo_asked(options) is said

    def test_tests_see_nothing_of_a_real_instance(self) -> None:
        kept = test.without_an_instance({"DATABASE_URL": "x", "PORTAL_HOME": "y", "PATH": "z"})
        assert kept == {"PATH": "z"}


class TestStatus:
    def test_is_whole_when_nothing_runs(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("PORTAL_HOME", str(tmp_path))
        assert cli.main(["status", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == {
            "url": None,
            "ready": False,
            "processes": [],
            "database_url": None,
            "redis_url": None,
            "mail": {"captured": 0, "folder": str(tmp_path / "mail")},
            "work": {"ready": 0, "leased": 0, "done": 0, "dead": 0},
            "accounts": [],
        }


class TestFailures:
    def test_have_words_and_a_code(self) -> None:
        assert failures.in_words(Failure("no", 4)) == ("no", 4)
        assert failures.in_words(OSError(28, "No space left", "/data")) == (
            "The disk is full (/data): make room and run this again.", failures.DISK_FULL,
        )  # fmt: skip
        words, _ = failures.in_words(ConfigError(["PORTAL_PORT: bad", "DEMO: bad"]))
        assert words is not None
        assert "PORTAL_PORT" in words and "DEMO" in words

    def test_of_the_program_itself_are_not_hidden(self) -> None:
        assert failures.in_words(KeyError("x"))[0] is None


class TestDatabaseGiven:
    @pytest.mark.parametrize("wrong", ["postgresql://owner:wrong@", "/no_such_database"])
    def test_that_refuses_is_said_at_once(self, wrong: str, server: str) -> None:
        parts = urlsplit(server)
        netloc = f"owner:wrong@{parts.netloc.rpartition('@')[2]}" if "@" in wrong else parts.netloc
        url = urlunsplit(parts._replace(netloc=netloc, path="/no_such_database"))
        with pytest.raises(psycopg.OperationalError) as refused:
            postgres.answers(url)
        assert postgres.refuses(refused.value)

    def test_that_is_starting_or_away_is_waited_for(self) -> None:
        for words in ("FATAL:  the database system is starting up", "Connection refused"):
            assert not postgres.refuses(psycopg.OperationalError(words))
