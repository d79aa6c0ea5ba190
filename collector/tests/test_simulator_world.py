import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from collector.simulator import World, net_amount
from collector.simulator.company import KAFKA_CLUSTERS, RESOURCES

BORN = date(2025, 1, 1)
LATER = datetime(2025, 12, 1, tzinfo=UTC)
FIRST_90 = [BORN + timedelta(days=number) for number in range(90)]

PRODUCTS = """
    KAFKA CONNECT KSQL AUDIT_LOG STREAM_GOVERNANCE CLUSTER_LINK CUSTOM_CONNECT FLINK TABLEFLOW USM
    SUPPORT_CLOUD_BASIC SUPPORT_CLOUD_DEVELOPER SUPPORT_CLOUD_BUSINESS SUPPORT_CLOUD_PREMIER
"""
LINE_TYPES = """
    KAFKA_STORAGE KAFKA_PARTITION KAFKA_NETWORK_READ KAFKA_NETWORK_WRITE KAFKA_BASE KAFKA_NUM_CKUS
    KAFKA_REST_PRODUCE KAFKA_STREAMS KSQL_NUM_CSUS CONNECT_CAPACITY CONNECT_NUM_TASKS
    CONNECT_THROUGHPUT CONNECT_NUM_RECORDS SUPPORT CLUSTER_LINKING_PER_LINK CLUSTER_LINKING_WRITE
    CLUSTER_LINKING_READ AUDIT_LOG_READ GOVERNANCE_BASE SCHEMA_REGISTRY PROMO_CREDIT
    CUSTOM_CONNECT_NUM_TASKS CUSTOM_CONNECT_THROUGHPUT NUM_RULES FLINK_NUM_CFUS
    TABLEFLOW_DATA_PROCESSED TABLEFLOW_NUM_TOPICS TABLEFLOW_STORAGE USM_CONNECTED_NODE
"""


@pytest.fixture(scope="module")
def world():
    return World(seed=1, born=BORN)


@pytest.fixture(scope="module")
def rows(world):
    return [row for day in FIRST_90 for row in world.bill(day, LATER)]


def hours_after(day, hours):
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)


def test_it_gives_the_same_bytes_in_another_process():
    script = (
        "import json, sys; from datetime import *; from collector.simulator import World;"
        "day, as_of = date(2025, 3, 9), datetime(2025, 3, 11, tzinfo=UTC);"
        "sys.stdout.write(json.dumps(World(7, date(2025, 1, 1)).bill(day, as_of)))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            check=True,
            text=True,
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for hash_seed in ("1", "2")
    }
    here = World(7, BORN).bill(date(2025, 3, 9), datetime(2025, 3, 11, tzinfo=UTC))
    assert texts == {json.dumps(here)}


def test_it_gives_other_numbers_for_another_seed(world):
    other = World(seed=2, born=BORN)
    assert other.bill(BORN, LATER) != world.bill(BORN, LATER)
    assert other.organization_id != world.organization_id


def test_it_hands_out_rows_that_may_be_changed(world):
    row = world.bill(BORN, LATER)[20]
    row["resource"]["id"] = "changed"
    row["amount"] = 0
    assert world.bill(BORN, LATER)[20] != row


def test_it_bills_every_product_within_90_days(rows):
    assert {row["product"] for row in rows} - {None} == {*PRODUCTS.split(), "CONTEXT_ENGINE"}


def test_it_bills_every_line_type_within_90_days(rows):
    expected = {*LINE_TYPES.split(), "LIGHTNING_QUERY_UNITS"}
    assert {row["line_type"] for row in rows} == expected


def test_it_costs_a_believable_amount_every_day(world):
    for day in FIRST_90:
        assert 1500 < world.billed(day, LATER) < 4000


def test_it_owns_about_40_resources_of_every_kind():
    prefixes = {each.id.split("-")[0] for each in RESOURCES}
    assert prefixes >= {"lkc", "lcc", "clcc", "lksqlc", "lfcp", "lsrc", "usmkc"}
    assert 38 <= len(RESOURCES) <= 45
    assert len({each.id for each in RESOURCES}) == len(RESOURCES)


