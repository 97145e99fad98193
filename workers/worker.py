"""The worker process: RQ's own loop, forking a child per bell after everything slow is loaded."""

import gc
import logging
import os
import signal
from contextlib import suppress
from typing import Any
from uuid import UUID

from rq import Queue, Worker
from rq.exceptions import DeserializationError
from rq.job import Job
from rq.serializers import JSONSerializer

from config import Settings
from portal import db
from portal.work.bell import ENTRY, QUEUE, connect
from workers.context import Context, current
from workers.job import ending

STRETCH = 60.0  # seconds that a child takes items for: its start and first page cost as much as three more

log = logging.getLogger("workers")


class PortalWorker(Worker):
    """Takes only our one entry point with one item's id; its children close inherited connections first."""

    max_connection_wait_time = 4.0  # seconds between two tries while Redis is away

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Refuse, before forking, whatever did not come from our bell."""
        if is_ours(job):
            super().execute_job(job, queue)
        else:
            log.error("refused a job that is not ours: %s", job.id)
            job.delete()

    def handle_warm_shutdown_request(self) -> None:
        """The child ends with the item it does."""
        super().handle_warm_shutdown_request()
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGUSR1)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """The forked child begins with no connection of its parent's."""
        with current().app.app_context():
            db.dispose()
        super().main_work_horse(job, queue)


def is_ours(job: Job) -> bool:
    """Whether a job is our entry point with one work item's id, and nothing hangs on it."""
    try:
        (item_id,) = job.args
        UUID(item_id)
        named = job.func_name == ENTRY and not job.kwargs
    except (DeserializationError, TypeError, ValueError, AttributeError):
        return False
    hung: tuple[Any, ...] = (
        *(job._success_callback_name, job._failure_callback_name, job._stopped_callback_name),
        *(job._dependency_ids, job.repeats_left, getattr(job, "webhooks", None)),
    )
    return named and not any(hung)


def warm_up() -> None:
    """Load what children would each load again: renderer, fonts, templates, jobs; then leave it to fork."""
    import workers.closing
    import workers.mail
    import workers.planning
    import workers.statements

    workers.statements.warm_up()
    workers.mail.warm_up()
    gc.collect()
    gc.freeze()


def work(settings: Settings) -> None:
    """Take items as the bell rings, until told to stop."""
    Context(settings, stretch=STRETCH)
    warm_up()
    signal.signal(signal.SIGUSR1, lambda *_: ending.set())  # before any fork, so that no child dies of it
    worker = PortalWorker(
        [QUEUE],
        connection=connect(settings.redis_url),
        serializer=JSONSerializer,
        worker_ttl=30,
        job_monitoring_interval=10,
        default_result_ttl=0,
        log_job_description=False,
    )
    worker.work(logging_level="WARNING")
