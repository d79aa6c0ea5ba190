"""The record of a run: opened before the first request, closed with what happened, in words.

A running run holds a database lock of its session; when its process dies, the lock goes with it,
and the next run marks it as abandoned.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import Error as DatabaseError
from django.db import connection, transaction

from collector.models import CollectionRun
from collector.windows import Window
from dimensions.models import Organization

logger = logging.getLogger(__name__)

_LOCK = "pg_try_advisory_lock(hashtextextended('collection_run:' || %s, 0))"
_UNLOCK = "pg_advisory_unlock(hashtextextended('collection_run:' || %s, 0))"


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
    try:
        yield run
    except BaseException as error:
        _close(run, CollectionRun.State.FAILED, _storable(error))
        raise
    else:
        _close(run, CollectionRun.State.SUCCEEDED, "")
    finally:
        _release(run)


def mark_abandoned() -> int:
    """Close the runs whose process is gone; returns how many."""
    count = 0
    for run in CollectionRun.objects.filter(state=CollectionRun.State.RUNNING):
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
        run.save()
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
