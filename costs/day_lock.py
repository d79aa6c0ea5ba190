"""One writer at a time works on a day of an organization, whoever it is."""

from collections.abc import Iterable
from datetime import date

from django.db import connection

from dimensions.models import Organization


def lock_days(organization: Organization, days: Iterable[date]) -> None:
    """Wait for the days and hold them until the transaction ends; in order, so nobody deadlocks."""
    ordinals = sorted(day.toordinal() for day in days)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, ordinal) FROM unnest(%s) AS ordinal",
            [organization.pk, ordinals],
        )
