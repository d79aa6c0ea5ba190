"""What runs by itself, and when: rows of django-celery-beat, which the admin shows and edits.

The variables SCHEDULER_ENABLED, HOURLY_JOB_ENABLED and DAILY_JOB_ENABLED decide at each start
whether; the admin decides when: a row that exists keeps its times, arguments and queue.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.timezone import now
from django_celery_beat.models import CrontabSchedule, PeriodicTask, PeriodicTasks


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the schedule. minute and hour are a crontab's, UTC."""

    name: str
    task: str
    minute: str
    hour: str = "*"
    description: str = ""
    # A message that no worker takes in this time is not worth taking any more.
    expires_seconds: int = 3_000
    variables: tuple[str, ...] = ()

    @property
    def is_wanted(self) -> bool:
        """Whether the variables ask for it."""
        return all(getattr(settings, name) for name in ("SCHEDULER_ENABLED", *self.variables))


JOBS = (
    Job(
        "Hourly collection",
        "collector.collect_hourly",
        # Not on the hour, when everybody asks.
        minute="17",
        description="The inventory and the last 3 days of the bill.",
        variables=("HOURLY_JOB_ENABLED",),
    ),
    Job(
        "Daily collection and proof",
        "collector.collect_daily",
        # Confluent's day is over and its first numbers are in.
        minute="40",
        hour="3",
        description="The trailing 7 days, the previous month until the 7th, gaps; then reconcile.",
        expires_seconds=12 * 3_600,
        variables=("DAILY_JOB_ENABLED",),
    ),
    Job(
        "Re-allocation of days whose rules changed",
        "costs.reallocate_pending",
        minute="*/10",
        description="Takes along what an edit or an interrupted re-allocation left pending.",
        expires_seconds=500,
    ),
    Job(
        "Look after runs",
        "collector.look_after_runs",
        minute="*",
        description="Finds runs whose worker is gone and messages that got lost.",
        expires_seconds=50,
    ),
)


@transaction.atomic
def make_schedule() -> dict[str, bool]:
    """Make the rows that are missing and switch all on or off; whether each one is on, by name.

    A schedule that is not asked for makes no rows. Safe to repeat and to run in several processes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('make_schedule', 0))")
    rows = {row.name: row for row in PeriodicTask.objects.filter(name__in=[j.name for j in JOBS])}
    for job in JOBS:
        row = rows.get(job.name)
        if row is None and job.is_wanted:
            rows[job.name] = _made(job)
        elif row is not None and row.enabled != job.is_wanted:
            row.enabled = job.is_wanted
            row.save()
    return {name: row.enabled for name, row in rows.items()}


def mend_times_of_a_wrong_clock() -> None:
    """Forget runs that are said to be in the future, after which nothing would be due for long."""
    moment = now()
    mended = PeriodicTask.objects.filter(last_run_at__gt=moment).update(last_run_at=moment)
    if mended:
        PeriodicTasks.update_changed()


def _made(job: Job) -> Any:
    crontab, _ = CrontabSchedule.objects.get_or_create(
        minute=job.minute,
        hour=job.hour,
        day_of_week="*",
        day_of_month="*",
        month_of_year="*",
        timezone="UTC",
    )
    return PeriodicTask.objects.create(
        name=job.name,
        task=job.task,
        crontab=crontab,
        expire_seconds=job.expires_seconds,
        description=job.description,
    )
