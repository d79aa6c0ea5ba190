"""A bill of three months of long ago, committed, whose hours may be archived.

| day         | o-1 (USD)                          | o-2 (USD) |
|-------------|------------------------------------|-----------|
| 31 Jan 2024 | 2.40 lkc-1 of env-1, -0.24 credits | 7         |
| 29 Feb 2024 | 1.20 lkc-1 of env-1                |           |
| 1 Mar 2024  | 4.80 lkc-1 of env-1                |           |

Nobody pays for anything.
"""

import gzip
import threading
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from django.db import transaction

from costs.archiving import archive_hours
from costs.models import ArchivedHours
from costs.tests.billed import bill
from costs.tests.ownership import elsewhere, line, organization, sql

JANUARY, FEBRUARY, MARCH, APRIL = (date(2024, month, 1) for month in (1, 2, 3, 4))
JAN_31, FEB_29 = date(2024, 1, 31), date(2024, 2, 29)
JANUARY_FILE = "hourly_costs_2024_01.csv.gz"


def store_bill():
    """Store the bill that the module shows; the organization o-1."""
    acme = organization()
    bill(
        acme,
        line("2.40", "kafka", day=JAN_31, resource="lkc-1", name="orders", env="env-1"),
        line("-0.24", "promo", day=JAN_31, product="", line_type="PROMO_CREDIT"),
        line("1.20", "kafka", day=FEB_29, resource="lkc-1", name="orders", env="env-1"),
        line("4.80", "kafka", day=MARCH, resource="lkc-1", name="orders", env="env-1"),
    )
    bill(organization("o-2"), line("7", "other", day=JAN_31, resource="lkc-9"))
    return acme


def archive(folder, before=FEBRUARY, **also):
    """Archive the months before; each with its hours and USD."""
    return [
        (each.month, each.hours, str(each.cost_usd))
        for each in archive_hours(before=before, folder=Path(folder), **also)
    ]


def rows_of(file):
    """The lines of the file."""
    with gzip.open(file, "rt", newline="") as text:
        return text.read().splitlines()


def notes():
    """Every archived month: organization, month, days, versions, hours, USD, file."""
    fields = ("month", "days", "day_versions", "hours", "cost_usd", "file_name")
    rows = ArchivedHours.objects.order_by("month", "organization__org_id")
    return [
        (org_id, *(str(value) for value in row))
        for org_id, *row in rows.values_list("organization__org_id", *fields)
    ]


NOTES_OF_JANUARY = [
    ("o-1", "2024-01-01", "1", "1", "48", "2.1600000000", JANUARY_FILE),
    ("o-2", "2024-01-01", "1", "1", "24", "7.0000000000", JANUARY_FILE),
]


def hours_by_month():
    """Hours and USD that are kept, by month."""
    rows = sql(
        "SELECT to_char(\"timestamp\" AT TIME ZONE 'UTC', 'YYYY-MM'), count(*), sum(cost_usd) "
        "FROM hourly_costs GROUP BY 1 ORDER BY 1"
    )
    return [(month, count, str(cost)) for month, count, cost in rows]


EVERY_MONTH = [
    ("2024-01", 72, "9.1600000000"),
    ("2024-02", 24, "1.2000000000"),
    ("2024-03", 24, "4.8000000000"),
]


def tables():
    """Tables of the months of long ago, attached or not."""
    rows = sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname < 'hourly_costs_2026' "
        "AND relname ~ '^hourly_costs_[0-9]{4}_[0-9]{2}$' ORDER BY 1"
    )
    return [name for (name,) in rows]


@contextmanager
def somebody_reads():
    """Another session has read hourly costs and keeps its transaction open."""
    reads, may_end = threading.Event(), threading.Event()

    def read():
        with transaction.atomic():
            sql("SELECT count(*) FROM hourly_costs")
            reads.set()
            assert may_end.wait(30)

    reader = elsewhere(read)
    assert reads.wait(30)
    try:
        yield
    finally:
        may_end.set()
        reader.result(timeout=30)


def drop_tables():
    """Of months of long ago none is left to the next test, attached or not."""
    for name in tables():
        sql(f"DROP TABLE {name}")
