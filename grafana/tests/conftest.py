"""The demo's company, stored once for the tests of a file."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection


@pytest.fixture(scope="module")
def demo_company(django_db_setup, django_db_blocker):
    """Forty days of the demo, collected as `make demo` does; gone after the file's tests."""
    with django_db_blocker.unblock():
        call_command("seed_demo", "--days", "40", stdout=StringIO())
        try:
            yield
        finally:
            call_command("flush", interactive=False, verbosity=0)
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE hourly_costs")