def test_it_has_no_rows_before_birth_or_after_the_moment_of_asking(world):
    assert world.bill(BORN - timedelta(days=1), LATER) == []
    assert world.bill(date(2025, 2, 2), datetime(2025, 2, 1, 23, 59, tzinfo=UTC)) == []
    assert world.bill(date(2025, 2, 2), datetime(2025, 2, 2, 0, 0, tzinfo=UTC)) != []


def test_it_wants_an_aware_moment(world):
    with pytest.raises(ValueError, match="aware"):
        world.bill(BORN, datetime(2025, 2, 1))


def test_it_grows_until_72_hours_after_the_day_ended(world):
    day = date(2025, 2, 3)
    bills = [world.bill(day, hours_after(day, hour)) for hour in range(0, 97, 3)]
    counts = [len(bill) for bill in bills]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]
    assert world.bill(day, hours_after(day, 95.99)) != bills[-1]
    for earlier, later in pairwise(bills):
        assert sum(row["quantity"] or 0 for row in earlier) < sum(
            row["quantity"] or 0 for row in later
        )


def test_it_keeps_late_line_types_back(world):
    day = date(2025, 2, 3)
    seen = [
        {row["line_type"] for row in world.bill(day, hours_after(day, hour))} for hour in (20, 96)
    ]
    assert seen[1] - seen[0] >= {"SUPPORT", "AUDIT_LOG_READ", "CONNECT_NUM_RECORDS"}


def test_it_is_final_until_the_bill_is_five_days_old(world):
    for day in FIRST_90[:30]:
        assert world.bill(day, hours_after(day, 96)) == world.bill(day, hours_after(day, 144))
        assert world.state(day, hours_after(day, 144)) == "settled"


def test_it_restates_about_one_day_in_ten(world):
    days = [BORN + timedelta(days=number) for number in range(365)]
    assert 20 <= sum(world.is_restated(day) for day in days) <= 55


def test_it_changes_a_row_removes_one_and_adds_a_credit_when_it_restates(world):
    day = next(day for day in FIRST_90 if world.is_restated(day))
    before = world.bill(day, hours_after(day, 100))
    after = world.bill(day, hours_after(day, 145))
    assert len(after) == len(before)
    [changed, credit] = [row for row in after if row not in before]
    gone = [row for row in before if row not in after]
    assert len(gone) == 2
    [original] = [row for row in gone if row["quantity"] == changed["quantity"]]
    assert changed["amount"] == pytest.approx(original["amount"] * 0.9)
    assert credit["line_type"] == "PROMO_CREDIT"
    assert credit["amount"] < 0
    assert world.billed(day, LATER) < world.billed(day, hours_after(day, 100))


def test_it_leaves_other_days_alone(world):
    day = next(day for day in FIRST_90 if not world.is_restated(day))
    assert world.bill(day, hours_after(day, 96)) == world.bill(day, LATER)


def test_it_creates_a_cluster_and_deletes_one(world):
    def clusters(age):
        bill = world.bill(BORN + timedelta(days=age), LATER)
        return {(row.get("resource") or {}).get("id") for row in bill}

    assert clusters(30) - clusters(29) == {"lkc-n36bke"}
    assert clusters(59) - clusters(60) == {"lkc-j9d5xs"}
    assert {"lkc-n36bke", "lkc-j9d5xs"} <= {each.id for each in KAFKA_CLUSTERS}


def test_it_uses_less_on_sundays(world):
    assert world.billed(date(2025, 1, 12), LATER) < world.billed(date(2025, 1, 10), LATER)


def test_it_has_legacy_rows_with_and_without_amounts(rows):
    legacy = [row for row in rows if "environment" in row]
    assert {json.dumps(row["environment"]) for row in legacy} == {'{"id": "env-g2lw0"}'}
    assert {row["resource"]["environment"] for row in legacy} == {"env-g2lw0"}
    assert all(row["start_date"].endswith(" 00:00:00") for row in legacy)
    assert {
        tuple(name for name in ("original_amount", "discount_amount", "amount") if name in row)
        for row in legacy
    } == {
        ("original_amount", "discount_amount", "amount"),
        ("original_amount", "discount_amount"),
        (),
    }


