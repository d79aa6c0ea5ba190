"""Grafana's panels over the year, each alone and a whole dashboard at once, as Grafana asks.

Warm, every variable on All. The hours are the yardstick: the same statement, of hourly_cost_facts
instead of the daily facts, once for each panel, since it takes seconds.
"""

import json
import os
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Any

import psycopg2
from django.db import connection

from billing_portal.bench.data import LAST, M, use
from billing_portal.bench.figures import Figure
from grafana.asking import expanded, options, panels
from grafana.source.write import DASHBOARDS, FOLDER

TITLE = "Dashboards, a year of 2.9 million daily facts"
END = datetime.combine(LAST, time_of_day(23, 59), UTC)
MONTH, YEAR = 30, 365
REPETITIONS = {MONTH: 11, YEAR: 5}
AIMS = {MONTH: 100, YEAR: 500}  # ms
CONNECTIONS, PANELS_OF_A_WHOLE = 6, 35
DAILY, HOURLY = ("reporting.daily_costs", "reporting.resource_costs"), "bench_hours"
# As setup_grafana_reader sets it for the dashboards' role.
WORK_MEM = "SET work_mem = '64MB'"
# It asks for days before the chosen ones as well.
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
class Asked:
    """A panel's statement for the last 30 days and for the year."""

    title: str
    statements: dict[int, str]


def measure() -> Iterator[Figure | str]:
    use(M)
    every = list(_panels())
    slower: list[float] = []
    with connection.cursor() as cursor:
        cursor.execute(_HOURLY_VIEW)
        cursor.execute(WORK_MEM)
        for panel in every:
            for days, statement in panel.statements.items():
                took = [_milliseconds(cursor, statement) for _ in range(REPETITIONS[days] + 1)][1:]
                yield Figure(f"{panel.title}, {days} days", "ms", took, at_most=AIMS[days])
                asks_costs = any(each in statement for each in DAILY)
                if days == MONTH and asks_costs and not panel.title.endswith(WITHOUT_HOURS):
                    hours = _milliseconds(cursor, _of_hours(statement))
                    slower.append(hours / statistics.median(took))
    yield Figure("Faster than the hourly view, 30 days, each panel", "times", slower, at_least=10)
    yield from _whole(every)


def _whole(every: list[Asked]) -> Iterator[Figure]:
    """35 panels at once over 6 connections, as a browser makes Grafana ask."""
    chosen = every[:PANELS_OF_A_WHOLE]
    for days in (MONTH, YEAR):
        statements = [panel.statements[days] for panel in chosen]
        took = [_at_once(statements) for _ in range(REPETITIONS[YEAR] + 1)][1:]
        aim = 1_000 if days == MONTH else None
        name = f"{len(statements)} panels over {CONNECTIONS} connections, {days} days"
        yield Figure(name, "ms", took, at_most=aim)


def _at_once(statements: list[str]) -> float:
    def ask(each: list[str]) -> None:
        with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as own, own.cursor() as cursor:
            cursor.execute("SET jit = off")
            cursor.execute(WORK_MEM)
            for statement in each:
                _milliseconds(cursor, statement)

    shares = [statements[number::CONNECTIONS] for number in range(CONNECTIONS)]
    begun = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(ask, shares))
    return (time.perf_counter() - begun) * 1000


def _panels() -> Iterator[Asked]:
    def values_of(statement: str) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return [value for _, value in cursor.fetchall()]

    for dashboard in DASHBOARDS:
        document = json.loads((FOLDER / dashboard.file).read_text(encoding="utf-8"))
        chosen = {
            start: options(document, start, END, values_of)
            for start in (_start_of(days) for days in AIMS)
        }
        for panel in panels(document):
            sql = panel["targets"][0]["rawSql"]
            yield Asked(
                f"{document['title']}: {panel['title']}",
                {
                    days: expanded(sql, _start_of(days), END, chosen[_start_of(days)])
                    for days in AIMS
                },
            )


def _start_of(days: int) -> datetime:
    return END - timedelta(days=days) + timedelta(minutes=1)


def _of_hours(statement: str) -> str:
    """The same question, asked of the hours."""
    start = _start_of(MONTH)
    of_days = expanded("$__timeFilter(charge_date)", start, END, {})
    of_hours = expanded('$__timeFilter("timestamp")', start, END, {})
    for relation in DAILY:
        statement = statement.replace(relation, HOURLY)
    return statement.replace(of_days, of_hours)


def _milliseconds(cursor: Any, statement: str) -> float:
    begun = time.perf_counter()
    cursor.execute(statement)
    cursor.fetchall()
    return (time.perf_counter() - begun) * 1000
