"""Which clusters the insights name, and why."""

from datetime import UTC, date, datetime, timedelta

import pytest

from collector.payloads import KNOWN_LINE_TYPES
from costs.tests.billed import bill
from costs.tests.ownership import cluster, line, organization
from dimensions.models import Cluster
from grafana.source.queries import query
from grafana.tests.shown import asked

VARIABLES = ("org", "environment", "product", "business_unit", "cluster", "cost_center")
# Of Kafka and Connect, what is billed whether it is used or not.
STANDING = {
    *("KAFKA_BASE", "KAFKA_NUM_CKUS", "KAFKA_STORAGE", "KAFKA_PARTITION"),
    *("CONNECT_CAPACITY", "CONNECT_NUM_TASKS", "CUSTOM_CONNECT_NUM_TASKS"),
    *("CLUSTER_LINKING_PER_LINK", "TABLEFLOW_NUM_TOPICS", "TABLEFLOW_STORAGE"),
}
FIRST = date(2026, 10, 1)


@pytest.fixture
def company(db):
    made = organization()
    for cluster_id in ("lkc-busy", "lkc-idle"):
        cluster(cluster_id, of=made)
    Cluster.objects.update(kind="kafka")
    return made


def insights(company, product=("KAFKA", "TABLEFLOW")):
    chosen = {
        "org": [str(company.pk)],
        "environment": ["none"],
        "product": [*product],
        "business_unit": ["Unallocated"],
        "cluster": ["lkc-busy", "lkc-idle", "none"],
        "cost_center": ["Unallocated"],
    }
    days = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 14, tzinfo=UTC)
    answer = asked(query("historical/insights", VARIABLES), *days, chosen)
    columns = ("Insight", "Cluster", "Reason", "Dollars")
    rows = zip(*(answer.column(name) for name in columns), strict=True)
    return [(*row[:3], f"{row[3]:.2f}") for row in rows]


def daily(amounts, cluster_id, **fields):
    return [
        line(amount, day=FIRST + timedelta(days=number), resource=cluster_id, **fields)
        for number, amount in enumerate(amounts)
    ]


def test_a_cluster_without_traffic_for_a_week_is_inactive(company):
    bill(
        company,
        *daily(["10"] * 14, "lkc-busy"),
        *daily(["1"] * 14, "lkc-busy", line_type="KAFKA_NETWORK_READ"),
        *daily(["1"] * 14, "lkc-idle"),
        *daily(["0.1"] * 6, "lkc-idle", line_type="KAFKA_NETWORK_READ"),
    )

    assert insights(company) == [
        ("High cost", "lkc-busy", "91 % of the chosen costs of all clusters", "154.00"),
        (
            "Inactive, still billed",
            "lkc-idle",
            "No traffic was billed in the last 7 billed days",
            "7.00",
        ),
    ]


def test_a_chosen_product_without_traffic_of_its_own_makes_nothing_inactive(company):
    bill(
        company,
        *daily(["10"] * 14, "lkc-busy", product="TABLEFLOW", line_type="TABLEFLOW_NUM_TOPICS"),
        *daily(["1"] * 14, "lkc-busy", line_type="KAFKA_NETWORK_READ"),
    )

    assert insights(company, product=["TABLEFLOW"]) == [
        ("High cost", "lkc-busy", "100 % of the chosen costs of all clusters", "140.00")
    ]


def test_what_confluent_no_longer_lists_is_inactive(company):
    bill(company, *daily(["3"] * 14, "lkc-idle", line_type="KAFKA_NETWORK_READ"))
    Cluster.objects.filter(cluster_id="lkc-idle").update(gone_since=date(2026, 10, 12))

    assert insights(company)[1] == (
        "Inactive, still billed", "lkc-idle", "Confluent lists it no more since 2026-10-12", "6.00",
    )  # fmt: skip


def test_a_cluster_whose_days_differ_has_high_variance(company):
    bill(
        company,
        *daily(["1", "1", "1", "1", "1", "1", "8"], "lkc-busy", line_type="KAFKA_NETWORK_READ"),
    )

    assert insights(company)[1] == (
        "High variance",
        "lkc-busy",
        "Its days differ by 132 % of their average; the dearest is 4.0 times that",
        "6.00",
    )


def test_every_documented_charge_of_kafka_and_connect_is_traffic_or_standing():
    sql = query("historical/insights", VARIABLES)
    judged = {
        name
        for name in KNOWN_LINE_TYPES
        if name.startswith(("KAFKA", "CONNECT", "CUSTOM_CONNECT", "CLUSTER_LINK", "TABLEFLOW"))
    }

    traffic = {name for name in judged if f"'{name}'" in sql}

    assert traffic | STANDING == judged
    assert traffic & STANDING == set()
