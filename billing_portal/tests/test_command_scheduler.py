"""`manage.py scheduler` for real, without Redis: it collects what is asked for, tells no secret."""

import base64
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings as portal_settings
from django.core.management import CommandError, call_command
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from billing_portal.schedule import make_schedule
from collector.heartbeats import worker_is_alive
from collector.models import CollectionRun
from collector.runs import request_run
from collector.tests.conftest import NOW
from collector.tests.processes import database_url
from collector.windows import Window
from costs.models import BillingDay
from costs.tests.ownership import october

WINDOW = Window(october(5), october(8))
SECRET = "demo-secret"


@pytest.fixture
def every_second(committed, settings):
    """The sweep, which is due once a minute, is due each second; nothing else is."""
    settings.SCHEDULER_ENABLED = True
    make_schedule()
    second = IntervalSchedule.objects.create(every=1, period="seconds")
    sweep = PeriodicTask.objects.filter(task="collector.look_after_runs")
    sweep.update(crontab=None, interval=second)


@contextmanager
def scheduler(confluent, log):
    """The running command; it is told to end at the end, and what it then says of itself."""
    own = {
        "DATABASE_URL": database_url(),
        "CONFLUENT_CLOUD_URL": confluent.url,
        "CONFLUENT_API_KEY": "demo-key",
        "CONFLUENT_API_SECRET": SECRET,
        "SCHEDULER_ENABLED": "true",
        "LOG_LEVEL": "DEBUG",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "scheduler"],
        cwd=portal_settings.BASE_DIR,
        env=os.environ | own,
        stdout=log,
        stderr=log,
    )
    try:
        yield process
        assert process.poll() is None, "The scheduler has ended by itself."
    finally:
        process.terminate()
        code = process.wait(timeout=40)
    assert code == 0


def kill_worker(process, queue):
    """kill -9, as when the machine's memory is full."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for child in children:
        if f"--queues={queue}" in Path(f"/proc/{child}/cmdline").read_text():
            os.kill(int(child), signal.SIGKILL)


def wait_until(done):
    for _ in range(400):
        if done():
            return
        time.sleep(0.1)
    raise AssertionError("It did not come to pass.")


@pytest.mark.usefixtures("every_second")
def test_it_collects_what_is_asked_for_and_tells_no_secret(confluent, tmp_path):
    run = request_run(WINDOW, trigger="test", requested_by=None, is_for_workers=True)
    finished = CollectionRun.objects.filter(pk=run.pk, finished_at__isnull=False)

    with (tmp_path / "log").open("wb") as log, scheduler(confluent, log) as process:
        wait_until(lambda: worker_is_alive("long"))
        kill_worker(process, "long")
        wait_until(finished.exists)

    run.refresh_from_db()
    assert (run.state, run.error, run.days_changed) == ("succeeded", "", 3)
    billed = sum(confluent.world.billed(day, NOW) for day in WINDOW.days())
    stored = sum(BillingDay.objects.values_list("amount", flat=True))
    assert abs(stored - billed) < 1e-7
    said = (tmp_path / "log").read_text()
    assert "Task collector.see_through" in said
    assert "Ended by itself, started again: celery --app=billing_portal" in said
    for secret in (SECRET, base64.b64encode(b"demo-key:demo-secret").decode()):
        assert secret not in said
    assert portal_settings.DATABASES["default"]["PASSWORD"] not in said


def test_it_does_not_run_for_nothing(settings):
    settings.SCHEDULER_ENABLED = False

    with pytest.raises(CommandError, match="Nothing is scheduled: set SCHEDULER_ENABLED"):
        call_command("scheduler")


def test_it_refuses_a_number_of_workers_that_makes_no_sense():
    with pytest.raises(CommandError, match="from 1 to 32"):
        call_command("scheduler", "--long-workers", "0")
