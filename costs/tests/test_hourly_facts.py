"""GET /api/v1/costs/facts: every hour of every fact once, page after page or in one stream."""

import csv
import io
from decimal import Decimal

import pytest

from costs.models import DailyCostFact
from costs.tests.asking import ask, refusals
from costs.tests.billed import EVERY_DAY, two_companies


@pytest.fixture(autouse=True)
def company(db):
    two_companies()


def pages(client, **asked):
    """Every page, by following meta.links.next."""
    answer = ask(client, "costs/facts", **EVERY_DAY, **asked)
    while True:
        document = answer.json()
        yield document["data"]
        if (following := document["meta"]["links"]["next"]) is None:
            return
        answer = client.get(following)


def test_a_row_has_the_documented_columns_and_names(client):
    (first,) = ask(
        client, "costs/facts", **EVERY_DAY, cluster="lkc-2", cost_center="CC-2", limit=1
    ).json()["data"]

    assert first == {
        "timestamp": "2026-10-30T00:00:00Z",
        "org_id": "o-1",
        "org_name": "Meridian",
        "env_id": "env-2",
        "env_name": "Try",
        "cluster_id": "lkc-2",
        "cluster_name": "lkc-2",
        "product": "KAFKA",
        "line_type": "KAFKA_STORAGE",
        "business_unit": "BU-2",
        "cost_center": "CC-2",
        "allocation_confidence": "high",
        "allocation_method": "cluster_rule",
        "cost_usd": "0.8333333334",
    }


@pytest.mark.parametrize("limit", [1000, 24, 7, 5])
def test_pages_hold_every_row_once_in_one_order(client, limit):
    whole = [row for page in pages(client, limit=10_000) for row in page]

    paged = list(pages(client, limit=limit))

    assert [row for page in paged for row in page] == whole
    assert {len(page) for page in paged[:-1]} <= {limit}
    assert len(whole) == DailyCostFact.objects.count() * 24
    assert [row["timestamp"] for row in whole] == sorted(row["timestamp"] for row in whole)
    assert sum(Decimal(row["cost_usd"]) for row in whole) == 307


def test_the_stream_holds_the_rows_of_the_pages(client):
    streamed = ask(client, "costs/facts", **EVERY_DAY, format="csv").getvalue().decode()

    paged = [row for page in pages(client, limit=100) for row in page]
    assert list(csv.DictReader(io.StringIO(streamed))) == [
        {name: "" if value is None else value for name, value in row.items()} for row in paged
    ]


@pytest.mark.parametrize(
    ("cost_type", "total"), [("net", "307"), ("usage", "317"), ("credits", "-10")]
)
def test_it_filters_by_the_sign_of_the_day(client, cost_type, total):
    rows = [row for page in pages(client, cost_type=cost_type, limit=1000) for row in page]

    assert sum(Decimal(row["cost_usd"]) for row in rows) == Decimal(total)


def test_list_costs_have_no_hours(client):
    assert "cost_type" in refusals(ask(client, "costs/facts", **EVERY_DAY, cost_type="list"))


@pytest.mark.parametrize("cursor", ["x", "2026-10-30", "2026-10-30T00~-1", "2026-10-30T25~1", "~"])
def test_it_refuses_what_is_no_cursor(client, cursor):
    said = refusals(ask(client, "costs/facts", **EVERY_DAY, cursor=cursor))

    assert said == {"cursor": ("Take it from meta.next_cursor of the page before.", [])}


def test_the_bill_has_no_cursor_inside_a_day(client):
    said = refusals(ask(client, "costs/line-items", **EVERY_DAY, cursor="2026-10-30T13~1"))

    assert said.keys() == {"cursor"}


def test_a_cursor_after_the_last_row_leads_to_an_empty_page(client):
    document = ask(client, "costs/facts", **EVERY_DAY, cursor="2026-12-01T00~0").json()

    assert (document["data"], document["meta"]["next_cursor"]) == ([], None)
