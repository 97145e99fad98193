"""Items: leased once, finished with their work, put back with their cause, given up to a person."""

import errno
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from inspect import signature
from uuid import UUID, uuid4

import psycopg
import pytest
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.timeouts import JobTimeoutException
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal import clock, work
from portal.db import transaction
from portal.errors import Unavailable
from portal.work.bell import Bell
from portal.work.models import WorkItem, WorkState
from tests.conftest import Acting
from workers import job, schedule
from workers.context import Context
from workers.job import JOBS, TryLater
from workers.worker import is_ours

Work = Callable[[work.Lease], None]


@pytest.fixture
def doing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Work], None]:
    """Let the items of kind `test.do` be done by this function."""

    def become(function: Work) -> None:
        monkeypatch.setattr(job, "function", lambda kind: function)

    return become


@pytest.fixture
def item(acting: Acting, owner: Session) -> UUID:
    """One item, added and committed."""
    with acting(None), transaction():
        work.add("test.do", subject="1")
    return owner.execute(select(WorkItem.id)).scalar_one()


def now(owner: Session) -> WorkItem:
    owner.rollback()
    return owner.execute(select(WorkItem)).scalar_one()


def done(held: work.Lease) -> None:
    with transaction():
        work.finish(held, at=clock.real_now())


class TestRegistry:
    @pytest.mark.parametrize("kind", JOBS)
    def test_names_functions_that_take_a_lease(self, kind: str) -> None:
        module, name = JOBS[kind].rsplit(".", 1)
        assert len(signature(getattr(import_module(module), name)).parameters) == 1

    def test_knows_what_each_day_brings(self) -> None:
        assert set(schedule.DAILY) <= set(JOBS)


