"""The API may answer a range with one row per range; then each day is asked for itself."""

from datetime import date
from decimal import Decimal

from collector.models import QuarantinedRow
from collector.tests.rows import row
from costs.models import BillingDay, CostLineItem


def test_it_asks_day_by_day(confluent, collect_days, monkeypatch):
    for day in (5, 6):
        confluent.override(
            date(2026, 10, day),
            [row(start_date=f"2026-10-0{day}", end_date=f"2026-10-0{day + 1}")],
        )
    confluent.extra_rows(date(2026, 10, 5), [row(start_date="2026-10-05", end_date="2026-10-07")])

    run = collect_days("2026-10-05", "2026-10-07")

    asked = [
        (request.parameters["start_date"], request.parameters["end_date"])
        for request in confluent.requests
        if request.path == "/billing/v1/costs"
    ]
    assert asked == [
        ("2026-10-05", "2026-10-07"),
        ("2026-10-05", "2026-10-06"),
        ("2026-10-06", "2026-10-07"),
    ]
    assert "Rows of several days: 1;" in run.notices[0]
    assert CostLineItem.objects.count() == 2


def test_it_quarantines_a_line_that_is_still_longer_with_its_amount(confluent, collect_days):
    long_line = row(end_date="2026-10-12", amount=Decimal("7.70"))
    confluent.override(date(2026, 10, 5), [row(), long_line])

    collect_days("2026-10-05", "2026-10-06")

    kept = QuarantinedRow.objects.get()
    assert kept.reason == (
        "The row spans 7 days, 2026-10-05 to 2026-10-12; only single days can be kept."
    )
    assert (kept.day, kept.amount_text) == (date(2026, 10, 5), "7.70")
    assert BillingDay.objects.get().is_incomplete
