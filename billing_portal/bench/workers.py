"""Twelve months shared by workers: how much faster two are than one, and how they bear a limit.

Needs redis-server on the PATH; starts one of its own, and a simulated Confluent in this process.
"""

import math
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import redis
from django.conf import settings
from django.db import connection
from django.db.models import Sum

from billing_portal.bench.data import use_empty
from billing_portal.bench.figures import Figure, paired, ratios
from billing_portal.management.commands.scheduler import worker
from collector.models import CollectionRun, ProcessHeartbeat
from collector.simulator import Faults, SimulatedConfluent, World
from costs.partitions import ONE_DAY
from costs.reconciliation import reconcile

# The command lines below are ours.
# ruff: noqa: S603

TITLE = "Twelve months shared by workers"
MONTHS, REPETITIONS = 12, 5
LATENCY = 0.2  # seconds of each answer
LIMIT, PERIOD, ROWS_OF_A_PAGE = 60, 60.0, 400  # requests in so many seconds
_EMPTY = """
    TRUNCATE hourly_costs, daily_cost_facts, daily_owner_costs, daily_resource_costs,
             cost_line_items, billing_days, billing_day_versions, collection_runs,
             process_heartbeats, reconciliation_checks
"""


@dataclass(frozen=True, slots=True)
class Backfill:
    """What a backfill by so many workers came to."""

    seconds: float
    requests: int
    refused: int


def measure() -> Iterator[Figure | str]:
    if shutil.which("redis-server") is None:
        yield "redis-server is not installed; nothing measured."
        return
    use_empty("workers")
    yield from _speed_up()
    yield from _under_a_limit()


def _speed_up() -> Iterator[Figure]:
    """Paired: one worker, then two, each time with an empty database."""
    slow = Faults(rate=1.0, random_kinds=["slow"], delay=LATENCY)

    def by(workers: int) -> float:
        with _simulated(faults=slow) as confluent:
            return _backfill(confluent, workers).seconds

    took = paired(REPETITIONS, one=lambda: by(1), two=lambda: by(2))
    waits = f"{MONTHS} months, {LATENCY * 1000:.0f} ms an answer"
    yield Figure(f"{waits}, one worker", "s", took["one"])
    yield Figure(f"{waits}, two workers", "s", took["two"])
    yield Figure("two against one", "times", ratios(took["one"], took["two"]))


def _under_a_limit() -> Iterator[Figure | str]:
    limit = f"{LIMIT} requests a minute, {ROWS_OF_A_PAGE} rows a page"
    for workers in (1, 4):
        limited = {"rate_limit": LIMIT, "rate_period": PERIOD, "longest_page": ROWS_OF_A_PAGE}
        with _simulated(**limited) as confluent:
            done = _backfill(confluent, workers)
        ideal = (math.ceil(done.requests / LIMIT) - 1) * PERIOD
        yield Figure(f"{limit}, workers: {workers}", "s", [done.seconds])
        yield (
            f"Workers {workers}: {done.requests} requests, which the limit alone makes "
            f"{ideal:.0f} s; refused with 429: {done.refused}."
        )


def _backfill(confluent: SimulatedConfluent, workers: int) -> Backfill:
    """From an empty database to a proved year."""
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)
    with _redis() as url, ExitStack() as stack:
        for number in range(workers):
            stack.enter_context(_worker(number, confluent, url))
        while ProcessHeartbeat.objects.count() < workers:
            time.sleep(0.05)
        begun = time.monotonic()
        _ask(url)
        while CollectionRun.objects.filter(state__in=CollectionRun.UNFINISHED).exists():
            time.sleep(0.05)
        seconds = time.monotonic() - begun
    _prove()
    refused = sum(request.status == 429 for request in confluent.requests)
    return Backfill(seconds, len(confluent.requests), refused)


def _ask(url: str) -> None:
    """In a process of its own, whose settings name this Redis."""
    command = [sys.executable, "manage.py", "backfill_costs", "--queue", f"--months={MONTHS}"]
    environment = os.environ | {"REDIS_URL": url, "LOG_LEVEL": "ERROR"}
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def _prove() -> None:
    failed = CollectionRun.objects.exclude(state=CollectionRun.State.SUCCEEDED)
    today = datetime.now(UTC).date()
    proof = reconcile(today - timedelta(days=400), today + ONE_DAY)
    stored_once = CollectionRun.objects.aggregate(days=Sum("days_changed"))["days"] == proof.days
    if failed.exists() or proof.differences or not stored_once:
        raise AssertionError(f"{list(failed)} {proof}")


@contextmanager
def _simulated(**options: object) -> Iterator[SimulatedConfluent]:
    born = datetime.now(UTC).date() - timedelta(days=364)
    with SimulatedConfluent(World(born=born), **options) as confluent:  # type: ignore[arg-type]
        yield confluent


@contextmanager
def _worker(number: int, confluent: SimulatedConfluent, url: str) -> Iterator[None]:
    process = subprocess.Popen(
        worker("long", processes=1, host=f"bench-{number}"),
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "REDIS_URL": url,
            "CONFLUENT_CLOUD_URL": confluent.url,
            "CONFLUENT_API_KEY": "demo-key",
            "CONFLUENT_API_SECRET": "demo-secret",
            "LOG_LEVEL": "ERROR",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _redis() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        _wait_for(url)
        yield url
    finally:
        process.kill()
        process.wait()


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            redis.Redis.from_url(url).ping()
        except redis.ConnectionError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError("Redis does not start.")
