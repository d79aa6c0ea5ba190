"""Collections that somebody asks for: recorded first, then given to a worker or a process.

The record in the database is what counts. A message that gets lost is sent again by the sweep, and
of two that begin the same run one finds it begun.
"""

import logging
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

from celery import current_app
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q
from kombu.exceptions import OperationalError as BrokerError

from collector.broker import BrokerDown, waiting_messages
from collector.client import oldest_day
from collector.models import CollectionRun
from collector.queues import LONG, SEE_THROUGH
from collector.runs import AlreadyAsked, fail_queued, mark_abandoned, request_run
from collector.windows import Window, last_months
from costs.bill import is_settled
from costs.clock import database_now
from dimensions.models import Organization

logger = logging.getLogger(__name__)


def ask_for_collection(window: Window, *, trigger: str, requested_by: User | None) -> CollectionRun:
    """Queue a run of the window (at most a month) and have it begun, by a worker if there are any.

    Raises AlreadyAsked while a run of the same days goes on.
    """
    has_workers = bool(settings.CELERY_BROKER_URL)
    try:
        run = request_run(
            window, trigger=trigger, requested_by=requested_by, is_for_workers=has_workers
        )
    except AlreadyAsked as error:
        if error.run.is_for_workers and error.run.sent_at is None:
            _send(error.run)
        raise
    if has_workers:
        _send(run)
        return run
    try:
        start_process(run)
    except OSError as error:
        return fail_queued(run.pk, f"Its process could not be started: {error}.")
    return run


def ask_for_backfill(
    months: int, *, force: bool, trigger: str, requested_by: User | None
) -> list[CollectionRun]:
    """Queue a run for each of the last months, newest first, for the workers to share.

    Settled months are left out unless `force`, and those that are being collected already.
    """
    today = datetime.now(UTC).date()
    runs = []
    for window in last_months(months, today, oldest_day(today)):
        if not force and _is_settled(window):
            continue
        try:
            run = request_run(
                window, trigger=trigger, requested_by=requested_by, is_for_workers=True
            )
        except AlreadyAsked as error:
            logger.info("%s", error)
            continue
        _send(run)
        runs.append(run)
    return runs


def look_after_runs(resend_after_seconds: float) -> None:
    """Queue runs again whose worker is gone, and tell the workers of those that wait untold.

    A message that was sent longer ago is believed to be lost, unless others still wait before it.
    """
    mark_abandoned()
    is_untold = Q(sent_at=None)
    if not _messages_wait():
        told_lately = database_now() - timedelta(seconds=resend_after_seconds)
        is_untold |= Q(sent_at__lt=told_lately)
    for run in CollectionRun.objects.filter(
        is_untold, state=CollectionRun.State.QUEUED, is_for_workers=True
    ).order_by("started_at", "pk"):
        if not _send(run):
            return


def start_process(run: CollectionRun) -> None:
    """Run the collection apart from this process, which only waits to bury it."""
    # No secret is among the arguments: the process reads its own settings.
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_collection", str(run.pk)]
    process = subprocess.Popen(  # noqa: S603 (our own interpreter)
        command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    threading.Thread(target=process.wait, daemon=True, name=f"collection-{run.pk}").start()


def _send(run: CollectionRun) -> bool:
    """Tell the workers of a queued run; without a broker the sweep does it, when there is one."""
    if not settings.CELERY_BROKER_URL:
        return False
    try:
        current_app.send_task(SEE_THROUGH, args=[run.pk])
    except (BrokerError, OSError) as error:
        logger.error("Run %s waits until the broker answers again: %s", run.pk, error)
        return False
    CollectionRun.objects.filter(pk=run.pk).update(sent_at=database_now())
    return True


def _messages_wait() -> bool:
    """Whether the long queue holds messages; of files nobody knows."""
    try:
        return bool(waiting_messages().get(LONG))
    except BrokerDown:
        return False


def _is_settled(window: Window) -> bool:
    """Of every organization that is collected; one key is of one."""
    billed = list(Organization.objects.filter(billing_days__isnull=False).distinct())
    return bool(billed) and all(is_settled(each, window.start, window.end) for each in billed)