class TestRun:
    def test_does_an_item_once(
        self, context: Context, owner: Session, item: UUID, doing: Callable[[Work], None]
    ) -> None:
        times = []
        doing(lambda held: (times.append(held.attempt), done(held)))  # type: ignore[func-returns-value,arg-type]
        job.run(str(item))
        job.run(str(item))
        assert (times, now(owner).state) == ([1], WorkState.DONE)

    @pytest.mark.parametrize(
        ("asked_to_end", "parents", "taken"),
        [(False, [1], ["1", "urgent", "plain", "late"]), (True, [1], ["1"]), (False, [7, 1], ["1"])],
    )
    def test_goes_on_with_what_is_most_urgent_until_asked_to_end_or_left_alone(
        self, context: Context, acting: Acting, item: UUID, doing: Callable[[Work], None],
        monkeypatch: pytest.MonkeyPatch, asked_to_end: bool, parents: list[int], taken: list[str],
    ) -> None:  # fmt: skip
        with acting(None), transaction():
            for subject, priority in (("late", -1), ("plain", 0), ("urgent", 5)):
                work.add("test.do", subject=subject, priority=priority)
        found: list[str] = []
        doing(lambda held: (found.append(held.subject), done(held)))  # type: ignore[func-returns-value,arg-type]
        monkeypatch.setattr(context, "stretch", 60.0)
        monkeypatch.setattr(job, "ending", threading.Event())
        monkeypatch.setattr(os, "getppid", lambda: parents.pop(0) if parents[1:] else parents[0])
        if asked_to_end:
            job.ending.set()
        job.run(str(item))
        assert found == taken

    def test_takes_what_waits_where_its_own_item_is_done_already(
        self, context: Context, owner: Session, item: UUID, doing: Callable[[Work], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        doing(done)
        monkeypatch.setattr(context, "stretch", 60.0)
        job.run(str(uuid4()))
        assert now(owner).state is WorkState.DONE

    def test_puts_a_failure_back_with_its_cause_and_a_delay(
        self, context: Context, owner: Session, item: UUID, doing: Callable[[Work], None]
    ) -> None:
        def fail(held: work.Lease) -> None:
            raise ValueError("no paper")

        doing(fail)
        job.run(str(item))
        found = now(owner)
        assert (found.state, found.last_error) == (WorkState.READY, "ValueError: no paper")
        assert found.run_after > clock.real_now()

    def test_gives_up_after_the_last_attempt_and_waits_for_a_person(
        self, context: Context, owner: Session, item: UUID, doing: Callable[[Work], None], acting: Acting
    ) -> None:
        def fail(held: work.Lease) -> None:
            raise ValueError("no paper")

        doing(fail)
        for _ in range(8):
            owner.execute(update(WorkItem).values(run_after=clock.real_now()))
            owner.commit()
            job.run(str(item))
        assert now(owner).state is WorkState.DEAD
        with acting(None), transaction():
            work.retry(item, at=clock.real_now())
        assert (now(owner).state, now(owner).attempt) == (WorkState.READY, 0)

    def test_goes_on_trying_where_something_outside_is_away(
        self, context: Context, owner: Session, item: UUID, doing: Callable[[Work], None]
    ) -> None:
        def later(held: work.Lease) -> None:
            raise TryLater("the relay is away", attempts=100)

        doing(later)
        owner.execute(update(WorkItem).values(attempt=20))
        owner.commit()
        job.run(str(item))
        assert (now(owner).state, now(owner).last_error) == (WorkState.READY, "the relay is away")

    @pytest.mark.parametrize(
        "error",
        [Unavailable("files_away"), OSError(errno.ENOSPC, "full"), OperationalError("", {}, Exception())],
    )
    def test_waits_for_a_disk_or_a_database_to_come_back(
        self, context: Context, owner: Session, item: UUID, doing: Callable[[Work], None], error: Exception
    ) -> None:
        def fail(held: work.Lease) -> None:
            raise error

        doing(fail)
        owner.execute(update(WorkItem).values(attempt=20))
        owner.commit()
        job.run(str(item))
        assert now(owner).state is WorkState.READY

    def test_lets_a_time_out_through_and_puts_the_item_back(
        self, context: Context, owner: Session, item: UUID, doing: Callable[[Work], None]
    ) -> None:
        def slow(held: work.Lease) -> None:
            raise JobTimeoutException("too long")

        doing(slow)
        with pytest.raises(JobTimeoutException):
            job.run(str(item))
        assert now(owner).state is WorkState.READY

    def test_writes_nothing_once_somebody_else_has_the_lease(
        self, context: Context, owner: Session, item: UUID, doing: Callable[[Work], None]
    ) -> None:
        def robbed(held: work.Lease) -> None:
            owner.execute(update(WorkItem).values(attempt=held.attempt + 1))
            owner.commit()
            with transaction():
                work.add("test.other", subject="must not stay")
                work.finish(held, at=clock.real_now())

        doing(robbed)
        job.run(str(item))
        assert now(owner).state is WorkState.LEASED

    def test_keeps_the_lease_of_slow_work(
        self,
        context: Context,
        owner: Session,
        item: UUID,
        doing: Callable[[Work], None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(work, "HEARTBEAT", timedelta(milliseconds=50))
        until = []

        def slow(held: work.Lease) -> None:
            for _ in range(2):
                until.append(now(owner).lease_until)
                time.sleep(0.3)
            done(held)

        doing(slow)
        job.run(str(item))
        assert until[0] is not None and until[1] is not None and until[1] > until[0]


class TestSweep:
    def test_gives_back_what_a_crash_left_and_rings_for_it(
        self, context: Context, owner: Session, item: UUID, acting: Acting
    ) -> None:
        past = clock.real_now() - timedelta(seconds=30)
        owner.execute(update(WorkItem).values(state="leased", attempt=1, lease_until=past, created_at=past))
        owner.commit()
        assert schedule.turn(context) >= 1
        found = owner.execute(select(WorkItem).where(WorkItem.id == item)).scalar_one()
        assert (found.state, found.last_error) == (WorkState.READY, "lease lost")

    def test_gives_back_what_a_dead_process_held_before_its_lease_runs_out(
        self, context: Context, owner: Session, item: UUID, acting: Acting
    ) -> None:
        at = clock.real_now()
        with acting(None), transaction():
            assert work.lease(item, at=at)
        beaten = at + work.HEARTBEAT + timedelta(seconds=1)
        with context.acting():
            with work.present(item), transaction():
                assert work.sweep(at=beaten, rung_before=at) == []
            with transaction():
                assert work.sweep(at=at, rung_before=at) == [], "a lease this young is not doubted"
            with transaction():
                assert work.sweep(at=beaten, rung_before=at) == [item]

    def test_takes_up_what_a_crash_left_before_what_came_later(
        self, context: Context, owner: Session, item: UUID
    ) -> None:
        at = clock.real_now()
        past = at - timedelta(seconds=30)
        owner.execute(update(WorkItem).values(state="leased", attempt=1, lease_until=past, run_after=past))
        owner.commit()
        with context.acting(), transaction():
            work.add("test.do", subject="later")
        with context.acting(), transaction():
            due = work.sweep(at=at + timedelta(seconds=9), rung_before=at)
        assert len(due) == 2
        assert due[0] == item

    def test_does_not_ring_twice_while_the_queue_is_long(
        self, context: Context, owner: Session, item: UUID
    ) -> None:
        at = clock.real_now() + timedelta(seconds=10)
        with context.acting(), transaction():
            first = work.sweep(at=at, rung_before=at - timedelta(seconds=60))
            second = work.sweep(at=at, rung_before=at - timedelta(seconds=60))
        assert (first, second) == ([item], [])

    def test_gives_up_what_crashes_its_worker_each_time(
        self, context: Context, owner: Session, item: UUID
    ) -> None:
        past = clock.real_now() - timedelta(seconds=30)
        owner.execute(
            update(WorkItem).values(state="leased", attempt=8, lease_until=past, last_error="lease lost")
        )
        owner.commit()
        schedule.turn(context)
        found = owner.execute(select(WorkItem).where(WorkItem.id == item)).scalar_one()
        assert found.state is WorkState.DEAD

    def test_adds_what_each_day_brings_once(self, context: Context, owner: Session) -> None:
        schedule.turn(context)
        schedule.turn(context)
        kinds = owner.execute(select(WorkItem.kind).order_by(WorkItem.kind)).scalars().all()
        daily = [kind for kind in kinds if not kind.startswith("digest.")]  # those wait for the morning
        assert daily == sorted(schedule.DAILY)
        assert len(set(kinds)) == len(kinds)

    def test_rings_once_for_what_each_day_brings(
        self, context: Context, owner: Session, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rung: list[UUID] = []
        monkeypatch.setattr(work.services, "_bell", [lambda ids, first: rung.extend(ids)])
        schedule.turn(context)
        past = clock.real_now() - timedelta(seconds=3)
        owner.execute(update(WorkItem).values(created_at=past))
        owner.commit()
        schedule.turn(context)
        schedule.turn(context)
        assert sorted(rung) == sorted(owner.execute(select(WorkItem.id)).scalars())


class TestLeadership:
    def test_is_one_scheduler_s_at_a_time(self, context: Context) -> None:
        led: list[str] = []
        with schedule.leadership(context.settings):
            follower = threading.Thread(target=_lead, args=(context, led), daemon=True)
            follower.start()
            time.sleep(0.3)
            assert led == []
        follower.join(5)
        assert led == ["led"]


def _lead(context: Context, led: list[str]) -> None:
    with schedule.leadership(context.settings) as connection:
        assert isinstance(connection, psycopg.Connection)
        led.append("led")


class TestBell:
    def test_that_cannot_ring_costs_nothing_but_a_moment(self) -> None:
        bell, begun = Bell("unix:///nowhere/redis.sock"), time.monotonic()
        for _ in range(20):
            bell([uuid4()])
        assert time.monotonic() - begun < 1
        assert not bell.is_quiet()


class TestIsOurs:
    @pytest.fixture
    def queue(self) -> Queue:
        return Queue("work", connection=Redis.from_url("unix:///nowhere.sock"), serializer=JSONSerializer)

    def test_takes_our_entry_point_with_one_id(self, queue: Queue) -> None:
        assert is_ours(_job(queue, "workers.job.run", [str(uuid4())]))

    @pytest.mark.parametrize(
        ("name", "arguments"),
        [
            ("os.system", ["true"]),
            ("workers.job.run", ["1"]),
            ("workers.job.run", []),
            ("workers.job.run", [str(uuid4()), str(uuid4())]),
            ("workers.job.attempt", [str(uuid4())]),
            ("workers.job.run", [17]),
        ],
    )
    def test_refuses_anything_else(self, queue: Queue, name: str, arguments: list[object]) -> None:
        assert not is_ours(_job(queue, name, arguments))


def _job(queue: Queue, name: str, arguments: list[object]) -> Job:
    return Job.create(name, args=arguments, connection=queue.connection, serializer=JSONSerializer)
