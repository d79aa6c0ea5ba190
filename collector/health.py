"""Whether collecting does what it should, in words for people and levels for monitors."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from django.conf import settings
from django.db.models import Max, Sum

from collector.broker import BrokerDown, waiting_messages
from collector.heartbeats import ALIVE_FOR, worker_is_alive
from collector.models import CollectionRun, ProcessHeartbeat, QuarantinedRow
from collector.queues import HOURLY, LONG
from costs.clock import database_now
from costs.models import BillingDay, ReconciliationCheck

State = CollectionRun.State
OK, NOT_CONFIGURED, NOT_SCHEDULED, NOTHING_YET = (
    *("ok", "not configured", "not scheduled", "nothing collected yet"),
)
FINE = (OK, NOT_CONFIGURED, NOT_SCHEDULED, NOTHING_YET)


class Level(IntEnum):
    """The exit codes of monitoring plugins.

    https://www.monitoring-plugins.org/doc/guidelines.html
    """

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


class About(StrEnum):
    """What a finding is about, so that a page can lead there."""

    RUNS = "runs"
    PROOF = "proof"
    PROCESSES = "processes"
    QUARANTINE = "quarantine"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be."""

    level: Level
    words: str
    about: About = About.RUNS


@dataclass(frozen=True, slots=True)
class Limits:
    """Ages of the last successful collection."""

    warning: timedelta
    critical: timedelta


def usual_limits() -> Limits:
    """By the schedule: some jobs may fail in a row before somebody is called."""
    if settings.SCHEDULER_ENABLED and settings.HOURLY_JOB_ENABLED:
        return Limits(timedelta(hours=3), timedelta(hours=6))
    return Limits(timedelta(hours=30), timedelta(hours=54))


def last_success() -> datetime | None:
    """When a run of any kind succeeded last."""
    succeeded = CollectionRun.objects.filter(state=State.SUCCEEDED)
    last = succeeded.aggregate(last=Max("finished_at"))["last"]
    assert last is None or isinstance(last, datetime)
    return last


def broker_check() -> str:
    try:
        return OK if waiting_messages() else NOT_CONFIGURED
    except BrokerDown:
        return "the broker does not answer; the log says why"


def beat_check() -> str:
    """Whether beat lives; nobody asks for it without a schedule."""
    if not settings.SCHEDULER_ENABLED:
        return NOT_SCHEDULED
    beat = ProcessHeartbeat.objects.filter(kind=ProcessHeartbeat.Kind.BEAT).first()
    if beat is None:
        return "beat has never been seen; run: make scheduler"
    silent_for = database_now() - beat.seen_at
    if silent_for > ALIVE_FOR:
        return f"beat was last seen {_spelled(silent_for)} ago; run: make scheduler"
    return OK


def workers_check() -> str:
    """Whether each queue has a worker that lives."""
    if not settings.SCHEDULER_ENABLED:
        return NOT_SCHEDULED
    missing = [queue for queue in (HOURLY, LONG) if not worker_is_alive(queue)]
    if missing:
        return f"no worker of the queue {' nor of '.join(missing)} is alive; run: make scheduler"
    return OK


def age_check() -> str:
    """Whether the last success is as young as the schedule lets expect."""
    if not (
        settings.SCHEDULER_ENABLED and (settings.HOURLY_JOB_ENABLED or settings.DAILY_JOB_ENABLED)
    ):
        return NOT_SCHEDULED
    succeeded = last_success()
    if succeeded is None:
        tried = CollectionRun.objects.filter(state=State.FAILED).exists()
        return "no collection has succeeded yet; /admin/ says why" if tried else NOTHING_YET
    age, allowed = database_now() - succeeded, usual_limits().critical
    if age > allowed:
        return f"the last success is {_spelled(age)} old, {_spelled(allowed)} are allowed"
    return OK


def findings(limits: Limits) -> Iterator[Finding]:
    """Everything that an operator should look at; the first of a level says the most."""
    yield from _age_findings(limits)
    yield from _run_findings()
    check = ReconciliationCheck.objects.first()
    if check and check.differences:
        said = f"bill and facts disagree in {check.differences} places; run manage.py reconcile"
        yield Finding(Level.CRITICAL, said, About.PROOF)
    for answer in (beat_check(), workers_check(), broker_check()):
        if answer not in FINE:
            yield Finding(Level.CRITICAL, answer, About.PROCESSES)
    rows = QuarantinedRow.objects.filter(resolved_at=None).aggregate(n=Sum("occurrences"))["n"]
    if rows:
        yield Finding(Level.WARNING, f"rows in quarantine: {rows}", About.QUARANTINE)
    if held := BillingDay.objects.exclude(held_since=None).count():
        said = f"days whose answer is not believed yet: {held}"
        yield Finding(Level.WARNING, said, About.DAYS)


def _age_findings(limits: Limits) -> Iterator[Finding]:
    succeeded = last_success()
    if succeeded is None:
        yield Finding(Level.UNKNOWN, "no collection has ever succeeded")
        return
    age = database_now() - succeeded
    for level, allowed in ((Level.CRITICAL, limits.critical), (Level.WARNING, limits.warning)):
        if age > allowed:
            said = f"the last success is {_spelled(age)} old, {_spelled(allowed)} are allowed"
            yield Finding(level, said)
            return


def _run_findings() -> Iterator[Finding]:
    """What the newest run says, when it is no success."""
    newest = CollectionRun.objects.exclude(state__in=CollectionRun.UNFINISHED).first()
    if newest is None or newest.state != State.FAILED:
        return
    is_key = newest.failure in (CollectionRun.Failure.CREDENTIALS, CollectionRun.Failure.SETTINGS)
    level = Level.CRITICAL if is_key else Level.WARNING
    yield Finding(level, f"run {newest.pk} failed: {newest.error}")


def _spelled(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"
