"""The record of a run: opened before the first request, closed with what happened, in words.

A run may be asked for first and started later, by another process. A running run holds a database
lock of its session; when its process dies, the lock goes with it, and whoever looks next marks it
as abandoned.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import Q

from collector.models import CollectionRun
from collector.windows import Window
from dimensions.models import Organization

logger = logging.getLogger(__name__)

_WRITTEN_BY_ITS_PROCESS = [
    field.name
    for field in CollectionRun._meta.concrete_fields
    if field.name not in ("id", "requested_by", "cancel_requested_at")
]
_LOCK = "pg_try_advisory_lock(hashtextextended('collection_run:' || %s, 0))"
_UNLOCK = "pg_advisory_unlock(hashtextextended('collection_run:' || %s, 0))"


# A queued run whose process has not begun by then never will.
QUEUE_PATIENCE = timedelta(minutes=2)


class AlreadyAsked(Exception):
    """A run of the same window has not finished yet."""

    def __init__(self, run: CollectionRun) -> None:
        super().__init__(f"Run {run.pk} collects these days already.")
        self.run = run


class NotQueued(Exception):
    """The run was started by somebody else, cancelled, or given up."""


class Cancelled(Exception):
    """Somebody asked the run to end."""

    def __str__(self) -> str:
        return "Cancelled; every stored day is whole."


def request_run(window: Window, *, trigger: str, requested_by: User | None) -> CollectionRun:
    """Ask for a run of the window. Raises AlreadyAsked while one of the same days goes on."""
    mark_abandoned()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('request_run', 0))")
        same = CollectionRun.objects.filter(
            window_start=window.start,
            window_end=window.end,
            state__in=CollectionRun.UNFINISHED,
        )
        if going_on := same.first():
            raise AlreadyAsked(going_on)
        return CollectionRun.objects.create(
            trigger=trigger,
            requested_by=requested_by,
            window_start=window.start,
            window_end=window.end,
            state=CollectionRun.State.QUEUED,
            started_at=database_now(),
        )


def fail_queued(run_id: int, error: str) -> CollectionRun:
    """Say on a queued run why it will not be started."""
    CollectionRun.objects.filter(pk=run_id, state=CollectionRun.State.QUEUED).update(
        state=CollectionRun.State.FAILED, finished_at=database_now(), error=error
    )
    return CollectionRun.objects.get(pk=run_id)


def cancel_run(run_id: int) -> None:
    """Ask the run to end; a queued one ends at once, a finished one stays as it is."""
    runs = CollectionRun.objects.filter(pk=run_id, cancel_requested_at__isnull=True)
    now = database_now()
    queued = runs.filter(state=CollectionRun.State.QUEUED)
    if not queued.update(
        state=CollectionRun.State.CANCELLED,
        cancel_requested_at=now,
        finished_at=now,
        error="Cancelled before it began.",
    ):
        runs.filter(state=CollectionRun.State.RUNNING).update(cancel_requested_at=now)


@contextmanager
def open_run(
    organization: Organization, window: Window, *, trigger: str
) -> Iterator[CollectionRun]:
    """Record the run around the body; whatever the body raises is kept on it and goes on."""
    mark_abandoned()
    with transaction.atomic():
        # Locked before anybody else can see it.
        run = CollectionRun.objects.create(
            organization=organization,
            trigger=trigger,
            window_start=window.start,
            window_end=window.end,
            started_at=database_now(),
        )
        _ask(_LOCK, run.pk)
    with _recorded(run):
        yield run


@contextmanager
def start_run(run_id: int) -> Iterator[CollectionRun]:
    """The same for a run that was asked for. Raises NotQueued if it is not to be started."""
    with transaction.atomic():
        queued = CollectionRun.objects.select_for_update().filter(
            pk=run_id, state=CollectionRun.State.QUEUED
        )
        run = queued.first()
        if run is None or not _ask(_LOCK, run_id):
            raise NotQueued(f"Run {run_id} is not waiting to be started.")
        run.state, run.started_at = CollectionRun.State.RUNNING, database_now()
        run.save()
    with _recorded(run):
        yield run


@contextmanager
def _recorded(run: CollectionRun) -> Iterator[None]:
    """Close the run with what the body came to, and let go of its lock."""
    try:
        yield
    except Cancelled as cancelled:
        _close(run, CollectionRun.State.CANCELLED, str(cancelled))
        raise
    except BaseException as error:
        _close(run, CollectionRun.State.FAILED, _storable(error))
        raise
    else:
        _close(run, CollectionRun.State.SUCCEEDED, "")
    finally:
        _release(run)


def mark_abandoned() -> int:
    """Close the runs whose process is gone, or never came; returns how many."""
    count = 0
    waits = Q(state=CollectionRun.State.QUEUED, started_at__gt=database_now() - QUEUE_PATIENCE)
    for run in CollectionRun.objects.filter(state__in=CollectionRun.UNFINISHED).exclude(waits):
        if _ask(_LOCK, run.pk):
            # It may have ended well between the look and the lock.
            count += CollectionRun.objects.filter(pk=run.pk, state=run.state).update(
                finished_at=database_now(),
                state=CollectionRun.State.ABANDONED,
                error="Its process ended before it did; every stored day is whole.",
            )
            _ask(_UNLOCK, run.pk)
    return count


def record_failure(windows: Sequence[Window], error: Exception, *, trigger: str) -> None:
    """Record that the windows could not be begun: it is not known whose bill they are of."""
    if windows:
        now = database_now()
        CollectionRun.objects.create(
            trigger=trigger,
            window_start=min(window.start for window in windows),
            window_end=max(window.end for window in windows),
            state=CollectionRun.State.FAILED,
            error=_storable(error),
            started_at=now,
            finished_at=now,
        )


def _storable(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted by the operator; every stored day is whole."
    # PostgreSQL's text cannot hold NUL, which somebody else's words may.
    return (str(error) or type(error).__name__).replace("\x00", "\ufffd")


def database_now() -> datetime:
    """The one clock that all collectors share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)
    return now


def _close(run: CollectionRun, state: CollectionRun.State, error: str) -> None:
    run.state, run.error = state, error
    try:
        run.finished_at = database_now()
        # Whether it was cancelled is for others to write.
        run.save(update_fields=_WRITTEN_BY_ITS_PROCESS)
    except DatabaseError as database_error:
        # The connection itself is what failed; the next run finds this one abandoned.
        logger.error("The end of run %s could not be recorded: %s", run.pk, database_error)


def _release(run: CollectionRun) -> None:
    try:
        _ask(_UNLOCK, run.pk)
    except DatabaseError:
        logger.debug("The lock of run %s went with its connection.", run.pk)


def _ask(expression: str, run_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression}", [str(run_id)])
        (answer,) = cursor.fetchone()
    return bool(answer)
