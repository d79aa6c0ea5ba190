"""GET /api/v1/costs/line-items: the bill as received, now and as it was."""

import csv
import io
from decimal import Decimal

import pytest

from costs.models import CostLineItem
from costs.tests.asking import ask
from costs.tests.billed import EVERY_DAY, OCT_30, two_companies


@pytest.fixture(autouse=True)
def company(db):
    two_companies()


def lines(client, *columns, **asked):
    answer = ask(client, "costs/line-items", **EVERY_DAY, **asked)
    assert answer.status_code == 200, answer.content
    return [tuple(row[column] for column in columns) for row in answer.json()["data"]]


def restated():
    """The bill of 30 October as a second version: the support line is 33 now."""
    old = CostLineItem.objects.get(day=OCT_30, line_type="SUPPORT")
    new = CostLineItem.objects.get(pk=old.pk)
    new.pk, new.amount, new.first_version = None, Decimal("33"), 2
    new.save()
    CostLineItem.objects.filter(pk=old.pk).update(last_version=1)


def test_it_shows_everything_that_confluent_said(client):
    CostLineItem.objects.filter(resource_id="lkc-2").update(
        price=Decimal("0.00000000001"), quantity=Decimal("1E+3"), unit="GB", description="Tier 2",
        tier_dimensions={"tier": 2}, other_fields={"new": ["x"]}, provider_id="abc",
        original_amount=Decimal("60"), discount_amount=Decimal("10"),
        network_access_type="PRIVATELINK",
    )  # fmt: skip
    line = CostLineItem.objects.get(resource_id="lkc-2")

    (shown,) = ask(client, "costs/line-items", **EVERY_DAY, cluster="lkc-2").json()["data"]

    assert shown == {
        "day": "2026-10-30",
        "org_id": "o-1",
        "org_name": "Meridian",
        "env_id": "env-2",
        "env_name": "Try",
        "cluster_id": "lkc-2",
        "cluster_name": "tests",
        "product": "KAFKA",
        "line_type": "KAFKA_STORAGE",
        "network_access_type": "PRIVATELINK",
        "description": "Tier 2",
        "is_share": False,
        "amount_usd": "50.0000000000",
        "list_amount_usd": "50.0000000000",
        "line_item_id": line.pk,
        "provider_id": "abc",
        "unit": "GB",
        "price": "0.00000000001",
        "quantity": "1000",
        "original_amount": "60",
        "discount_amount": "10",
        "amount_received": "50",
        "amount_source": "billed",
        "tier_dimensions": {"tier": 2},
        "other_fields": {"new": ["x"]},
        "first_version": 1,
        "last_version": None,
    }


@pytest.mark.parametrize(
    ("version", "amount"),
    [(None, "33.0000000000"), (1, "30.0000000000"), (2, "33.0000000000")],
)
def test_it_shows_the_bill_as_of_a_version(client, version, amount):
    restated()
    asked = {"version": version} if version else {}

    assert lines(client, "amount_usd", line_type="SUPPORT", **asked) == [(amount,)]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"cluster": "none"}, ["30.0", "-10.0"]),
        ({"env": "env-1"}, ["100.0", "20.0", "110.0"]),
        ({"stage": "production"}, ["100.0", "20.0", "110.0"]),
        ({"product": "PROMO_CREDIT"}, ["-10.0"]),
        ({"org": "o-2"}, ["7.0"]),
        ({"exclude[product]": "KAFKA"}, ["30.0", "20.0", "-10.0"]),
        ({"exclude[env]": "none"}, ["100.0", "50.0", "7.0", "20.0", "110.0"]),
    ],
)
def test_it_filters_by_what_the_bill_names(client, asked, found):
    assert lines(client, "amount_usd", **asked) == [(f"{amount}000000000",) for amount in found]


def test_pages_hold_every_line_once(client):
    whole = lines(client, "line_item_id")

    address = "/api/v1/costs/line-items?start_date=2026-10-30&end_date=2026-11-03&limit=2"
    paged = []
    while address:
        document = client.get(address).json()
        paged += [(row["line_item_id"],) for row in document["data"]]
        address = document["meta"]["links"]["next"]

    assert paged == whole
    assert len(whole) == 7


def test_its_csv_holds_the_same_lines(client):
    streamed = ask(client, "costs/line-items", **EVERY_DAY, format="csv").getvalue().decode()

    amounts = [row["amount_usd"] for row in csv.DictReader(io.StringIO(streamed))]
    assert amounts == [amount for (amount,) in lines(client, "amount_usd")]
