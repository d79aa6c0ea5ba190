"""Storing a day: from the staged lines to durable lines, facts, hours and sums.

Against what else one could do with the same hours: raw COPY into an unlogged table without an
index, which nothing can beat; Django's bulk_create; and update_or_create row by row.
"""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection, models, transaction

from billing_portal.bench.data import LAST, Size, organization, stage, use
from billing_portal.bench.figures import Figure, milliseconds, paired, ratios, seconds
from costs.bill import KeptDay, Outcome, keep_day
from costs.clock import database_now
from costs.fields import AmountField
from costs.partitions import ONE_DAY, ensure_partitions

TITLE = "Storing a day of 8,000 lines"
SIZE = Size("store", 2_000, 4, days=30)
TIMES = 7
OF_BULK_CREATE, OF_ROW_BY_ROW = 24_000, 400  # rows: a sample, for they are slow
RESTATED = 10  # of 1,000 lines
_WRITTEN = """
    SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables
    WHERE relname ~ '^(cost_line_items|daily_|hourly_costs)'
"""


class BenchHour(models.Model):
    """An hour as one would store it without further thought: an id, and a unique constraint."""

    timestamp = models.DateTimeField()
    organization_id = models.SmallIntegerField()
    daily_cost_fact_id = models.BigIntegerField()
    cost_usd = AmountField()

    class Meta:
        app_label = "costs"
        db_table = "bench_hours"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "daily_cost_fact_id", "timestamp"],
                name="bench_hours_once",
            )
        ]


def measure() -> Iterator[Figure | str]:
    use(SIZE)
    _make_yardsticks()
    days = _new_days()
    hours = _hours_of(LAST)
    took = paired(
        TIMES,
        first=lambda: _keep(next(days)),
        copy=lambda: _copy(hours),
        again=lambda: _keep(_newest(), outcome=Outcome.UNCHANGED),
        restated=lambda: _keep(_newest(), restated=RESTATED),
        bulk_create=_bulk_create,
        row_by_row=_row_by_row,
    )
    count = hours.count("\n")
    yield Figure("A new day kept: lines, facts, hours, sums", "ms", milliseconds(took["first"]))
    yield Figure("Raw COPY of its hours", "ms", milliseconds(took["copy"]))
    yield Figure("Hours stored", "hours/s", [count / each for each in took["first"]])
    yield Figure("of raw COPY", "times", ratios(took["copy"], took["first"]), at_least=0.4)
    bulk = [each / OF_BULK_CREATE * count for each in took["bulk_create"]]
    yield Figure("faster than bulk_create", "times", ratios(bulk, took["first"]), at_least=10)
    rows = [each / OF_ROW_BY_ROW * count for each in took["row_by_row"]]
    yield Figure("faster than row by row", "times", ratios(rows, took["first"]), at_least=200)
    yield Figure("The same day again", "ms", milliseconds(took["again"]))
    again = ratios(took["first"], took["again"])
    yield Figure("faster than the first time", "times", again, at_least=5)
    yield Figure("rows written by it", "rows", [_written_by_a_visit()], at_most=0)
    yield Figure("1 % of the lines changed", "ms", milliseconds(took["restated"]))
    changed = ratios(took["first"], took["restated"])
    yield Figure("faster than the first time ", "times", changed, at_least=2)
    yield (
        f"{count:,} hours a day. bulk_create and update_or_create write the hours alone, into a "
        f"table with an id and a unique constraint, samples of {OF_BULK_CREATE:,} and "
        f"{OF_ROW_BY_ROW} rows. Staging is not counted; fetching and parsing are below."
    )


def _new_days() -> Iterator[date]:
    """After those of the last run."""
    day = _newest()
    while True:
        day += ONE_DAY
        ensure_partitions(day, day)
        yield day


def _newest() -> date:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(day) FROM billing_days")
        (day,) = cursor.fetchone()
    assert isinstance(day, date)
    return day


def _keep(day: date, *, restated: int = 0, outcome: Outcome = Outcome.CHANGED) -> float:
    stage(SIZE, day, restated=restated)
    kept: list[KeptDay] = []
    took = seconds(
        lambda: kept.append(
            keep_day(organization(), day, fetched_at=database_now(), is_incomplete=False)
        )
    )
    assert kept[0].outcome == outcome, kept
    return took


def _written_by_a_visit() -> float:
    before = _count_written()
    day = _newest()
    stage(SIZE, day, restated=RESTATED)
    keep_day(organization(), day, fetched_at=database_now(), is_incomplete=False)
    return _count_written() - before


def _count_written() -> float:
    # The server counts when the session is done with a transaction, and tells when it ends.
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(_WRITTEN)
        (rows,) = cursor.fetchone()
    return float(rows)


# --- Yardsticks -------------------------------------------------------------------------------


def _make_yardsticks() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_raw, bench_hours")
        cursor.execute("CREATE UNLOGGED TABLE bench_raw (LIKE hourly_costs)")
    with connection.schema_editor() as editor:
        editor.create_model(BenchHour)


def _hours_of(day: date) -> str:
    """The hours of a day as COPY writes them."""
    text = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY (SELECT * FROM hourly_costs "  # noqa: S608 (a date)
            f"WHERE \"timestamp\" BETWEEN '{day} 00:00+00' AND '{day} 23:00+00') TO STDOUT",
            text,
        )
    return text.getvalue()


def _copy(hours: str) -> float:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_raw")
        text = io.StringIO(hours)
        return seconds(lambda: cursor.copy_expert("COPY bench_raw FROM STDIN", text))


def _some_hours(count: int) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT "timestamp", organization_id, daily_cost_fact_id, cost_usd FROM hourly_costs '
            'WHERE "timestamp" >= %s LIMIT %s',
            [datetime.combine(LAST, datetime.min.time(), UTC), count],
        )
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _bulk_create() -> float:
    hours = [BenchHour(**hour) for hour in _some_hours(OF_BULK_CREATE)]
    with transaction.atomic():
        took = seconds(lambda: BenchHour._default_manager.bulk_create(hours, batch_size=2_000))
        transaction.set_rollback(True)
    return took


def _row_by_row() -> float:
    """As loaders do that take a bill line by line: each row committed by itself."""

    def write() -> None:
        for hour in hours:
            BenchHour._default_manager.update_or_create(
                defaults={"cost_usd": hour.pop("cost_usd")}, **hour
            )

    hours = _some_hours(OF_ROW_BY_ROW)
    took = seconds(write)
    BenchHour._default_manager.all().delete()
    return took
