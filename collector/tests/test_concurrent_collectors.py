"""Two collectors on the same days, a slow one behind a fast one, and one that was killed."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, connections

from collector.client import ConfluentClient
from collector.management.reporting import Quiet
from collector.models import CollectionRun, QuarantinedRow
from collector.pipeline import collect, collect_window
from collector.runs import mark_abandoned, open_run
from collector.tests.rows import row
from collector.windows import Window
from costs.models import BillingDay, CostLineItem
from costs.reconciliation import reconcile
from dimensions.models import Organization

pytestmark = pytest.mark.usefixtures("committed")

WINDOW = Window(date(2026, 10, 5), date(2026, 10, 9))


def in_thread(confluent, errors):
    def work():
        client = ConfluentClient(confluent.url, "demo-key", "demo-secret", sleep=lambda _: None)
        try:
            collect(client, [WINDOW], trigger="test", progress=Quiet())
        except Exception as error:
            errors.append(error)
        finally:
            client.close()
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_two_at_once_store_the_bill_once(confluent):
    errors = []
    for thread in [in_thread(confluent, errors) for _ in range(2)]:
        thread.join()

    assert errors == []
    days = BillingDay.objects.values_list("day", "version", "line_count")
    assert [version for _, version, _ in days] == [1, 1, 1, 1]
    assert CostLineItem.objects.count() == sum(count for _, _, count in days)
    assert reconcile(WINDOW.start, WINDOW.end).differences == []


def test_an_older_fetch_never_replaces_a_newer_one(confluent, client):
    """The slow collector fetches first, is overtaken by one with a newer bill, and ends last."""
    confluent.override(WINDOW.start, [row(amount=Decimal(1))])
    window = Window(WINDOW.start, date(2026, 10, 6))
    pages = client.costs

    def overtaken(start, end):
        fetched = list(pages(start, end))
        confluent.override(WINDOW.start, [row(amount=Decimal(2))])
        errors = []
        in_thread(confluent, errors).join()
        assert errors == []
        yield from fetched

    client.costs = overtaken

    (run,) = collect(client, [window], trigger="slow", progress=Quiet())

    assert (run.days_superseded, run.days_changed) == (1, 0)
    day = BillingDay.objects.get(day=WINDOW.start)
    assert (day.version, day.amount) == (1, 2)


def test_an_older_fetch_brings_no_row_into_quarantine(confluent, client):
    confluent.override(WINDOW.start, [row(amount="?")])
    pages = client.costs

    def overtaken(start, end):
        fetched = list(pages(start, end))
        confluent.override(WINDOW.start, [row()])
        in_thread(confluent, []).join()
        yield from fetched

    client.costs = overtaken
    collect(client, [Window(WINDOW.start, date(2026, 10, 6))], trigger="slow", progress=Quiet())

    assert not QuarantinedRow.objects.exists()
    assert not BillingDay.objects.get(day=WINDOW.start).is_incomplete


def test_it_marks_the_run_of_a_dead_process_and_not_that_of_a_living_one():
    organization = Organization.objects.create(org_id="o-1")
    with open_run(organization, WINDOW, trigger="living") as living:
        dead = CollectionRun.objects.create(
            organization=organization,
            trigger="dead",
            window_start=WINDOW.start,
            window_end=WINDOW.end,
            started_at=living.started_at,
        )
        marked = []

        def other_session():
            marked.append(mark_abandoned())
            connection.close()

        thread = threading.Thread(target=other_session)
        thread.start()
        thread.join()
        states = dict(CollectionRun.objects.values_list("trigger", "state"))

    assert marked == [1]
    assert states == {"living": "running", "dead": "abandoned"}
    dead.refresh_from_db()
    assert dead.error == "Its process ended before it did; every stored day is whole."


def test_a_failure_between_two_days_keeps_the_whole_days(confluent, client):
    organization = Organization.objects.create(org_id=confluent.world.organization_id)

    class Fails(Quiet):
        def day_kept(self, kept):
            if kept.day == date(2026, 10, 6):
                raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        collect_window(client, organization, WINDOW, trigger="test", progress=Fails())

    assert list(BillingDay.objects.values_list("day", flat=True)) == [
        date(2026, 10, 6),
        date(2026, 10, 5),
    ]
    assert reconcile(WINDOW.start, WINDOW.end).differences == []
