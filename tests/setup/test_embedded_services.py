import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portal.cli.failures import Failure
from portal.cli.supervisor import postgres, redis_server
from portal.cli.supervisor.home import Home
from portal.cli.supervisor.supervise import Supervisor


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def supervisor(home: Home) -> Iterator[Supervisor]:
    supervisor = Supervisor(home.folder("log"), say=lambda name, words: None)
    yield supervisor
    supervisor.stop()


def kill_and_wait(supervisor: Supervisor) -> None:
    (child,) = supervisor.children
    killed = child.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    while child.pid == killed:
        supervisor.glance()
    supervisor.wait_ready()


@pytest.mark.skipif(os.getuid() == 0, reason="PostgreSQL refuses root")
class TestEmbeddedPostgres:
    def test_comes_back_with_its_data_after_being_killed(self, home: Home, supervisor: Supervisor) -> None:
        supervisor.start([postgres.program(home)])
        supervisor.wait_ready()
        postgres.make_owner(home)
        postgres.make_owner(home)
        with psycopg.connect(postgres.owner_url(home)) as owner:
            owner.execute("create table kept (word text)")
            owner.execute("insert into kept values ('élan')")
        kill_and_wait(supervisor)
        with psycopg.connect(postgres.owner_url(home)) as owner:
            assert owner.execute("select upper(word) from kept").fetchone() == ("ÉLAN",)
            assert owner.execute("show fsync").fetchone() == ("on",)

    def test_gives_its_owner_no_more_rights_than_production_does(
        self, home: Home, supervisor: Supervisor
    ) -> None:
        supervisor.start([postgres.program(home, durable=False)])
        supervisor.wait_ready()
        postgres.make_owner(home)
        with psycopg.connect(postgres.owner_url(home)) as owner:
            rights = owner.execute(
                "select rolsuper, rolbypassrls, rolreplication from pg_roles where rolname = current_user"
            )
            assert rights.fetchone() == (False, False, False)

    def test_lets_nobody_in_without_the_password(self, home: Home, supervisor: Supervisor) -> None:
        supervisor.start([postgres.program(home, durable=False)])
        supervisor.wait_ready()
        wrong = postgres.admin_url(home).replace(home.secrets()["postgres"], "guess")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(wrong)


class TestPostgresFolder:
    def test_forgets_a_pid_that_is_another_program(self, tmp_path: Path) -> None:
        pid_file = tmp_path / "postmaster.pid"
        pid_file.write_text(f"{os.getpid()}\n{tmp_path}\n")
        postgres.clear_stale_pid(tmp_path)
        assert not pid_file.exists()

    def test_of_another_version_is_refused_in_words(self, tmp_path: Path) -> None:
        (tmp_path / "PG_VERSION").write_text("16\n")
        with pytest.raises(Failure, match="made by PostgreSQL 16"):
            postgres.check_version(tmp_path)


@pytest.mark.skipif(redis_server.found(redis_server.QUEUES) is None, reason="needs a Redis or Valkey server")
class TestPrivateRedis:
    def test_answers_on_a_closed_socket_and_comes_back(self, home: Home, supervisor: Supervisor) -> None:
        supervisor.start([redis_server.program(home)])
        supervisor.wait_ready()
        assert (home.sockets() / "redis.sock").stat().st_mode & 0o077 == 0
        kill_and_wait(supervisor)
        assert redis_server.answers(redis_server.url(home))
