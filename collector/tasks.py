"""Doors for Celery: each calls the function that a command calls, too.

Arguments are numbers and days, never a secret. What may pass is tried again a few times, later and
later; what will not is told once. A task that is lost with its worker is found in the database.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Task, shared_task
from django.conf import settings

from collector import dispatch, jobs
from collector.failures import MAY_PASS
from collector.heartbeats import forget_dead_processes
from collector.models import CollectionRun
from collector.queues import SEE_THROUGH
from collector.requested import run_requested
from collector.runs import Cancelled, NotQueued, mark_abandoned, retry_after

logger = logging.getLogger(__name__)

AGAIN_LATER: dict[str, Any] = {
    "autoretry_for": MAY_PASS,
    "retry_backoff": 60,  # seconds, then twice as many
    "retry_backoff_max": 900,
    "max_retries": 3,
}


@shared_task(name="collector.collect_hourly", **AGAIN_LATER)
def collect_hourly() -> None:
    with _told_when_cancelled():
        jobs.collect_hourly()


@shared_task(name="collector.collect_daily", **AGAIN_LATER)
def collect_daily() -> None:
    with _told_when_cancelled():
        jobs.collect_daily()


@shared_task(name="collector.backfill", **AGAIN_LATER)
def backfill(months: int = 12, force: bool = False) -> None:
    """Only queues the months, for workers of the long queue to share; without workers does them."""
    runs = dispatch.ask_for_backfill(months, force=force, trigger="backfill", requested_by=None)
    if not settings.CELERY_BROKER_URL:
        for run in runs:
            see_through(run.pk)


@shared_task(name=SEE_THROUGH, bind=True, max_retries=None)
def see_through(self: "Task[[int], None]", run_id: int) -> None:
    """Collect what a queued run asks for; the run knows how often it may be begun."""
    # A message that comes again is of a worker that died: its run is nobody's by now.
    mark_abandoned()
    try:
        run_requested(run_id)
    except (NotQueued, Cancelled) as done:
        logger.info("Run %s: %s", run_id, done)
    except MAY_PASS as error:
        run = CollectionRun.objects.get(pk=run_id)
        if run.state != CollectionRun.State.QUEUED:
            raise
        raise self.retry(exc=error, countdown=retry_after(run.attempts).total_seconds()) from error


@contextmanager
def _told_when_cancelled() -> Iterator[None]:
    """To end a job is somebody's wish, not its failure."""
    try:
        yield
    except Cancelled as cancelled:
        logger.info("%s", cancelled)


@shared_task(name="collector.look_after_runs")
def look_after_runs(resend_after_seconds: float = 300) -> None:
    """Find runs whose worker is gone and messages that got lost; forget processes that are."""
    dispatch.look_after_runs(resend_after_seconds)
    forget_dead_processes()
