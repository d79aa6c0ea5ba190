"""One command makes a database ready; of several at once the second waits."""

from io import StringIO
from threading import Thread

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django_celery_beat.models import PeriodicTask


def prepare():
    call_command("prepare_database", verbosity=0, stdout=StringIO())


def test_it_makes_groups_and_the_schedule(db, settings):
    settings.SCHEDULER_ENABLED = settings.HOURLY_JOB_ENABLED = True
    Group.objects.all().delete()
    PeriodicTask.objects.all().delete()

    prepare()

    assert Group.objects.filter(name="FinOps").exists()
    assert PeriodicTask.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_waits_while_another_prepares():
    done = []

    def beside():
        try:
            prepare()
            done.append(True)
        finally:
            connection.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(-1, 1)")
        other = Thread(target=beside)
        other.start()
        other.join(timeout=1)
        waited = list(done)
        cursor.execute("SELECT pg_advisory_unlock(-1, 1)")
    other.join(timeout=30)

    assert (waited, done) == ([], [True])
