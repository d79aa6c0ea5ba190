"""Grafana's panels over a year of 2.92 million daily facts, and what the same takes of the hours.

One connection, warm, every variable on All. The hours are the yardstick: the same statement, of
hourly_cost_facts instead of the daily facts, once for each panel, since it takes seconds.
"""

import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from django.db import connection

from billing_portal.bench.data import LAST
from grafana.asking import expanded, options, panels
from grafana.source.write import DASHBOARDS, FOLDER

END = datetime.combine(LAST, time_of_day(23, 59), UTC)
MONTH, YEAR = 30, 365
REPETITIONS = {MONTH: 11, YEAR: 5}
DAILY, HOURLY = "reporting.daily_costs", "bench_hours"
# It asks for days before the chosen ones, of which there are no hours here.
WITHOUT_HOURS = "Net Cost, Change"
# As the dashboards' view of the daily facts; "timestamp" is what its partitions go by.
_HOURLY_VIEW = """
    CREATE OR REPLACE TEMPORARY VIEW bench_hours AS
    SELECT organization.id AS organization_id, hour."timestamp",
           (hour."timestamp" AT TIME ZONE 'UTC')::date AS charge_date,
           coalesce(env_id, 'none') AS env_id, coalesce(cluster_id, 'none') AS cluster_id,
           hour.org_id, product, line_type, business_unit, cost_center, allocation_confidence,
           allocation_method, cost_usd, greatest(cost_usd, 0) AS usage_usd,
           least(cost_usd, 0) AS credits_usd, cost_usd AS list_cost_usd, 1 AS records
    FROM hourly_cost_facts AS hour
    JOIN dimensions_orgs AS organization USING (org_id)
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds that a panel's query took."""

    title: str
    month: list[float]
    year: list[float]
    hours: float | None

    def row(self) -> str:
        ratio = "" if self.hours is None else f"{self.hours / statistics.median(self.month):,.0f}"
        hours = "" if self.hours is None else f"{self.hours:,.0f}"
        cells = [_middle(self.month), _p95(self.month), _middle(self.year), _p95(self.year)]
        return (
            f"| {self.title} | {' | '.join(f'{cell:,.0f}' for cell in cells)} | {hours} | {ratio} |"
        )


def measure() -> Iterator[str]:
    """Lines of a Markdown table (medians, and what 95 % stay below), and a summary."""
    yield "| milliseconds | 30 days | 95 % | 365 days | 95 % | the hours of 30 days | ratio |"
    yield "|---|---|---|---|---|---|---|"
    every: list[Measured] = []
    with connection.cursor() as cursor:
        cursor.execute(_HOURLY_VIEW)
        # As setup_grafana_reader sets it for the dashboards' role.
        cursor.execute("SET work_mem = '64MB'")
        for dashboard in DASHBOARDS:
            document = json.loads((FOLDER / dashboard.file).read_text(encoding="utf-8"))
            for panel in panels(document):
                every.append(_measured(cursor, document, panel))
                yield every[-1].row()
    yield ""
    yield _summed_up(every)


def _measured(cursor: Any, document: dict[str, Any], panel: dict[str, Any]) -> Measured:
    def values_of(statement: str) -> list[str]:
        cursor.execute(statement)
        return [value for _, value in cursor.fetchall()]

    took: dict[int, list[float]] = {}
    for days, repetitions in REPETITIONS.items():
        start = END - timedelta(days=days) + timedelta(minutes=1)
        chosen = options(document, start, END, values_of)
        statement = expanded(panel["targets"][0]["rawSql"], start, END, chosen)
        took[days] = [_milliseconds(cursor, statement) for _ in range(repetitions + 1)][1:]
        if days == MONTH:
            asks_costs = DAILY in statement and panel["title"] != WITHOUT_HOURS
            hours = _of_hours(cursor, statement, start) if asks_costs else None
    return Measured(f"{document['title']}: {panel['title']}", took[MONTH], took[YEAR], hours)


def _of_hours(cursor: Any, statement: str, start: datetime) -> float:
    """The same question, asked of the hours."""
    of_days = expanded("$__timeFilter(charge_date)", start, END, {})
    of_hours = expanded('$__timeFilter("timestamp")', start, END, {})
    return _milliseconds(cursor, statement.replace(DAILY, HOURLY).replace(of_days, of_hours))


def _milliseconds(cursor: Any, statement: str) -> float:
    begun = time.perf_counter()
    cursor.execute(statement)
    cursor.fetchall()
    return (time.perf_counter() - begun) * 1000


def _summed_up(every: Sequence[Measured]) -> str:
    month = [_middle(each.month) for each in every]
    year = [_middle(each.year) for each in every]
    ratios = [each.hours / _middle(each.month) for each in every if each.hours]
    return (
        f"{len(every)} panels; medians of 30 days: {statistics.median(month):,.0f} ms, the slowest "
        f"{max(month):,.0f}; of 365 days: {statistics.median(year):,.0f} ms, the slowest "
        f"{max(year):,.0f}. The hours take {statistics.median(ratios):,.0f} times as long "
        f"({min(ratios):,.0f} to {max(ratios):,.0f})."
    )


def _middle(times: Sequence[float]) -> float:
    return statistics.median(times)


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[18]
