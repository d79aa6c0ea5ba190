"""The list of statements and a statement: what they say of their month."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from billing_portal.tests.pages import read, rows
from costs.models import BillingDay
from costs.tests.billed import two_companies
from costs.tests.ownership import line, organization, store

MINUS = "\N{MINUS SIGN}"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(datetime(2026, 11, 12, 9, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def bill(db):
    two_companies()


def test_chargeback_leads_to_the_last_whole_month(bill, client):
    assert client.get("/chargeback")["Location"] == "/chargeback/2026-10"


def test_units_come_by_what_they_owe_and_nobody_last(bill, client):
    # name, net, direct, shared, credits, share, month before, change, percent
    assert [row[:5] for row in rows(client.get("/chargeback/2026-10"))] == [
        ["BU-1", "$156.00", "$130.00", "$26.00", "$0.00"],
        ["CC-1", "$156.00", "$130.00", "$26.00", "$0.00"],
        ["BU-2", "$24.00", "$20.00", "$4.00", "$0.00"],
        ["CC-2", "$24.00", "$20.00", "$4.00", "$0.00"],
        ["BU-9", "$7.00", "$7.00", "$0.00", "$0.00"],
        ["CC-9", "$7.00", "$7.00", "$0.00", "$0.00"],
        ["Unallocated owed by nobody", "$20.00", "$20.00", "$0.00", "$0.00"],
    ]


def test_the_total_equals_the_bill(bill, client):
    text = read(client, "/chargeback/2026-10")

    assert "Total, equals the bill $207.00 $177.00 $30.00 $0.00 100.0 %" in text


def test_it_says_that_days_are_missing(bill, client):
    text = read(client, "/chargeback/2026-10")

    assert "not final 29 of 31 days are not collected." in text
    assert "Of the month before 30 days are not collected: no fair comparison." in text


def test_a_month_is_settled_when_every_day_of_every_organization_is(bill, client):
    acme, other = organization("o-1"), organization("o-2")
    for day in range(1, 32):
        for each in (acme, other):
            if not BillingDay.objects.filter(organization=each, day=date(2026, 10, day)).exists():
                store(each, line(1, day=date(2026, 10, day)))
    assert "settled Every day is collected" in read(client, "/chargeback/2026-10")

    BillingDay.objects.filter(organization=other, day="2026-10-31").delete()

    assert "not final 1 day lacks the bill of an organization." in read(
        client, "/chargeback/2026-10"
    )


def test_a_month_that_is_not_over_is_not_compared_with_a_whole_one(bill, client):
    text = read(client, "/chargeback/2026-11")

    assert "The month is not over" in text
    assert f"{MINUS}$46.00" not in text
    assert "December 2026" not in text


def test_a_statement_names_everybody_and_everything(bill, client):
    text = read(client, "/chargeback/2026-10/statement", business_unit="BU-1")

    assert "Meridian" in text
    assert "Net, to pay $156.00 USD direct $130.00, shared $26.00, credits $0.00." in text
    assert "Share of the bill 75.4 % Of $207.00." in text
    assert "By cost center" in text


def test_what_nobody_owes_has_a_statement_too(bill, client):
    nobody = {"business_unit": "Unallocated", "cost_center": "Unallocated"}

    text = read(client, "/chargeback/2026-11/statement", **nobody)

    assert f"Net, to pay {MINUS}$10.00 USD" in text
    assert "Assign what nobody owes" in text


def test_there_is_no_statement_of_who_owes_nothing(bill, client):
    address = "/chargeback/2026-10/statement"
    assert client.get(address, {"business_unit": "BU-77"}).status_code == 404
    assert client.get(address).status_code == 400
