"""The record of a run: opened before the first request, closed with what happened, in words.

A run may be asked for first and started later, by another process. A running run holds a database
lock of its session; when its process dies, the lock goes with it, and whoever looks next queues it
again for another worker, or marks it as abandoned.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth.models import User
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from collector.failures import MAY_PASS, in_words, kind_of
from collector.models import CollectionRun
from collector.windows import Window
from costs.clock import database_now
from dimensions.models import Organization

logger = logging.getLogger(__name__)

_WRITTEN_BY_ITS_PROCESS = [
    field.attname
    for field in CollectionRun._meta.concrete_fields
    if field.name not in ("id", "requested_by", "cancel_requested_at", "sent_at")
]
_OF_ALL_ATTEMPTS = frozenset({"pages", "requests", "retries", "rate_limited"})
_LOCK = "pg_try_advisory_lock(hashtextextended('collection_run:' || %s, 0))"
_UNLOCK = "pg_advisory_unlock(hashtextextended('collection_run:' || %s, 0))"


# A queued run whose process has not begun by then never will; workers may be busy for long.
PATIENCE_WITH_PROCESSES = timedelta(minutes=2)
PATIENCE_WITH_WORKERS = timedelta(days=1)
# A run that takes its worker down each time must come to an end.
MOST_LOSSES = 4
# A server that is down is waited for, but not for ever.
PATIENCE_WITH_OUTAGES = timedelta(days=1)
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=1), timedelta(minutes=15)


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


def request_run(
    window: Window, *, trigger: str, requested_by: User | None, is_for_workers: bool = False
) -> CollectionRun:
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
        now = database_now()
        return CollectionRun.objects.create(
            trigger=trigger,
            requested_by=requested_by,
            is_for_workers=is_for_workers,
            window_start=window.start,
            window_end=window.end,
            state=CollectionRun.State.QUEUED,
            started_at=now,
            asked_at=now,
        )


def fail_queued(run_id: int, error: str) -> CollectionRun:
    """Say on a queued run why it will not be started."""
    queued = CollectionRun.objects.filter(pk=run_id, state=CollectionRun.State.QUEUED)
    _end_before_it_began(
        queued, CollectionRun.State.FAILED, error, failure=CollectionRun.Failure.OTHER
    )
    return CollectionRun.objects.get(pk=run_id)


def cancel_run(run_id: int) -> None:
    """Ask the run to end; a queued one ends at once, a finished one stays as it is."""
    runs = CollectionRun.objects.filter(pk=run_id, cancel_requested_at__isnull=True)
    now = database_now()
    queued = runs.filter(state=CollectionRun.State.QUEUED)
    if not _end_before_it_began(
        queued,
        CollectionRun.State.CANCELLED,
        "Cancelled before it began.",
        cancel_requested_at=now,
    ):
        runs.filter(state=CollectionRun.State.RUNNING).update(cancel_requested_at=now)


def _end_before_it_began(
    runs: QuerySet[CollectionRun], state: CollectionRun.State, error: str, **more: Any
) -> int:
    """It took no time; how many there were."""
    now = database_now()
    return runs.update(state=state, error=error, started_at=now, finished_at=now, **more)


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
        run.attempts += 1
        run.save()
    with _recorded(run):
        yield run


@contextmanager
def _recorded(run: CollectionRun) -> Iterator[None]:
    """Close the run with what the body came to, and let go of its lock.

    What workers may begin anew is queued again in the same step, so that nobody sees it end.
    """
    try:
        yield
    except Cancelled as cancelled:
        _close(run, CollectionRun.State.CANCELLED, str(cancelled))
        raise
    except BaseException as error:
        if again := _begun_anew(run, error):
            _write_end(run, again)
        else:
            run.failure = kind_of(error)
            _close(run, CollectionRun.State.FAILED, in_words(error))
        raise
    else:
        _close(run, CollectionRun.State.SUCCEEDED, "")
    finally:
        _release(run)


def _begun_anew(run: CollectionRun, error: BaseException) -> dict[str, Any] | None:
    """The queued run that another attempt makes of it; None if there is to be none."""
    if not run.is_for_workers:
        return None
    now = database_now_or_here()
    if isinstance(error, MAY_PASS):
        assert run.asked_at
        if now - run.asked_at > PATIENCE_WITH_OUTAGES:
            return None
        return _queued_again(run, in_words(error), sent_at=now + retry_after(run.attempts))
    if isinstance(error, SoftTimeLimitExceeded) and run.losses + 1 < MOST_LOSSES:
        return _queued_again(run, in_words(error), losses=run.losses + 1, sent_at=None)
    return None


def retry_after(attempts: int) -> timedelta:
    """How long the workers wait after so many attempts, later and later."""
    doubled: timedelta = FIRST_RETRY * 2 ** min(attempts - 1, 10)
    return min(LONGEST_RETRY, doubled)


def _queued_again(run: CollectionRun, why: str, **values: Any) -> dict[str, Any]:
    """What counts requests adds up over the attempts; the rest is of the last one."""
    begun_anew = ("days_done", *(set(CollectionRun.COUNTS) - _OF_ALL_ATTEMPTS))
    return {
        **dict.fromkeys(begun_anew, 0),
        "state": CollectionRun.State.QUEUED,
        "started_at": database_now_or_here(),
        "notices": [*run.notices, f"Attempt {run.attempts}: {why}"],
        **{name: getattr(run, name) for name in _OF_ALL_ATTEMPTS},
        **values,
    }


def mark_abandoned() -> int:
    """Close the runs whose process is gone, or never came; returns how many.

    One that waits for workers is queued again instead, as often as it may be begun.
    """
    count = 0
    now = database_now()
    waits = Q(state=CollectionRun.State.QUEUED) & (
        Q(started_at__gt=now - PATIENCE_WITH_PROCESSES)
        | Q(is_for_workers=True, started_at__gt=now - PATIENCE_WITH_WORKERS)
    )
    for run in CollectionRun.objects.filter(state__in=CollectionRun.UNFINISHED).exclude(waits):
        if _ask(_LOCK, run.pk):
            try:
                count += _abandon(run)
            finally:
                _ask(_UNLOCK, run.pk)
    return count


def _abandon(run: CollectionRun) -> int:
    """It may have ended well between the look and the lock."""
    still = CollectionRun.objects.filter(pk=run.pk, state=run.state, attempts=run.attempts)
    if run.state == CollectionRun.State.QUEUED:
        hint = "; no worker of the queue “long” seems to run" if run.is_for_workers else ""
        return _end_before_it_began(
            still,
            CollectionRun.State.ABANDONED,
            f"Nobody began it{hint}; every stored day is whole.",
        )
    if run.cancel_requested_at:
        ended, error = CollectionRun.State.CANCELLED, "Cancelled; its process ended before it did"
    elif run.is_for_workers and run.losses + 1 < MOST_LOSSES:
        again = _queued_again(
            run, "its worker ended before it did.", losses=run.losses + 1, sent_at=None
        )
        still.update(**again)
        return 0
    else:
        ended, error = CollectionRun.State.ABANDONED, "Its process ended before it did"
    return still.update(
        finished_at=database_now(), state=ended, error=f"{error}; every stored day is whole."
    )


def record_failure(windows: Sequence[Window], error: Exception, *, trigger: str) -> None:
    """Record that the windows could not be begun: it is not known whose bill they are of."""
    if windows:
        now = database_now()
        CollectionRun.objects.create(
            trigger=trigger,
            window_start=min(window.start for window in windows),
            window_end=max(window.end for window in windows),
            state=CollectionRun.State.FAILED,
            error=in_words(error),
            failure=kind_of(error),
            started_at=now,
            finished_at=now,
        )


def _close(run: CollectionRun, state: CollectionRun.State, error: str) -> None:
    run.state, run.error, run.finished_at = state, error, database_now_or_here()
    _write_end(run, {name: getattr(run, name) for name in _WRITTEN_BY_ITS_PROCESS})


def _write_end(run: CollectionRun, values: dict[str, Any]) -> None:
    """After a restart of the database, which took the lock away, it may be somebody else's run."""
    try:
        CollectionRun.objects.filter(
            pk=run.pk, state=CollectionRun.State.RUNNING, attempts=run.attempts
        ).update(**values)
    except DatabaseError as database_error:
        # The connection itself is what failed; whoever looks next finds the run without a lock.
        logger.error("The end of run %s could not be recorded: %s", run.pk, database_error)


def database_now_or_here() -> datetime:
    """The database's clock, or this machine's where the database is what failed."""
    try:
        return database_now()
    except DatabaseError:
        return datetime.now(UTC)


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
