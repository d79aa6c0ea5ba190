"""The record of a run: opened before the first request, closed with what happened, in words.

A running run holds a database lock of its session; when its process dies, the lock goes with it,
and the next run marks it as abandoned.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection
from django.db.utils import Error as DatabaseError

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
        _close(run, CollectionRun.State.FAILED, str(error) or type(error).__name__)
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
            run.finished_at = database_now()
            run.state = CollectionRun.State.ABANDONED
            run.error = "Its process ended before it did; every stored day is whole."
            run.save(update_fields=["finished_at", "state", "error"])
            _ask(_UNLOCK, run.pk)
            count += 1
    return count


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
    except DatabaseError:
        # The connection itself is what failed; the next run finds this one abandoned.
        logger.exception("The end of run %s could not be recorded.", run.pk)


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
