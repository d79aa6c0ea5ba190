"""Monthly partitions of hourly_costs, made ahead of the writer."""

from datetime import date, timedelta

from django.db import connection, transaction

ONE_DAY = timedelta(days=1)

# A reader that holds the table must not stop all writers behind us for long.
LOCK_TIMEOUT = "10s"


def month_of(day: date) -> date:
    """The first day of the month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """The first day of the following month."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def ensure_partitions(first: date, last: date) -> None:
    """Make the partitions of the months from first's to last's (both included) where missing.

    Each in a short transaction of its own: made like the parent, then attached, which lets
    readers and writers go on. Raises OperationalError when the lock is not had in time.
    """
    month = month_of(first)
    while month <= last:
        _ensure_month(month)
        month = next_month(month)


def _ensure_month(month: date) -> None:
    name = f"hourly_costs_{month:%Y_%m}"
    if _exists(name):
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
