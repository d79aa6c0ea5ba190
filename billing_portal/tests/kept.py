"""A company that is stored once for the tests of a file, which only read or undo what they do."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from billing_portal.tests import stored
from costs.tests.billed import two_companies


def emptied(blocker):
    """Leave nothing behind; Django's flush leaves out the table that it does not manage."""
    with blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE hourly_costs")


@pytest.fixture(scope="module")
def kept_company(django_db_setup, django_db_blocker):
    """The two companies of costs.tests.billed; Meridian with a run and a row in quarantine."""
    with django_db_blocker.unblock(), transaction.atomic():
        meridian, _ = two_companies()
        stored.run(of=meridian)
        stored.quarantined_row(of=meridian)
        stored.reconciliation_check(1)
    yield meridian
    emptied(django_db_blocker)
