"""The variables say whether something runs by itself, the admin says when."""

from datetime import timedelta

import pytest
from django.utils.timezone import now
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from billing_portal.celery import app
from billing_portal.schedule import make_schedule, mend_times_of_a_wrong_clock

HOURLY, DAILY = "Hourly collection", "Daily collection and proof"
SWEEPS = ("Look after runs", "Re-allocation of days whose rules changed")


@pytest.fixture
def schedule(db, settings):
    """schedule(hourly=True) makes it with these variables; which rows are on, by name."""

    def make(scheduler=True, hourly=False, daily=False):
        settings.SCHEDULER_ENABLED = scheduler
        settings.HOURLY_JOB_ENABLED, settings.DAILY_JOB_ENABLED = hourly, daily
        return make_schedule()

    return make


def rows():
    return {
        row.name: (row.task, f"{row.crontab.minute} {row.crontab.hour}", row.enabled)
        for row in PeriodicTask.objects.select_related("crontab")
    }


def test_it_makes_what_is_asked_for(schedule):
    schedule(hourly=True, daily=True)

    assert rows() == {
        "Hourly collection": ("collector.collect_hourly", "17 *", True),
        "Daily collection and proof": ("collector.collect_daily", "40 3", True),
        "Re-allocation of days whose rules changed": ("costs.reallocate_pending", "*/10 *", True),
        "Look after runs": ("collector.look_after_runs", "* *", True),
    }


def test_it_makes_nothing_that_is_not_asked_for(schedule):
    assert schedule(scheduler=False, hourly=True, daily=True) == {}
    assert schedule(hourly=True) == {HOURLY: True, **dict.fromkeys(SWEEPS, True)}


def test_it_makes_nothing_twice(schedule):
    schedule(hourly=True)
    before = list(PeriodicTask.objects.values())

    schedule(hourly=True)

    assert list(PeriodicTask.objects.values()) == before
    assert CrontabSchedule.objects.count() == 3


def test_it_keeps_the_times_that_an_operator_chose(schedule):
    schedule(hourly=True)
    crontab = CrontabSchedule.objects.create(minute="5", hour="6", timezone="Europe/Berlin")
    PeriodicTask.objects.filter(name=HOURLY).update(crontab=crontab, description="Ours.")

    schedule(hourly=True)

    row = PeriodicTask.objects.get(name=HOURLY)
    assert (row.crontab, row.description, row.enabled) == (crontab, "Ours.", True)


def test_it_switches_off_and_on(schedule):
    schedule(hourly=True, daily=True)

    off = schedule(hourly=True)
    none = schedule(scheduler=False, hourly=True)

    assert (off[HOURLY], off[DAILY]) == (True, False)
    assert set(none.values()) == {False}
    assert schedule(hourly=True, daily=True)[DAILY] is True
    assert rows()[DAILY][1] == "40 3"


def test_it_leaves_rows_of_others_alone(schedule):
    crontab = CrontabSchedule.objects.create(minute="1")
    PeriodicTask.objects.create(name="Ours", task="collector.backfill", crontab=crontab)

    schedule(scheduler=False)

    assert PeriodicTask.objects.get(name="Ours").enabled


def test_every_row_names_a_task_that_workers_know(schedule):
    schedule(hourly=True, daily=True)
    app.loader.import_default_modules()

    assert {row.task for row in PeriodicTask.objects.all()} <= set(app.tasks)


def test_no_long_task_keeps_the_hourly_ones_waiting():
    queues = {
        name: app.amqp.router.route({}, name)["queue"].name
        for name in app.tasks
        if name.startswith(("collector.", "costs."))
    }

    assert queues == {
        "collector.backfill": "hourly",
        "collector.collect_daily": "long",
        "collector.collect_hourly": "hourly",
        "collector.look_after_runs": "hourly",
        "collector.see_through": "long",
        "costs.reallocate_pending": "long",
    }


def test_a_run_in_the_future_is_of_a_wrong_clock(schedule):
    schedule(hourly=True)
    PeriodicTask.objects.filter(name=HOURLY).update(last_run_at=now() + timedelta(days=365))

    mend_times_of_a_wrong_clock()

    assert PeriodicTask.objects.get(name=HOURLY).last_run_at <= now()
