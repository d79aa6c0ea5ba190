"""Whatever goes wrong while the bill is collected: when it is quiet again, every day is as billed.

`make chaos` runs this; EVENTS says how many things go wrong, SEED repeats what was drawn.
"""

import os
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils.timezone import now
from django_celery_beat.models import IntervalSchedule, PeriodicTask, PeriodicTasks

from billing_portal.schedule import make_schedule
from billing_portal.tests.chaos.machines import Installation, restart_postgres
from collector.bodies import decoded
from collector.dispatch import ask_for_backfill
from collector.models import CollectionRun
from collector.payloads import parse_rows
from collector.runs import AlreadyAsked, cancel_run, request_run
from collector.simulator import SimulatedConfluent, World
from collector.simulator.faults import TRANSIENT
from collector.windows import last_days
from costs.models import AllocationRule, BillingDay, CostLineItem, DailyCostFact
from costs.partitions import ONE_DAY, month_of
from costs.reallocation import rewrite_days
from costs.reconciliation import reconcile
from costs.tests.ownership import center, rule
from dimensions.models import Organization

EVENTS, SEED = int(os.environ.get("EVENTS", "25")), int(os.environ.get("SEED", "1"))
MONTHS = 3
SECONDS_TO_CALM_DOWN = 300
# Between two events.
SHORTEST, LONGEST = 0.1, 1.0

pytestmark = pytest.mark.chaos


@pytest.fixture
def today():
    return datetime.now(UTC).date()


@pytest.fixture
def first(today):
    """The company's first day: of the month so long ago that a backfill takes it along."""
    day = month_of(today)
    for _ in range(MONTHS - 1):
        day = month_of(day - ONE_DAY)
    return day


@pytest.fixture
def confluent(first, today):
    # The bill stands still while it is looked at: what changes it are the restatements here.
    seen_at = now()
    with SimulatedConfluent(World(born=first), clock=lambda: seen_at) as simulated:
        simulated.faults.delay = 0.5
        yield simulated


@pytest.fixture
def hurried_schedule(committed, settings):
    """Everything that the schedule does in hours happens in seconds."""
    settings.SCHEDULER_ENABLED = settings.HOURLY_JOB_ENABLED = settings.DAILY_JOB_ENABLED = True
    make_schedule()
    seconds = {
        "collector.collect_hourly": 2,
        "collector.collect_daily": 7,
        "costs.reallocate_pending": 3,
        "collector.look_after_runs": 2,
    }
    for task, every in seconds.items():
        interval = IntervalSchedule.objects.create(every=every, period="seconds")
        PeriodicTask.objects.filter(task=task).update(
            crontab=None, interval=interval, expire_seconds=every
        )
    PeriodicTask.objects.filter(task="collector.look_after_runs").update(
        kwargs='{"resend_after_seconds": 5}'
    )
    PeriodicTasks.update_changed()


class Chaos:
    """Draws what goes wrong, and does it."""

    def __init__(self, installation, confluent, first, today):
        self.installation, self.confluent = installation, confluent
        self.days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
        self.random = random.Random(SEED)
        self.counts = Counter()
        self._rules = 0

    def strike(self):
        draw = self.random.choices(list(EVENT_WEIGHTS), EVENT_WEIGHTS.values())[0]
        draw(self)
        self.counts[draw.__name__] += 1
        time.sleep(self.random.uniform(SHORTEST, LONGEST))

    def kill_worker(self):
        worker = self.random.choice(self.installation.workers)
        worker.kill()
        time.sleep(self.random.uniform(0, 1))
        worker.start()

    def kill_working_child(self):
        self.random.choice(self.installation.workers).kill_child()

    def kill_beat(self):
        self.installation.beat.kill()
        self.installation.beat.start()

    def kill_redis(self):
        self.installation.redis.kill()
        time.sleep(self.random.uniform(0, 2))
        self.installation.redis.start()

    def restart_database(self):
        restart_postgres(self.random.choice(["fast", "immediate"]))

    def serve_faults(self):
        kinds = self.random.choices([*TRANSIENT, "401"], k=self.random.randint(1, 5))
        self.confluent.faults.add(*kinds)

    def confluent_is_down(self):
        self.confluent.faults.rate = 1.0
        time.sleep(self.random.uniform(0.5, 4))
        self.confluent.faults.rate = 0.0

    def restate(self):
        day = self.random.choice(self.days[-40:])
        rows = self.confluent.world.bill(day, self.confluent.clock())
        for row in self.random.sample(rows, k=min(3, len(rows))):
            row["amount"] = round(self.random.uniform(-5, 50), 6)
        self.confluent.override(day, rows[self.random.randint(0, 2) :])

    def edit_a_rule(self):
        organization = Organization.objects.first()
        if organization is None:
            return
        self._rules += 1
        center(f"CC-{self._rules}", f"BU-{self._rules % 4}")
        AllocationRule.objects.all().delete()
        rule(f"CC-{self._rules}", of=organization, valid_from=self.random.choice(self.days))

    def ask_for_all_months(self):
        ask_for_backfill(MONTHS, force=True, trigger="chaos", requested_by=None)

    def ask_for_days(self):
        window = last_days(self.random.randint(1, 28), self.days[-1])
        try:
            request_run(window, trigger="chaos", requested_by=None, is_for_workers=True)
        except AlreadyAsked:
            return

    def cancel_one(self):
        unfinished = CollectionRun.objects.filter(state__in=CollectionRun.UNFINISHED)
        if run := unfinished.order_by("?").first():
            cancel_run(run.pk)


