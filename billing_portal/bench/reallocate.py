"""A new owner for a year of a large bill, and what its readers feel meanwhile."""

import io
import os
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta

import psycopg2
from django.db import connection, transaction
from django.db.models import QuerySet

from billing_portal.bench.data import COST_CENTERS, LAST, M, use
from billing_portal.bench.figures import Figure, milliseconds, seconds
from costs.models import AllocationTarget
from costs.reallocation import reallocate_pending

TITLE = "A new owner for a year, 2.9 million daily facts"
TIMES, TIMES_OF_EVERYTHING = 5, 3
OF_COPY = 30  # days of facts: a sample
QUIET = 20.0  # seconds
# What a dashboard asks: the last 30 days by product.
_READ = """
    SELECT product, sum(cost_usd) FROM reporting.resource_costs
    WHERE charge_date > %s GROUP BY product
"""
_NEXT_CENTER = """
    UPDATE allocation_targets AS target
    SET cost_center_id = following.id
    FROM dimensions_cost_centers AS center, dimensions_cost_centers AS following
    WHERE center.id = target.cost_center_id
      AND following.code = 'CC-' || 1 + substr(center.code, 4)::int %% %s
      AND target.id = ANY (%s)
"""


def measure() -> Iterator[Figure | str]:
    use(M)
    targets = AllocationTarget.objects.order_by("pk")
    cluster = targets.exclude(rule__cluster=None)[:1]
    environment = targets.exclude(rule__environment=None)[:1]
    one = [_moved(cluster) for _ in range(TIMES)]
    yield Figure("One resource", "s", one, at_most=2)
    fifty = [_moved(environment) for _ in range(TIMES)]
    yield Figure("One environment of 50 resources", "s", fifty, at_most=10)

    quiet = _read_for(QUIET)
    everything, meanwhile = [], []
    for _ in range(TIMES_OF_EVERYTHING):
        with _Reader() as reader:
            everything.append(_moved(targets))
        meanwhile += reader.took
    yield Figure("Everything", "s", everything)
    copy = [_copy() / OF_COPY * M.days for _ in range(TIMES)]
    yield Figure(f"Raw COPY of the daily facts ({OF_COPY} days, times {M.days})", "s", copy)
    yield Figure(
        "of raw COPY", "times", [_middle(copy) / each for each in everything], at_least=0.3
    )
    yield Figure("A dashboard's query in quiet", "ms", milliseconds(quiet))
    yield Figure("while everything is allocated again", "ms", milliseconds(meanwhile))
    slower = _p99(meanwhile) / _p99(quiet)
    yield Figure("its p99 against quiet", "times", [slower], at_most=4)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE daily_cost_facts, daily_resource_costs, daily_owner_costs")
    yield "Every rule is charged to the next cost center from the first day on; days in batches."


def _moved(targets: QuerySet[AllocationTarget]) -> float:
    """Seconds until every day follows the change."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_NEXT_CENTER, [COST_CENTERS, list(targets.values_list("pk", flat=True))])
    return seconds(lambda: list(reallocate_pending()))


def _copy() -> float:
    """Seconds that raw COPY takes for some days of the daily facts, without an index."""
    text = io.StringIO()
    first = LAST - timedelta(days=OF_COPY - 1)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_facts")
        cursor.execute("CREATE UNLOGGED TABLE bench_facts (LIKE daily_cost_facts)")
        cursor.copy_expert(
            "COPY (SELECT * FROM daily_cost_facts "  # noqa: S608 (a date)
            f"WHERE charge_date >= '{first}') TO STDOUT",
            text,
        )
        text.seek(0)
        return seconds(lambda: cursor.copy_expert("COPY bench_facts FROM STDIN", text))


class _Reader:
    """Somebody who looks at a dashboard all the time, until the block ends."""

    def __init__(self) -> None:
        self.took: list[float] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> "_Reader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _read(self) -> None:
        with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as own, own.cursor() as cursor:
            own.autocommit = True
            while not self._is_over.is_set():
                begun = time.perf_counter()
                cursor.execute(_READ, [LAST - timedelta(days=30)])
                cursor.fetchall()
                self.took.append(time.perf_counter() - begun)
                time.sleep(0.02)


def _read_for(duration: float) -> list[float]:
    with _Reader() as reader:
        time.sleep(duration)
    return reader.took


def _middle(values: Sequence[float]) -> float:
    return statistics.median(values)


def _p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]
