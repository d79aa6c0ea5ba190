"""How costs grow with the bill: the same things measured at four sizes, 13-fold in steps of 4."""

import math
import statistics
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import connection

from billing_portal.bench.data import LAST, SIZES, Size, organization, use
from billing_portal.bench.figures import Figure, milliseconds, seconds
from costs.filters import CostFilter
from costs.partitions import ONE_DAY
from costs.reallocation import rewrite_days
from costs.reconciliation import reconcile
from costs.reports.charges import Granularity
from costs.reports.grouped import grouped_costs
from costs.reports.query import CostQuery
from costs.reports.summary import summary
from costs.visibility import visible_to

TITLE = "Growth: S/4, S, M/4, M"
TIMES = 5


def measure() -> Iterator[Figure | str]:
    found: dict[str, dict[Size, float]] = {}
    for size in SIZES.values():
        took = use(size)
        figures = [
            Figure(f"A year made and stored, a day of it, {size.name}", "ms",
                   [took / size.days * 1000]),
            *_timed(size),
            Figure(f"The whole database, {size.name}", "MiB", [_bytes() / 2**20]),
        ]  # fmt: skip
        for figure in figures:
            found.setdefault(figure.name.rsplit(", ", 1)[0], {})[size] = figure.median
            yield figure
    for name, by_size in found.items():
        yield f"{name}: grows with the lines to the power of {_exponent(by_size):.2f}."


def _timed(size: Size) -> Iterator[Figure]:
    seen = visible_to(AnonymousUser())
    month = CostFilter(LAST - 29 * ONE_DAY, LAST + ONE_DAY)
    year = CostFilter(size.first, LAST + ONE_DAY)
    one = CostFilter(size.first, LAST + ONE_DAY, include={"cluster": ("lkc-1",)})
    daily = Granularity.DAILY
    measures: dict[str, Callable[[], object]] = {
        "A day's facts and hours made anew": lambda: list(
            rewrite_days(organization(), LAST, LAST + ONE_DAY)
        ),
        "30 days proved": lambda: reconcile(LAST - timedelta(days=29), LAST + ONE_DAY),
        "Summary of 30 days": lambda: summary(month, seen),
        "Summary of a year": lambda: summary(year, seen),
        "A year by day and product": lambda: grouped_costs(
            CostQuery(year, daily, ("product",)), seen, limit=5_000
        ),
        "A year of one resource": lambda: grouped_costs(CostQuery(one, daily), seen, limit=500),
    }
    for name, do in measures.items():
        took = [seconds(do) for _ in range(TIMES + 1)][1:]
        yield Figure(f"{name}, {size.name}", "ms", milliseconds(took))


def _exponent(by_size: dict[Size, float]) -> float:
    """Of the best straight line through the points in logarithms: 0 is constant, 1 is linear."""
    lines = [math.log(size.lines) for size in by_size]
    took = [math.log(value) for value in by_size.values()]
    return statistics.linear_regression(lines, took).slope


def _bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (size,) = cursor.fetchone()
    return int(size)