EVENT_WEIGHTS = {
    Chaos.kill_worker: 4,
    Chaos.kill_working_child: 4,
    Chaos.kill_beat: 1,
    Chaos.kill_redis: 3,
    Chaos.restart_database: 2,
    Chaos.serve_faults: 6,
    Chaos.confluent_is_down: 1,
    Chaos.restate: 6,
    Chaos.edit_a_rule: 4,
    Chaos.ask_for_all_months: 3,
    Chaos.ask_for_days: 2,
    Chaos.cancel_one: 2,
}


def wait_until(done, what):
    deadline = time.monotonic() + SECONDS_TO_CALM_DOWN
    while not done():
        assert time.monotonic() < deadline, f"{what} did not come to pass."
        time.sleep(0.5)


def is_quiet():
    unfinished = CollectionRun.objects.filter(state__in=CollectionRun.UNFINISHED)
    return not unfinished.exists() and not BillingDay.objects.pending().exists()


def billed(confluent, day):
    """What Confluent says of a day now, read as the portal reads it."""
    rows = [decoded(row) for row in confluent.served(day)]
    return Counter(
        (line.product, line.line_type, line.resource_id, line.amount)
        for line in parse_rows(rows, day, day + ONE_DAY)
    )


def stored_lines(day):
    lines = CostLineItem.objects.filter(day=day, last_version=None)
    return Counter(lines.values_list("product", "line_type", "resource_id", "amount"))


def owed():
    facts = DailyCostFact.objects.values_list(
        "charge_date", "line_item_id", "cost_center", "allocation_method", "cost_usd"
    )
    return sorted(facts)


def test_every_day_is_as_billed_when_it_is_quiet_again(
    hurried_schedule, redis_server, confluent, first, today, tmp_path
):
    with Installation(redis_server, confluent, tmp_path / "installation.log") as installation:
        chaos = Chaos(installation, confluent, first, today)
        chaos.ask_for_all_months()
        for _ in range(EVENTS):
            chaos.strike()
        print(f"\nevents: {dict(chaos.counts)}")  # noqa: T201
        confluent.faults.clear()

        wait_until(is_quiet, "The end of all runs")
        # What was restated long ago is only read again when somebody asks for it.
        chaos.ask_for_all_months()
        wait_until(is_quiet, "The end of the last collection")
        installation.beat.end()
        for worker in installation.workers:
            worker.end()
            worker.start()
        installation.beat.start()

    runs = Counter(CollectionRun.objects.order_by().values_list("trigger", "state"))
    print(f"runs: {dict(runs)}")  # noqa: T201
    assert not {state for _, state in runs} & set(CollectionRun.UNFINISHED)
    assert {"hourly", "daily"} <= {trigger for trigger, _ in runs}
    for day in chaos.days:
        assert stored_lines(day) == billed(confluent, day), day
    proof = reconcile(first, today + ONE_DAY)
    assert (proof.differences, proof.missing_days, proof.pending_days) == ([], 0, 0)
    assert proof.amount == sum(
        (line[-1] * count for day in chaos.days for line, count in billed(confluent, day).items()),
        Decimal(0),
    )
    before = owed()
    list(rewrite_days(Organization.objects.get(), first, today + ONE_DAY))
    assert owed() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert cursor.fetchone() == (0,)
