"""Bytes of what is stored, and whether they level off when a bill is collected again and again.

A quarter of a bill of 600 lines a day, collected every third hour as the hourly job does it: each
time the last three days, of which the newest changes most; once a day the trailing week, of whose
days now and then one is restated. Days pass in seconds, so autovacuum looks more often, too.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from random import Random

from django.db import connection

from billing_portal.bench.data import (
    LAST,
    SIZES,
    M,
    Size,
    make_company,
    organization,
    stage,
    use,
    use_empty,
)
from billing_portal.bench.figures import Figure
from costs.bill import keep_day
from costs.clock import database_now
from costs.partitions import ONE_DAY, ensure_partitions

TITLE = "Disk"
QUARTER = Size("disk", SIZES["S"].resources, SIZES["S"].lines_each, days=92)
ROUNDS = 8  # collections a day
# Of 1,000 lines: what changes of today, of the two days before, and of a restated day.
TODAY, YESTERDAY, RESTATED = 300, 20, 10
RESTATED_SHARE = 0.1
_SIZES = """
    SELECT sum(pg_total_relation_size(oid)) FROM pg_class
    WHERE relname ~ %s AND relkind = 'r'
"""
_RELATIONS = {
    "an hourly cost": ("^hourly_costs_[0-9]", "hourly_costs", 80.0),
    "a daily fact": ("^daily_cost_facts$", "daily_cost_facts", None),
    "a bill line": ("^cost_line_items$", "cost_line_items", None),
    "a sum by resource": ("^daily_resource_costs$", "daily_resource_costs", None),
}
_VACUUMS = """
    SELECT coalesce(sum(autovacuum_count), 0), coalesce(sum(n_dead_tup), 0)
    FROM pg_stat_user_tables WHERE relname ~ '^(cost_line_items|daily_|hourly_costs)'
"""


def measure() -> Iterator[Figure | str]:
    use(M)
    for name, (pattern, relation, aim) in _RELATIONS.items():
        each = _per_row(pattern, relation)
        yield Figure(f"{name}, with its indexes", "bytes", [each], at_most=aim)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        yield Figure("A year of M", "GiB", [cursor.fetchone()[0] / 2**30])
    yield from _quarter()


def _quarter() -> Iterator[Figure | str]:
    use_empty("disk")
    make_company(QUARTER)
    ensure_partitions(QUARTER.first, LAST)
    chance = Random(1)  # noqa: S311 (the same restatements in every run)
    with _busy_autovacuum():
        for number in range(QUARTER.days):
            today = QUARTER.first + number * ONE_DAY
            _live_through(today, chance)
            if number in (30, 61, QUARTER.days - 1):
                yield from _grown(f"after {number + 1} days")
        time.sleep(10)
    yield from _grown("when autovacuum has come to rest")
    yield (
        f"Collected {ROUNDS} times a day; superseded lines are kept, as versions: of the lines "
        f"the bytes of each are told, not their number."
    )


def _live_through(today: date, chance: Random) -> None:
    for part in range(ROUNDS):
        _keep(today, TODAY * (part + 1) // ROUNDS)
        for age in (1, 2):
            if today - age * ONE_DAY >= QUARTER.first:
                _keep(today - age * ONE_DAY, TODAY + YESTERDAY * age)
    for age in range(3, 7):
        if today - age * ONE_DAY >= QUARTER.first:
            restated = RESTATED if chance.random() < RESTATED_SHARE else 0
            _keep(today - age * ONE_DAY, TODAY + YESTERDAY * 2 + restated)


def _keep(day: date, restated: int) -> None:
    stage(QUARTER, day, restated=restated)
    keep_day(organization(), day, fetched_at=database_now(), is_incomplete=False)


def _grown(when: str) -> Iterator[Figure]:
    for name, (pattern, relation, _) in _RELATIONS.items():
        yield Figure(f"{name}, {when}", "bytes", [_per_row(pattern, relation)])
    with connection.cursor() as cursor:
        cursor.execute(_VACUUMS)
        vacuums, dead = cursor.fetchone()
    yield Figure(f"autovacuum's visits, {when}", "visits", [float(vacuums)])
    yield Figure(f"dead rows, {when}", "rows", [float(dead)])


def _per_row(pattern: str, relation: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute(_SIZES, [pattern])
        size = float(cursor.fetchone()[0])
        cursor.execute(f"SELECT count(*) FROM {relation}")  # noqa: S608 (constants above)
        (rows,) = cursor.fetchone()
    return size / int(rows)


@contextmanager
def _busy_autovacuum() -> Iterator[None]:
    """A visit a second at most, for a day takes seconds; once a minute is usual."""
    try:
        _alter("SET autovacuum_naptime = '1s'")
        yield
    finally:
        _alter("RESET autovacuum_naptime")


def _alter(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SYSTEM {what}")
        cursor.execute("SELECT pg_reload_conf()")
