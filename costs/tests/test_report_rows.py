"""GET /api/v1/costs: flat rows by period and dimensions, in the order that was asked for."""

from datetime import date

import pytest

from costs.tests.asking import ask, rows
from costs.tests.billed import bill, two_companies
from costs.tests.ownership import line, organization


@pytest.fixture(autouse=True)
def company(db):
    two_companies()


def test_it_gives_a_row_a_day_by_itself(client):
    assert rows(client, "period_start", "period_end", "cost_usd") == [
        ("2026-10-30", "2026-10-31", "187.0000000000"),
        ("2026-10-31", "2026-11-01", "20.0000000000"),
        ("2026-11-02", "2026-11-03", "100.0000000000"),
    ]


def test_it_shows_ids_and_names_of_what_it_groups_by(client):
    found = rows(
        client, "org_id", "org_name", "env_id", "env_name", "cluster_id", "cluster_name",
        "cost_usd", granularity="total", group_by="org,env,cluster",
    )  # fmt: skip

    assert found == [
        ("o-1", "Meridian", "env-1", "Live", "lkc-1", "lkc-1", "210.0000000000"),
        ("o-1", "Meridian", "env-2", "Try", "lkc-2", "lkc-2", "50.0000000000"),
        ("o-1", "Meridian", "env-1", "Live", "lcc-3", "lcc-3", "20.0000000000"),
        ("o-1", "Meridian", None, None, None, None, "20.0000000000"),
        ("o-2", "Borealis", "env-9", None, "lkc-9", "lkc-9", "7.0000000000"),
    ]


@pytest.mark.parametrize(
    ("group_by", "expected"),
    [
        ("stage", [("production", "230.0000000000"), (None, "77.0000000000")]),
        (
            "product",
            [
                ("KAFKA", "267.0000000000"),
                ("SUPPORT", "30.0000000000"),
                ("CONNECT", "20.0000000000"),
                ("PROMO_CREDIT", "-10.0000000000"),
            ],
        ),
        (
            "business_unit",
            [
                ("BU-1", "266.0000000000"),
                ("BU-2", "24.0000000000"),
                ("Unallocated", "10.0000000000"),
                ("BU-9", "7.0000000000"),
            ],
        ),
        (
            "confidence",
            [
                ("high", "267.0000000000"),
                ("low", "40.0000000000"),
            ],
        ),
        (
            "method",
            [
                ("cluster_rule", "267.0000000000"),
                ("shared_proportional", "30.0000000000"),
                ("unallocated", "20.0000000000"),
                ("shared_central", "-10.0000000000"),
            ],
        ),
    ],
)
def test_it_groups_by(client, group_by, expected):
    key = {"confidence": "allocation_confidence", "method": "allocation_method"}

    found = rows(
        client, key.get(group_by, group_by), "cost_usd", granularity="total", group_by=group_by
    )

    assert found == expected


@pytest.mark.parametrize(
    ("granularity", "expected"),
    [
        # 26 October is a Monday; the range cuts its week and the next one.
        ("weekly", [("2026-10-30", "2026-11-02", "207.0"), ("2026-11-02", "2026-11-03", "100.0")]),
        ("monthly", [("2026-10-30", "2026-11-01", "207.0"), ("2026-11-01", "2026-11-03", "100.0")]),
        ("total", [("2026-10-30", "2026-11-03", "307.0")]),
    ],
)
def test_it_says_which_days_of_the_range_a_period_has(client, granularity, expected):
    found = rows(client, "period_start", "period_end", "cost_usd", granularity=granularity)

    assert found == [(start, end, f"{cost}000000000") for start, end, cost in expected]


def test_it_splits_a_day_into_hours_that_add_up(client):
    found = rows(
        client, "period_start", "period_end", "cost_usd",
        granularity="hourly", start_date="2026-10-31", end_date="2026-11-01",
    )  # fmt: skip

    assert len(found) == 24
    assert found[0] == ("2026-10-31T00:00:00Z", "2026-10-31T01:00:00Z", "0.8333333334")
    assert found[-1] == ("2026-10-31T23:00:00Z", "2026-11-01T00:00:00Z", "0.8333333333")


