"""beat says that it is alive, waits for its servers, and plans anew when the clock is set."""

import logging
import time

import pytest
from django.db import OperationalError
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler
from kombu.exceptions import OperationalError as BrokerError

from billing_portal import beat
from billing_portal.beat import PortalScheduler
from billing_portal.celery import app
from collector.models import ProcessHeartbeat


@pytest.fixture
def scheduler(db, settings, monkeypatch):
    settings.SCHEDULER_ENABLED = settings.HOURLY_JOB_ENABLED = True
    monkeypatch.setattr(PortalScheduler, "apply_async", lambda self, entry, **_: None)
    monkeypatch.setattr(PortalScheduler, "producer", None)
    # The test's transaction is the scheduler's as well.
    monkeypatch.setattr("django_celery_beat.schedulers.close_old_connections", lambda: None)
    monkeypatch.setattr("django_celery_beat.schedulers.transaction.commit", lambda: None)
    monkeypatch.setattr(beat, "close_old_connections", lambda: None)
    return PortalScheduler(app=app)


def test_it_makes_the_schedule_at_its_start(scheduler):
    assert PeriodicTask.objects.filter(name="Hourly collection", enabled=True).exists()
    assert "Hourly collection" in scheduler.schedule


def test_it_says_that_it_is_alive(scheduler):
    scheduler.tick()

    (heartbeat,) = ProcessHeartbeat.objects.all()
    assert (heartbeat.kind, heartbeat.name) == ("beat", "beat")


def test_it_does_not_say_so_all_the_time(scheduler):
    scheduler.tick()
    ProcessHeartbeat.objects.all().delete()

    scheduler.tick()

    assert not ProcessHeartbeat.objects.exists()


def test_it_waits_for_a_database_that_is_down(scheduler, monkeypatch, caplog):
    def fail(self, *args, **kwargs):
        raise OperationalError("the server closed the connection")

    with monkeypatch.context() as patch:
        patch.setattr(DatabaseScheduler, "tick", fail)
        assert scheduler.tick() == beat.AFTER_A_FAILURE

    assert "beat waits: the server closed the connection" in caplog.text
    assert scheduler.tick() <= 5


def test_it_says_that_it_is_alive_while_the_broker_is_away(scheduler, monkeypatch, caplog):
    def refuse(self):
        raise BrokerError("Connection refused")

    monkeypatch.setattr(PortalScheduler, "producer", property(refuse))

    assert scheduler.tick() == beat.AFTER_A_FAILURE
    assert "beat waits: Connection refused" in caplog.text
    assert ProcessHeartbeat.objects.exists()


def test_it_plans_anew_when_the_clock_was_set_back(scheduler, time_machine, caplog):
    """Else what was planned by the wrong clock would be due in a year."""
    time_machine.move_to("2027-11-20T12:00:00Z")
    scheduler.tick()
    PeriodicTask.objects.update(last_run_at="2027-11-20T11:59:00Z")
    caplog.set_level(logging.WARNING)

    time_machine.move_to("2026-11-20T12:16:59Z")
    scheduler.tick()

    assert "planning anew" in caplog.text
    entry = scheduler.schedule["Hourly collection"]
    assert entry.last_run_at.year == 2026
    time_machine.move_to("2026-11-20T12:17:30Z")
    assert entry.is_due().is_due


def test_a_slow_tick_is_no_clock_that_was_set(scheduler, monkeypatch, caplog):
    scheduler.tick()
    moment = time.monotonic()
    monkeypatch.setattr(beat.time, "monotonic", lambda: moment + 30)

    scheduler.tick()

    assert "planning anew" not in caplog.text
