from datetime import date, timedelta

import pytest
from django.db.models import F

from collector.tests.conftest import stored
from collector.tests.rows import row
from costs.bill import is_settled
from costs.models import BillingDay, CostLineItem
from dimensions.models import Organization

DAY = date(2026, 10, 5)


@pytest.fixture
def day_that_turned_empty(confluent, collect_days):
    confluent.override(DAY, [row(), row(line_type="KAFKA_STORAGE")])
    collect_days("2026-10-05", "2026-10-06")
    confluent.override(DAY, [])


def an_hour_passes():
    day = BillingDay.objects.get()
    day.held_since -= timedelta(hours=1)
    day.save()


def test_it_keeps_the_lines_and_tells_the_operator(day_that_turned_empty, collect_days):
    before = stored()

    run = collect_days("2026-10-05", "2026-10-06")

    assert stored() == before
    assert (run.days_held, run.days_changed) == (1, 0)
    assert run.notices == [
        "2026-10-05 was answered with fewer lines than are stored, for a bad reason: empty, or "
        "with rows that cannot be read. The stored lines stay. An empty answer is believed when a "
        "collection at least an hour from now gets it again."
    ]


def test_it_still_keeps_them_when_asked_again_at_once(day_that_turned_empty, collect_days):
    collect_days("2026-10-05", "2026-10-06")
    before = stored()

    assert collect_days("2026-10-05", "2026-10-06").days_held == 1
    assert stored() == before


def test_it_closes_them_when_a_later_answer_is_empty_too(day_that_turned_empty, collect_days):
    collect_days("2026-10-05", "2026-10-06")
    an_hour_passes()

    run = collect_days("2026-10-05", "2026-10-06")

    assert (run.days_changed, run.lines_closed) == (1, 2)
    assert not CostLineItem.objects.filter(last_version=None).exists()
    day = BillingDay.objects.get()
    assert (day.line_count, day.amount, day.version, day.held_since) == (0, 0, 2, None)


def test_it_forgets_the_empty_answer_when_lines_come_back(
    confluent, day_that_turned_empty, collect_days
):
    collect_days("2026-10-05", "2026-10-06")
    confluent.override(DAY, [row(), row(line_type="KAFKA_STORAGE")])
    collect_days("2026-10-05", "2026-10-06")

    assert BillingDay.objects.get().held_since is None


def test_it_holds_a_day_of_which_no_row_can_be_read(confluent, collect_days):
    confluent.override(DAY, [row()])
    collect_days("2026-10-05", "2026-10-06")
    confluent.override(DAY, [row(amount="lots")])

    run = collect_days("2026-10-05", "2026-10-06")

    assert (run.days_held, run.rows_quarantined) == (1, 1)
    assert CostLineItem.objects.filter(last_version=None).count() == 1
    assert BillingDay.objects.get().is_incomplete


def test_it_stores_an_empty_day_that_was_never_seen(confluent, collect_days):
    confluent.override(DAY, [])

    assert collect_days("2026-10-05", "2026-10-06").days_changed == 1
    assert BillingDay.objects.get().line_count == 0


@pytest.mark.parametrize("bad", [{"amount": "lots"}, {"start_date": "some day"}])
def test_it_never_loses_a_line_to_rows_that_cannot_be_read(confluent, collect_days, bad):
    """However often the answer comes: it does not say what became of the line."""
    confluent.override(DAY, [row(), row(line_type="KAFKA_STORAGE")])
    collect_days("2026-10-05", "2026-10-06")
    before = stored()
    confluent.override(DAY, [row(), row(**bad)])

    collect_days("2026-10-05", "2026-10-06")
    run = collect_days("2026-10-05", "2026-10-06")

    assert stored() == before
    assert (run.days_held, run.rows_quarantined) == (1, 1)
    assert BillingDay.objects.get().is_incomplete


def test_an_unreadable_answer_does_not_confirm_an_empty_one(confluent, collect_days):
    confluent.override(DAY, [row()])
    collect_days("2026-10-05", "2026-10-06")
    before = stored()
    confluent.override(DAY, [row(amount="lots")])
    collect_days("2026-10-05", "2026-10-06")
    BillingDay.objects.update(held_since=F("held_since") - timedelta(hours=2))
    confluent.override(DAY, [])

    run = collect_days("2026-10-05", "2026-10-06")

    assert (run.days_held, stored()) == (1, before)


def test_it_takes_the_readable_lines_when_none_is_lost(confluent, collect_days):
    confluent.override(DAY, [row()])
    collect_days("2026-10-05", "2026-10-06")
    confluent.override(DAY, [row(amount=2), row(amount="lots")])

    collect_days("2026-10-05", "2026-10-06")

    day = BillingDay.objects.get()
    assert (day.amount, day.is_incomplete, day.held_since) == (2, True, None)


def test_an_empty_day_is_settled_only_when_it_was_seen_empty_twice(confluent, collect_days):
    confluent.override(DAY, [])
    collect_days("2026-10-05", "2026-10-06")
    organization, window = Organization.objects.get(), (DAY, date(2026, 10, 6))
    assert not is_settled(organization, *window)

    BillingDay.objects.update(first_collected_at=F("first_collected_at") - timedelta(hours=1))

    assert is_settled(organization, *window)