def test_it_has_rows_that_only_price_and_quantity_tell_apart(world):
    reads = [
        row
        for row in world.bill(BORN, LATER)
        if row["line_type"] == "KAFKA_NETWORK_WRITE" and row["resource"]["id"] == "lkc-7yz3mk"
    ]
    varying = {"id", "price", "quantity", "original_amount", "discount_amount", "amount"}
    first, second = ({k: v for k, v in row.items() if k not in varying} for row in reads)
    assert first == second
    assert reads[0]["price"] != reads[1]["price"]


def test_it_has_named_tiers_and_exact_duplicates_and_tiny_quantities(rows):
    texts = Counter(json.dumps(row) for row in rows)
    assert any(count > 1 for count in texts.values())
    assert any("from_gb" in row.get("tier_dimensions", {}) for row in rows)
    assert any("connector_type" in row.get("tier_dimensions", {}) for row in rows)
    assert any("e-05" in repr(row["quantity"]) for row in rows)
    assert any(len(repr(row.get("amount"))) > 14 for row in rows)


def test_it_has_missing_and_repeated_ids(rows):
    ids = Counter(row.get("id") for row in rows)
    assert ids[None] > 0
    assert any(count > 1 for id, count in ids.items() if id)


def test_it_has_null_and_absent_resources_and_environments(rows):
    support = [row for row in rows if row["line_type"] == "SUPPORT"]
    assert {row["resource"] for row in support} == {None}
    assert not any("resource" in row for row in rows if row["line_type"] == "AUDIT_LOG_READ")
    nodes = [row for row in rows if row["line_type"] == "USM_CONNECTED_NODE"]
    assert {row["resource"]["environment"] for row in nodes} == {None}


def test_it_gives_credits_with_and_without_a_product(rows):
    credits = [row for row in rows if row["line_type"] == "PROMO_CREDIT"]
    assert {row["product"] for row in credits} == {None, "KAFKA"}
    assert {(row["unit"], row["price"], row["quantity"]) for row in credits} == {(None,) * 3}
    assert all(row["amount"] < 0 and row["description"] for row in credits)


def test_it_starts_to_bill_an_unknown_product_on_day_50(world):
    products = [
        {row["product"] for row in world.bill(BORN + timedelta(days=age), LATER)}
        for age in (49, 50)
    ]
    assert products[1] - products[0] == {"CONTEXT_ENGINE"}


@pytest.mark.parametrize(
    ("row", "cost"),
    [
        ({"amount": 0.1, "original_amount": 9.0}, Decimal("0.1")),
        ({"original_amount": 1.1, "discount_amount": 0.3}, Decimal("0.8")),
        ({"original_amount": 1.1}, Decimal("1.1")),
        ({"quantity": 2.6e-05, "price": 0.5}, Decimal("0.000013")),
        ({"amount": None, "quantity": 3, "price": 2}, Decimal(6)),
        ({}, Decimal(0)),
    ],
)
def test_it_finds_the_net_amount_of_a_row(row, cost):
    assert net_amount(row) == cost


def test_it_adds_four_lines_for_each_cluster_of_scale(world):
    more = World(born=BORN, scale=50).bill(BORN, LATER)
    stores = [row for row in more if "store-0" in json.dumps(row)]
    assert len(stores) == 200
    assert len({row["resource"]["id"] for row in stores}) == 50


def test_it_describes_its_organization_and_environments(world):
    organization = world.organization()
    assert organization["display_name"] == "Meridian Foods"
    assert len(organization["id"]) == 36
    environments = world.environments()
    assert [each["display_name"] for each in environments] == [
        "Production",
        "Staging",
        "Development",
        "Analytics",
        "Greenfield Dairies",
    ]
    assert environments[0]["stream_governance_config"] == {"package": "ADVANCED"}
    assert environments[0]["metadata"]["resource_name"].endswith(
        f"organization={organization['id']}/environment=env-p7kd2w"
    )