@pytest.mark.parametrize(
    ("cost_type", "total"),
    [
        ("net", "307.0000000000"),
        ("usage", "317.0000000000"),
        ("credits", "-10.0000000000"),
        ("list", "327.0000000000"),
    ],
)
def test_it_counts_what_the_cost_type_says(client, cost_type, total):
    assert rows(client, "cost_usd", granularity="total", cost_type=cost_type) == [(total,)]


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        ("cost", ["PROMO_CREDIT", "CONNECT", "SUPPORT", "KAFKA"]),
        ("-cost", ["KAFKA", "SUPPORT", "CONNECT", "PROMO_CREDIT"]),
        ("product", ["CONNECT", "KAFKA", "PROMO_CREDIT", "SUPPORT"]),
        ("-product", ["SUPPORT", "PROMO_CREDIT", "KAFKA", "CONNECT"]),
    ],
)
def test_it_sorts(client, order_by, expected):
    found = rows(client, "product", granularity="total", group_by="product", order_by=order_by)

    assert [product for (product,) in found] == expected


def test_it_keeps_the_largest_groups_and_adds_up_the_others_exactly(client):
    answer = ask(
        client, "costs", start_date="2026-10-30", end_date="2026-11-03", granularity="daily",
        group_by="cluster", top=1,
    ).json()  # fmt: skip

    found = [
        (r["period_start"], r["cluster_name"], r["is_others"], r["cost_usd"])
        for r in answer["data"]
    ]
    assert found == [
        ("2026-10-30", "lkc-1", False, "100.0000000000"),
        ("2026-10-30", "Others", True, "87.0000000000"),
        ("2026-10-31", "Others", True, "20.0000000000"),
        ("2026-11-02", "lkc-1", False, "110.0000000000"),
        ("2026-11-02", "Others", True, "-10.0000000000"),
    ]
    assert answer["meta"]["groups_in_others"] == 4
    assert answer["meta"]["total"]["cost_usd"] == "307.0000000000"


def test_credits_come_with_the_largest_first(client):
    bill(
        organization("o-1"), line("-3", day=date(2026, 12, 1)), line("-9", day=date(2026, 12, 1),
        product="CONNECT"),
    )  # fmt: skip

    found = rows(
        client, "cost_usd", start_date="2026-12-01", end_date="2026-12-02", cost_type="credits",
        group_by="product",
    )  # fmt: skip

    assert found == [("-9.0000000000",), ("-3.0000000000",)]


def test_it_takes_the_largest_credits_first(client):
    found = rows(
        client, "product", "cost_usd", granularity="total", cost_type="credits", group_by="product",
        top=1,
    )  # fmt: skip

    assert found == [("PROMO_CREDIT", "-10.0000000000")]


def test_it_counts_and_adds_up_all_rows_whichever_page_it_shows(client):
    pages = [
        ask(client, "costs", start_date="2026-10-30", end_date="2026-11-03", limit=2, offset=offset)
        for offset in (0, 2, 4)
    ]

    assert [len(page.json()["data"]) for page in pages] == [2, 1, 0]
    for page in pages:
        meta = page.json()["meta"]
        assert (meta["count"], meta["total"]) == (3, {"cost_usd": "307.0000000000"})
    links = [page.json()["meta"]["links"] for page in pages]
    assert links[0]["next"].endswith("limit=2&offset=2")
    assert (links[0]["previous"], links[1]["next"], links[2]["next"]) == (None, None, None)
    assert links[1]["previous"].endswith("limit=2&offset=0")


def test_it_answers_an_empty_range_with_no_rows_and_a_total_of_zero(client):
    answer = ask(client, "costs", start_date="2020-01-01", end_date="2020-02-01").json()

    assert answer["data"] == []
    assert answer["meta"]["total"] == {"cost_usd": "0.0000000000"}
    assert (answer["meta"]["count"], answer["meta"]["days"]["missing"]) == (0, 31)
