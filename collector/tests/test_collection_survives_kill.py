"""kill -9 in the middle of `collect_costs`, at moments spread over its run."""

import os
import signal
import subprocess
import sys
import time
from decimal import localcontext

import pytest
from django.conf import settings

from collector.models import CollectionRun
from collector.tests.conftest import NOW
from collector.tests.processes import database_url
from costs.models import BillingDay
from costs.reconciliation import ROUNDING_BOUND_PER_LINE, reconcile

START, END = "2026-10-01", "2026-10-29"


def collect_costs(confluent):
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "CONFLUENT_CLOUD_URL": confluent.url,
        "CONFLUENT_API_KEY": "demo-key",
        "CONFLUENT_API_SECRET": "demo-secret",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "collect_costs", "--start", START, "--end", END],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


@pytest.mark.usefixtures("committed")
def test_it_stores_the_whole_bill_however_often_it_is_killed(confluent):
    for days_first in (0, 1, 9, 20):
        process = collect_costs(confluent)
        while BillingDay.objects.count() < days_first and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        first, last = BillingDay.objects.order_by("day").first(), BillingDay.objects.first()
        if first:
            assert reconcile(first.day, last.day).differences == []

    process = collect_costs(confluent)
    _, said = process.communicate()

    assert process.returncode == 0, said
    assert not CollectionRun.objects.filter(state="running").exists()
    days = list(BillingDay.objects.all())
    assert len(days) == 28
    with localcontext(prec=100):
        for day in days:
            difference = abs(day.amount - confluent.world.billed(day.day, NOW))
            assert difference <= day.line_count * ROUNDING_BOUND_PER_LINE
    assert reconcile(days[-1].day, days[0].day).differences == []
