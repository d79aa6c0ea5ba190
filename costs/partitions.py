"""Monthly partitions of hourly_costs: made ahead of the writer, dropped when they are archived."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from enum import StrEnum

from django.db import connection, transaction

from costs.models import ArchivedHours

ONE_DAY = timedelta(days=1)

# A reader that holds the table must not stop all writers behind us for long.
LOCK_TIMEOUT = "10s"


class Place(StrEnum):
    """Where the table of a month stands; a killed detaching leaves it between the two."""

    ATTACHED = "attached"
    DETACHING = "detaching"
    DETACHED = "detached"


# By the catalog's inhdetachpending; a table that is no partition has none.
_PLACES = {False: Place.ATTACHED, True: Place.DETACHING, None: Place.DETACHED}


def month_of(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the following month."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def partition_name(month: date) -> str:
    """The table that holds the hours of the month."""
    return f"hourly_costs_{month:%Y_%m}"


def ensure_partitions(first: date, last: date) -> None:
    """Make the partitions of the months from first's to last's (both included) where missing.

    Each in a short transaction of its own: made like the parent, then attached, which lets
    readers and writers go on. Raises OperationalError when the lock is not had in time. An
    archived month gets none: its days have daily facts only.
    """
    month = month_of(first)
    while month <= last:
        _ensure_month(month)
        month = next_month(month)


def _ensure_month(month: date) -> None:
    name = partition_name(month)
    if _exists(name) or ArchivedHours.objects.filter(month=month).exists():
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        # Two collectors may both find it missing; the second waits here and looks again.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        if _exists(name):
            return
        cursor.execute(f"CREATE TABLE {name} (LIKE hourly_costs INCLUDING ALL)")
        cursor.execute(
            f"ALTER TABLE hourly_costs ATTACH PARTITION {name} "
            f"FOR VALUES FROM ('{month} 00:00+00') TO ('{next_month(month)} 00:00+00')"
        )


def _exists(name: str) -> bool:
    with connection.cursor() as cursor:
        # A scan of the catalog sees what was committed a moment ago; to_regclass may not.
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
            "WHERE inhparent = 'hourly_costs'::regclass AND relname = %s)",
            [name],
        )
        (exists,) = cursor.fetchone()
    return bool(exists)


def stored_months(before: date) -> dict[date, Place]:
    """The months before that day whose hours have a table, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_date(right(relname, 7), 'YYYY_MM') AS month, inhdetachpending "
            "FROM pg_class LEFT JOIN pg_inherits "
            "ON inhrelid = pg_class.oid AND inhparent = 'hourly_costs'::regclass "
            "WHERE relname ~ '^hourly_costs_[0-9]{4}_[0-9]{2}$' AND relkind = 'r' "
            "AND pg_table_is_visible(pg_class.oid) ORDER BY month"
        )
        found = cursor.fetchall()
    return {month: _PLACES[pending] for month, pending in found if month < before}


def drop_partition(month: date, place: Place) -> None:
    """Take the month's hours out without making readers and writers of other months wait.

    Each step commits by itself: what is interrupted leaves the month in another place, from where
    the next call goes on. Raises OperationalError when a reader keeps the table for too long.
    """
    name = partition_name(month)
    with _no_long_waiting(), connection.cursor() as cursor:
        if place == Place.ATTACHED:
            cursor.execute(f"ALTER TABLE hourly_costs DETACH PARTITION {name} CONCURRENTLY")
        if place == Place.DETACHING:
            cursor.execute(f"ALTER TABLE hourly_costs DETACH PARTITION {name} FINALIZE")
        cursor.execute(f"DROP TABLE {name}")


@contextmanager
def _no_long_waiting() -> Iterator[None]:
    """The same patience as LOCK_TIMEOUT where no transaction may be open."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        try:
            yield
        finally:
            cursor.execute("RESET lock_timeout")
