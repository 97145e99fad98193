"""The bell: announces due items to the workers through RQ, best effort."""

import time
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.job import Job

QUEUE = "work"
ENTRY = "workers.job.run"
SERIALIZER = "rq.serializers.JSONSerializer"
TIME_OUT = 600  # seconds one item may take
SILENT_AFTER_FAILURE = 3.0  # seconds without trying again, so that no request waits for a Redis that is away


def connect(url: str, *, time_out: float | None = None) -> Redis:
    """A connection to the bell's Redis; with a time-out it gives up at once, for those who cannot wait."""
    if time_out is None:
        return Redis.from_url(url, socket_connect_timeout=5)
    once = Retry(NoBackoff(), 0)
    return Redis.from_url(url, socket_connect_timeout=time_out, socket_timeout=time_out, retry=once)


class Bell:
    """Rings for items; what it fails to ring, the sweep rings again."""

    def __init__(self, url: str) -> None:
        self._queue = Queue(QUEUE, connection=connect(url, time_out=0.5), serializer=SERIALIZER)
        self._silent_until = 0.0

    def __call__(self, ids: Sequence[UUID], *, first: bool = False) -> None:
        """Announce these items, ahead of all others if `first`; a Redis that is away costs one time-out."""
        if time.monotonic() < self._silent_until:
            return
        try:
            self._announce(ids, first)
        except RedisError:
            self._silent_until = time.monotonic() + SILENT_AFTER_FAILURE

    def _announce(self, ids: Sequence[UUID], first: bool) -> None:
        jobs = [
            Queue.prepare_data(
                ENTRY,
                args=[str(id)],
                job_id=str(id),
                timeout=TIME_OUT,
                result_ttl=0,
                failure_ttl=60,
                at_front=first,
            )
            for id in ids
        ]
        with self._queue.connection.pipeline(transaction=False) as pipeline:
            self._queue.enqueue_many(jobs, pipeline=pipeline)
            pipeline.execute()

    def forget(self, item_id: UUID) -> None:
        """An announced item is done already: whoever hears of it need not start."""
        with suppress(RedisError):
            self._queue.connection.delete(Job.key_for(str(item_id)))

    def is_quiet(self) -> bool:
        """Whether nothing announced waits to be taken; not known while Redis is away."""
        with suppress(RedisError):
            return not self._queue.connection.llen(self._queue.key)
        return False
