"""The page of a day: what it cost, why that differs, who pays, and how sure it is."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing_portal.tests.pages import read, rows
from costs.allocation import allocate_days
from costs.models import BillingDay
from costs.tests.ownership import center, cluster, line, organization, rule, store

DAY = date(2026, 10, 14)


def sold(price, quantity, *, day, line_type="KAFKA_STORAGE"):
    made = line(Decimal(price) * quantity, day=day, resource="lkc-1", name="orders",
                line_type=line_type)  # fmt: skip
    made.unit, made.price, made.quantity = "GB", Decimal(price), Decimal(quantity)
    return made


@pytest.fixture
def company(db):
    """Storage grew from 10 to 15 GB within a week and became dearer; writing is new."""
    acme = organization()
    made = cluster("lkc-1", of=acme)
    center("CC-1", "BU-1")
    rule("CC-1", of=acme, cluster=made)
    lines = [
        sold("2", 10, day=DAY - timedelta(days=7)),
        sold("2", 15, day=DAY - timedelta(days=1)),
        sold("5", 1, day=DAY - timedelta(days=1), line_type="KAFKA_NETWORK_WRITE"),
        sold("3", 15, day=DAY),
        sold("5", 1, day=DAY, line_type="KAFKA_NETWORK_WRITE"),
    ]
    allocate_days(acme, store(acme, *lines))
    return acme


def test_it_compares_with_the_same_day_of_the_week_before(company, client):
    text = read(client, "/days/2026-10-14")

    assert "Wednesday, 14 October 2026" in text
    assert "Net cost $50.00 USD" in text
    assert "Change +$30.00 USD Against the same day of the week before, 2026-10-07: $20.00" in text


def test_it_says_what_the_price_and_the_quantity_did(company, client):
    assert rows(client.get("/days/2026-10-14")) == [
        ["lkc-1", "KAFKA_STORAGE", "+$25.00", "+125.0 %", "+$15.00", "+$10.00", "$0.00",
         "$20.00", "$45.00"],
        ["lkc-1", "KAFKA_NETWORK_WRITE", "+$5.00", "\N{EN DASH}", "$0.00", "+$5.00", "$0.00",
         "$0.00", "$5.00"],
    ]  # fmt: skip


def test_it_compares_with_the_day_before_when_asked(company, client):
    assert rows(client.get("/days/2026-10-14", {"against": "day"})) == [
        ["lkc-1", "KAFKA_STORAGE", "+$15.00", "+50.0 %", "+$15.00", "$0.00", "$0.00",
         "$30.00", "$45.00"],
    ]  # fmt: skip


def test_it_says_who_pays(company, client):
    assert rows(client.get("/days/2026-10-14"), 1) == [
        ["CC-1", "$50.00", "+$30.00", "$20.00", "BU-1"]
    ]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({}, "settled"),
        ({"version": 3}, "settled, restated, version 3"),
        ({"is_incomplete": True}, "incomplete"),
        ({"fetched_at": "2026-10-15T00:00Z"}, "provisional"),
    ],
)
def test_it_says_how_sure_the_day_is(company, client, state, words):
    BillingDay.objects.filter(day=DAY).update(**state)

    assert f"7 October. {words} Against" in read(client, "/days/2026-10-14")


def test_it_says_when_a_day_is_not_collected(company, client):
    text = read(client, "/days/2026-10-01")

    assert "This day is not collected What it cost is not known." in text
    assert "$0.00" not in text


def test_it_says_when_the_day_to_compare_with_is_not_collected(company, client):
    assert "1 of those days is not collected: no fair comparison." in read(
        client, "/days/2026-10-13"
    )


def test_what_the_rows_leave_out_is_said(company, client, monkeypatch):
    monkeypatch.setattr("costs.web.days.MOST_MOVERS", 1)

    text = read(client, "/days/2026-10-14")

    assert "Everything else +$5.00 Total +$30.00 +150.0 % $20.00 $50.00" in text


def test_it_keeps_to_what_it_is_filtered_by(company, client):
    text = read(client, "/days/2026-10-14", line_type="KAFKA_NETWORK_WRITE")

    assert "Net cost $5.00 USD" in text
    assert "Line type is KAFKA_NETWORK_WRITE" in text


@pytest.mark.parametrize("day", ["2014-12-31", "2100-01-01", "2026-02-30", "yesterday"])
def test_it_is_not_there_for_days_that_nobody_is_billed_for(company, client, day):
    assert client.get(f"/days/{day}").status_code == 404
