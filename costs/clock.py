"""The one clock that everybody shares: the database's."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """This very moment, also inside a transaction; aware, UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)
    return now
