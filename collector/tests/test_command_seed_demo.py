import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.conf import settings as portal
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from collector.management.reporting import Lines
from collector.simulator import World
from collector.tests.conftest import stored
from costs.models import BillingDay
from dimensions.models import Organization


def seed(days):
    call_command("seed_demo", "--days", str(days), stdout=StringIO())


def test_it_stores_a_company_with_restatements_and_a_user(db):
    seed(20)

    assert BillingDay.objects.count() == 20
    assert BillingDay.objects.filter(version__gt=1).exists()
    assert BillingDay.objects.filter(is_settled=False).exists()
    assert authenticate(username="demo", password="demo").is_superuser
    call_command("reconcile", stdout=StringIO())


def test_it_is_safe_to_run_again(db):
    seed(3)
    before = stored()

    seed(3)

    assert stored() == before


def test_it_goes_on_with_the_same_company_after_an_interruption(db, monkeypatch):
    def interrupted(self, run):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Lines, "window_ends", interrupted)
        with pytest.raises(KeyboardInterrupt):
            seed(40)
    stored_first = BillingDay.objects.count()

    seed(40)

    today = datetime.now(UTC).date()
    world = World(born=today - timedelta(days=39))
    days = BillingDay.objects.filter(is_settled=True)
    assert 0 < stored_first < 40 == BillingDay.objects.count()
    for day in days:
        billed = world.billed(day.day, datetime.now(UTC))
        assert round(day.amount - billed, 8) == 0, day


def test_it_does_not_mix_with_a_real_bill(db):
    Organization.objects.create(org_id="o-real", name="Real Company")

    with pytest.raises(CommandError, match="holds the bill of Real Company"):
        seed(3)

    assert not BillingDay.objects.exists()


def test_it_refuses_production(db, settings):
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="not for production"):
        seed(3)


def test_the_simulator_serves_until_it_is_interrupted():
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run_simulator", "--port", "0"],
        cwd=portal.BASE_DIR,
        env=os.environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        first = process.stdout.readline()
        url = next(word for word in first.split() if word.startswith("http"))
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{url.rstrip('.')}/billing/v1/costs")
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "The simulator has stopped." in rest
