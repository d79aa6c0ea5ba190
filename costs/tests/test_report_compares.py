"""compare=previous: what was owed before, the change, and the change in percent."""

from datetime import date

import pytest
import time_machine

from costs.filters import CostFilter, Period
from costs.tests.asking import ask, rows
from costs.tests.billed import bill
from costs.tests.ownership import line, organization

CHANGE = ("cost_usd", "previous_cost_usd", "change_usd", "change_percent")


def october(number):
    return date(2026, 10, number)


@pytest.fixture
def two_weeks(db):
    """KAFKA: 10 a day to 11 October, then 15; CONNECT up to the 10th, FLINK from the 12th on."""
    lines = []
    for number in range(5, 19):
        day = october(number)
        lines.append(line("10" if number < 12 else "15", day=day, resource="lkc-1"))
        if number < 11:
            lines.append(line("4", day=day, resource="lcc-1", product="CONNECT"))
        if number >= 12:
            lines.append(line("1", day=day, resource="lfcp-1", product="FLINK"))
    bill(organization(), *lines)


def test_it_sets_the_range_beside_as_many_days_before(two_weeks, client):
    found = rows(
        client, "product", *CHANGE, granularity="total", group_by="product", compare="previous",
        start_date="2026-10-12", end_date="2026-10-19",
    )  # fmt: skip

    assert found == [
        ("KAFKA", "105.0000000000", "70.0000000000", "35.0000000000", "50.0000"),
        ("FLINK", "7.0000000000", "0.0000000000", "7.0000000000", None),
        ("CONNECT", "0.0000000000", "24.0000000000", "-24.0000000000", "-100.0000"),
    ]


def test_it_totals_what_was_before(two_weeks, client):
    meta = ask(
        client, "costs", granularity="total", compare="previous", start_date="2026-10-12",
        end_date="2026-10-19",
    ).json()["meta"]  # fmt: skip

    assert meta["compared_with"] == {"start_date": "2026-10-05", "end_date": "2026-10-12"}
    assert meta["total"] == {
        "cost_usd": "112.0000000000",
        "previous_cost_usd": "94.0000000000",
        "change_usd": "18.0000000000",
        "change_percent": "19.1489",
    }


def test_it_sets_a_day_beside_the_day_before(two_weeks, client):
    found = rows(
        client, "period_start", *CHANGE, compare="previous", start_date="2026-10-11",
        end_date="2026-10-14",
    )  # fmt: skip

    assert found == [
        ("2026-10-11", "10.0000000000", "14.0000000000", "-4.0000000000", "-28.5714"),
        ("2026-10-12", "16.0000000000", "10.0000000000", "6.0000000000", "60.0000"),
        ("2026-10-13", "16.0000000000", "16.0000000000", "0.0000000000", "0.0000"),
    ]


def test_it_sets_a_week_beside_the_week_before(two_weeks, client):
    found = rows(
        client, "period_start", *CHANGE, granularity="weekly", compare="previous",
        start_date="2026-10-12", end_date="2026-10-19",
    )  # fmt: skip

    assert found == [
        ("2026-10-12", "112.0000000000", "94.0000000000", "18.0000000000", "19.1489"),
    ]


def test_it_adds_the_others_of_before_to_the_others(two_weeks, client):
    found = rows(
        client, "product", *CHANGE, granularity="total", group_by="product", compare="previous",
        top=1, start_date="2026-10-12", end_date="2026-10-19",
    )  # fmt: skip

    assert found == [
        ("KAFKA", "105.0000000000", "70.0000000000", "35.0000000000", "50.0000"),
        ("Others", "7.0000000000", "24.0000000000", "-17.0000000000", "-70.8333"),
    ]


def test_it_sorts_by_the_change(two_weeks, client):
    found = rows(
        client, "product", granularity="total", group_by="product", compare="previous",
        order_by="change", start_date="2026-10-12", end_date="2026-10-19",
    )  # fmt: skip

    assert found == [("CONNECT",), ("FLINK",), ("KAFKA",)]


def test_it_sets_whole_months_beside_whole_months_however_long(db, client):
    every = [(date(2026, 1, 31), "31"), (date(2026, 2, 28), "28"), (date(2026, 3, 31), "3")]
    bill(organization(), *(line(amount, day=day, resource="lkc-1") for day, amount in every))

    found = rows(
        client, "period_start", "cost_usd", "previous_cost_usd", granularity="monthly",
        compare="previous", start_date="2026-02-01", end_date="2026-04-01",
    )  # fmt: skip

    assert found == [
        ("2026-02-01", "28.0000000000", "31.0000000000"),
        ("2026-03-01", "3.0000000000", "28.0000000000"),
    ]


@pytest.mark.parametrize(
    ("start", "end", "previous"),
    [
        ("2026-03-01", "2026-04-01", ("2026-02-01", "2026-03-01")),
        ("2026-01-01", "2026-04-01", ("2025-10-01", "2026-01-01")),
        ("2026-01-01", "2027-01-01", ("2025-01-01", "2026-01-01")),
        ("2026-03-02", "2026-03-09", ("2026-02-23", "2026-03-02")),
        ("2026-03-01", "2026-03-08", ("2026-02-22", "2026-03-01")),
        ("2026-03-31", "2026-04-01", ("2026-03-30", "2026-03-31")),
    ],
)
def test_the_days_before_a_range(start, end, previous):
    asked = CostFilter(date.fromisoformat(start), date.fromisoformat(end))

    assert tuple(map(str, asked.previous())) == previous


@pytest.mark.parametrize(
    ("today", "period", "previous"),
    [
        ("2026-11-24", Period.MTD, ("2026-10-01", "2026-10-25")),
        # February has no 30th: the whole of it is compared.
        ("2026-03-30", Period.MTD, ("2026-02-01", "2026-03-01")),
        ("2026-11-24", Period.LAST_MONTH, ("2026-09-01", "2026-10-01")),
        ("2026-11-24", Period.LAST_7_DAYS, ("2026-11-11", "2026-11-18")),
        ("2026-11-24", Period.LAST_30_DAYS, ("2026-09-26", "2026-10-26")),
        ("2026-11-24", Period.YTD, ("2025-01-01", "2025-11-25")),
        ("2028-02-29", Period.YTD, ("2027-01-01", "2027-03-01")),
    ],
)
def test_the_days_before_a_relative_period(client, db, today, period, previous):
    with time_machine.travel(f"{today}T12:00:00Z", tick=False):
        meta = ask(client, "costs", period=period, granularity="total", compare="previous").json()

    compared = meta["meta"]["compared_with"]
    assert (compared["start_date"], compared["end_date"]) == previous
