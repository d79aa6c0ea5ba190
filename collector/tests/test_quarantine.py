import json
from datetime import date
from decimal import Decimal

from collector.models import QuarantinedRow
from collector.tests.rows import row
from costs.models import BillingDay, CostLineItem

DAY = date(2026, 10, 5)


def test_it_keeps_an_unreadable_row_as_received_and_stores_the_rest(confluent, collect_days):
    bad = row(amount="1,00", original_amount=None)
    confluent.override(DAY, [row(), bad, row(amount=Decimal(2))])

    run = collect_days("2026-10-05", "2026-10-06")

    kept = QuarantinedRow.objects.get()
    assert json.loads(kept.raw, parse_float=Decimal) == bad
    assert (kept.day, kept.reason, kept.amount_text) == (
        DAY,
        "amount is not a number: '1,00'.",
        "1,00",
    )
    assert CostLineItem.objects.count() == 2
    assert BillingDay.objects.get().is_incomplete
    assert run.rows_quarantined == 1
    assert run.notices == [
        "Rows that could not be read: 1; they are in quarantine with the reason. "
        "Incomplete days: 1, from 2026-10-05 to 2026-10-05."
    ]


def test_it_keeps_a_row_whose_date_cannot_be_read(confluent, collect_days):
    confluent.override(DAY, [row(), row(start_date="last week")])

    run = collect_days("2026-10-05", "2026-10-06")

    kept = QuarantinedRow.objects.get()
    assert (kept.day, kept.window_start, kept.window_end) == (None, DAY, date(2026, 10, 6))
    assert kept.reason == "Its dates cannot be read: 'last week' to '2026-10-06'."
    assert "Incomplete days: 1, from 2026-10-05 to 2026-10-05." in run.notices[0]
    assert BillingDay.objects.get().is_incomplete


def test_it_keeps_a_row_that_is_outside_the_window(confluent, collect_days):
    confluent.override(DAY, [row(), row(start_date="2026-09-30", end_date="2026-10-01")])

    collect_days("2026-10-05", "2026-10-06")

    assert QuarantinedRow.objects.get().reason == (
        "2026-09-30 is outside the window asked for, 2026-10-05 to 2026-10-06."
    )
    assert list(BillingDay.objects.values_list("day", "is_incomplete")) == [(DAY, False)]


def test_it_counts_equal_rows_and_does_not_repeat_them(confluent, collect_days):
    confluent.override(DAY, [row(amount="?"), row(amount="?"), row()])

    collect_days("2026-10-05", "2026-10-06")
    collect_days("2026-10-05", "2026-10-06")

    assert list(QuarantinedRow.objects.values_list("occurrences", "resolved_at")) == [(2, None)]


def test_it_resolves_a_row_that_a_later_bill_no_longer_holds(confluent, collect_days):
    confluent.override(DAY, [row(amount="?"), row()])
    collect_days("2026-10-05", "2026-10-06")
    confluent.override(DAY, [row(amount=Decimal(3)), row()])

    run = collect_days("2026-10-05", "2026-10-06")

    assert QuarantinedRow.objects.get().resolved_at is not None
    assert not BillingDay.objects.get().is_incomplete
    assert run.notices == []


def test_it_opens_a_row_again_that_comes_back(confluent, collect_days):
    for amount in ("?", 3, "?"):
        confluent.override(DAY, [row(amount=amount), row()])
        collect_days("2026-10-05", "2026-10-06")

    assert QuarantinedRow.objects.get().resolved_at is None


def test_it_leaves_the_rows_of_other_days_alone(confluent, collect_days):
    confluent.override(DAY, [row(amount="?"), row()])
    collect_days("2026-10-05", "2026-10-06")

    collect_days("2026-10-07", "2026-10-08")

    assert QuarantinedRow.objects.get().resolved_at is None


def test_it_counts_a_row_of_several_days_once_and_marks_all_of_them(confluent, collect_days):
    long_row = row(start_date="2026-10-05", end_date="2026-10-08", amount=Decimal("7.70"))
    for day in (5, 6, 7):
        confluent.override(date(2026, 10, day), [long_row])

    collect_days("2026-10-05", "2026-10-09")

    assert QuarantinedRow.objects.values_list("occurrences", "amount_text").get() == (1, "7.70")
    incomplete = BillingDay.objects.filter(is_incomplete=True).order_by("day")
    assert [day.day.day for day in incomplete] == [5, 6, 7]


def test_a_row_of_no_known_day_makes_every_day_of_its_window_doubtful(confluent, collect_days):
    confluent.override(DAY, [row(start_date="soon")])

    collect_days("2026-10-04", "2026-10-07")

    assert BillingDay.objects.filter(is_incomplete=True).count() == 3
