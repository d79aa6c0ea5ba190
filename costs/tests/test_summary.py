"""GET /api/v1/costs/summary, and what every answer says of how sure it is."""

from datetime import UTC, datetime

import pytest
import time_machine

from costs.models import BillingDay
from costs.tests.asking import ask, rows
from costs.tests.billed import EVERY_DAY, NOV_2, OCT_31, provisional, two_companies


@pytest.fixture
def company(db):
    return two_companies()


def parts(found, *names):
    return [tuple(part[name] for name in names) for part in found]


def test_it_tells_what_the_bill_came_to(company, client):
    document = ask(client, "costs/summary", **EVERY_DAY).json()

    data = document["data"]
    amounts = {name: value for name, value in data.items() if name.endswith("_usd")}
    assert amounts == {
        "total_usd": "307.0000000000",
        "net_usd": "307.0000000000",
        "usage_usd": "317.0000000000",
        "credits_usd": "-10.0000000000",
        "list_usd": "327.0000000000",
        "unallocated_usd": "10.0000000000",
        "other_clusters_usd": "20.0000000000",
    }
    # 20 of 317 USD of usage are nobody's.
    assert data["allocated_percent"] == "93.6909"
    assert (data["days_covered"], data["records"]) == (3, 9)


def test_it_tells_of_what_and_whom(company, client):
    data = ask(client, "costs/summary", **EVERY_DAY).json()["data"]

    assert parts(data["by_product"], "id", "name", "net_usd", "usage_usd", "credits_usd") == [
        ("KAFKA", None, "267.0000000000", "267.0000000000", "0.0000000000"),
        ("SUPPORT", None, "30.0000000000", "30.0000000000", "0.0000000000"),
        ("CONNECT", None, "20.0000000000", "20.0000000000", "0.0000000000"),
        ("PROMO_CREDIT", None, "-10.0000000000", "0.0000000000", "-10.0000000000"),
    ]
    assert parts(data["by_environment"], "id", "name", "net_usd") == [
        ("env-1", "Live", "230.0000000000"),
        ("env-2", "Try", "50.0000000000"),
        (None, None, "20.0000000000"),
        ("env-9", None, "7.0000000000"),
    ]
    assert parts(data["by_business_unit"], "id", "name", "net_usd") == [
        ("BU-1", "BU-1", "266.0000000000"),
        ("BU-2", "BU-2", "24.0000000000"),
        ("Unallocated", None, "10.0000000000"),
        ("BU-9", "BU-9", "7.0000000000"),
    ]
    assert parts(data["top_clusters"], "id", "net_usd") == [
        ("lkc-1", "210.0000000000"),
        ("lkc-2", "50.0000000000"),
        ("lcc-3", "20.0000000000"),
        ("lkc-9", "7.0000000000"),
    ]


def test_it_filters(company, client):
    data = ask(client, "costs/summary", **EVERY_DAY, org="o-2").json()["data"]

    assert data["total_usd"] == "7.0000000000"
    assert parts(data["by_business_unit"], "id") == [("BU-9",)]


def test_it_is_of_the_last_30_days_by_itself(company, client):
    with time_machine.travel("2026-11-29T12:00:00Z", tick=False):
        document = ask(client, "costs/summary").json()

    assert document["meta"]["filter"]["period"] == "last_30_days"
    assert document["data"]["total_usd"] == "120.0000000000"  # from 31 October on


def test_of_nothing_it_is_zero(db, client):
    document = ask(client, "costs/summary").json()

    data = document["data"]
    assert {value for name, value in data.items() if name.endswith("_usd")} == {"0.0000000000"}
    assert (data["allocated_percent"], data["records"], data["by_product"]) == (None, 0, [])
    assert document["meta"]["data_through"] is None


def test_every_answer_says_how_sure_its_days_are(company, client):
    provisional(OCT_31, NOV_2)
    BillingDay.objects.filter(day=OCT_31).update(is_incomplete=True)

    meta = ask(client, "costs", start_date="2026-10-30", end_date="2026-11-05").json()["meta"]

    assert (meta["currency"], meta["data_through"]) == ("USD", "2026-11-02")
    assert meta["days"] == {
        "in_range": 6,
        "stored": 3,
        "missing": 3,
        "provisional": 2,
        "incomplete": 1,
        "first_provisional": "2026-10-31",
    }


def test_days_are_of_the_organizations_that_are_asked_for(company, client):
    meta = ask(client, "costs/summary", **EVERY_DAY, org="o-2").json()["meta"]

    assert (meta["data_through"], meta["days"]["stored"]) == ("2026-10-30", 1)


def test_it_repeats_the_question(company, client):
    meta = ask(
        client, "costs", ("env", "env-1"), ("env", "none"), **EVERY_DAY, group_by="product", top=2,
        cost_type="usage", order_by="-cost", granularity="total",
        **{"exclude[line_type]": "SUPPORT"},
    ).json()["meta"]  # fmt: skip

    assert meta["filter"] == {
        "start_date": "2026-10-30",
        "end_date": "2026-11-03",
        "period": None,
        "cost_type": "usage",
        "include": {"env": ["env-1", "none"]},
        "exclude": {"line_type": ["SUPPORT"]},
        "granularity": "total",
        "group_by": ["product"],
        "order_by": ["-cost"],
        "top": 2,
        "compare": "none",
    }


def test_it_lists_the_stored_days_newest_first(company, client):
    provisional(NOV_2)
    BillingDay.objects.filter(day=OCT_31).update(
        is_incomplete=True, held_since=datetime(2026, 11, 1, tzinfo=UTC), version=3
    )

    found = rows(
        client, "day", "org_id", "version", "is_settled", "is_incomplete", "is_held", "line_count",
        "amount_usd", route="costs/days",
    )  # fmt: skip

    assert found == [
        ("2026-11-02", "o-1", 1, False, False, False, 2, "100.0000000000"),
        ("2026-10-31", "o-1", 3, True, True, True, 1, "20.0000000000"),
        ("2026-10-30", "o-1", 1, True, False, False, 3, "180.0000000000"),
        ("2026-10-30", "o-2", 1, True, False, False, 1, "7.0000000000"),
    ]


def test_it_proves_the_days(company, client):
    document = ask(client, "costs/reconciliation", **EVERY_DAY).json()

    assert document["data"] == {
        "is_proven": True,
        "days": 4,
        "missing_days": 4,
        "doubtful_days": 0,
        "pending_days": 0,
        "archived_days": 0,
        "lines": 7,
        "amount_usd": "307.0000000000",
        "rounding_usd": "0.0000000000",
        "differences": [],
    }


def test_it_shows_what_does_not_agree(company, client):
    BillingDay.objects.filter(day=OCT_31).update(amount="21")

    data = ask(client, "costs/reconciliation", **EVERY_DAY).json()["data"]

    assert data["is_proven"] is False
    assert data["differences"][0] == {
        "org_id": "o-1",
        "day": "2026-10-31",
        "what": "sum of the lines",
        "bill": "21.0000000000",
        "found": "20.0000000000",
    }


def test_it_proves_no_more_than_a_month_at_once(company, client):
    answer = ask(client, "costs/reconciliation", start_date="2026-01-01", end_date="2026-02-02")

    assert answer.status_code == 400
    assert "At most 31 days" in answer.json()["errors"][0]["message"]
