"""What each kind of document fills, column by column."""

import pytest

from collector.tests import listed
from costs.clock import database_now
from dimensions.models import Cluster, Environment, Principal

COLUMNS = (
    "cluster_id", "kind", "name", "env_id", "cluster_type", "capacity", "cloud_provider",
    "region", "availability", "status", "parent_cluster_id", "owner_principal",
)  # fmt: skip
ORDERS = (
    "lkc-orders", "kafka", "orders", "env-prod", "Dedicated", "2 CKU", "aws",
    "eu-central-1", "MULTI_ZONE", "PROVISIONED", None, "",
)  # fmt: skip


def clusters():
    return list(Cluster.objects.order_by("cluster_id").values_list(*COLUMNS))


def test_it_fills_a_kafka_cluster(confluent, sync):
    listed.serve(confluent, kafka=[listed.kafka()])

    sync()

    assert clusters() == [ORDERS]


@pytest.mark.parametrize(
    ("config", "status", "cluster_type", "capacity"),
    [
        ({"kind": "Basic"}, {}, "Basic", ""),
        ({"kind": "Standard", "max_ecku": 10}, {}, "Standard", "10 eCKU at most"),
        ({"kind": "Enterprise", "max_ecku": 32}, {}, "Enterprise", "32 eCKU at most"),
        ({"kind": "Freight", "max_ecku": 20}, {}, "Freight", "20 eCKU at most"),
        ({"kind": "Dedicated", "cku": 8}, {"cku": 4}, "Dedicated", "4 CKU"),
        ({"kind": "Quantum", "qubits": 5}, {}, "Quantum", ""),
        (None, {}, "", ""),
    ],
)
def test_it_tells_types_and_capacities(confluent, sync, config, status, cluster_type, capacity):
    document = listed.kafka(config=config)
    document["status"].update(status)
    listed.serve(confluent, kafka=[document])

    sync()

    assert Cluster.objects.values_list("cluster_type", "capacity").get() == (cluster_type, capacity)


def test_it_fills_a_connector_with_where_it_runs(confluent, sync):
    listed.serve(confluent, kafka=[listed.kafka()], connectors={"to-s3": listed.connector()})

    sync()

    assert clusters() == [
        (
            "lcc-sink", "connector", "to-s3", "env-prod", "S3_SINK", "2 tasks", "aws",
            "eu-central-1", "", "RUNNING", "lkc-orders", "sa-orders",
        ),
        ORDERS,
    ]  # fmt: skip


@pytest.mark.parametrize("account", ["****************", None, ""])
def test_it_leaves_open_as_whom_a_connector_runs(confluent, sync, account):
    document = listed.connector(**{"kafka.service.account.id": account, "tasks.max": "1"})
    listed.serve(confluent, kafka=[listed.kafka()], connectors={"to-s3": document})

    sync()

    rows = Cluster.objects.filter(kind="connector").values_list("owner_principal", "capacity")
    assert list(rows) == [("", "1 task")]


def test_it_fills_ksqldb_flink_and_schema_registry(confluent, sync):
    listed.serve(
        confluent,
        kafka=[listed.kafka()],
        ksqldb=[listed.ksqldb()],
        flink=[listed.pool()],
        registries=[listed.registry()],
    )

    sync()

    assert clusters() == [
        (
            "lfcp-fraud", "flink", "fraud", "env-prod", "", "50 CFU at most", "gcp",
            "europe-west3", "", "PROVISIONED", None, "",
        ),
        ORDERS,
        (
            "lksqlc-stock", "ksqldb", "stock", "env-prod", "", "8 CSU", "aws",
            "eu-central-1", "", "PROVISIONED", "lkc-orders", "sa-stock",
        ),
        (
            "lsrc-prod", "schema_registry", "Stream Governance Package", "env-prod", "ADVANCED",
            "", "aws", "eu-central-1", "", "PROVISIONED", None, "",
        ),
    ]  # fmt: skip


def test_it_says_that_a_ksqldb_cluster_is_paused(confluent, sync):
    document = listed.ksqldb()
    document["status"]["is_paused"] = True
    listed.serve(confluent, ksqldb=[document])

    sync()

    # Its Kafka cluster is not in the list, so nobody knows where it runs.
    assert Cluster.objects.values_list("status", "cloud_provider", "parent_cluster_id").get() == (
        "PAUSED",
        "",
        "lkc-orders",
    )


def test_it_fills_service_accounts(confluent, sync):
    document = {"id": "sa-orders", "display_name": "orders", "description": "team=checkout"}
    listed.serve(confluent, accounts=[document])

    sync()

    columns = ("principal_id", "kind", "name", "description", "metadata")
    assert list(Principal.objects.values_list(*columns)) == [
        ("sa-orders", "service_account", "orders", "team=checkout", document)
    ]


def test_it_keeps_the_document_and_the_days(confluent, sync):
    listed.serve(confluent, kafka=[listed.kafka()])

    sync()

    today = database_now().date()
    columns = ("metadata", "first_seen", "last_seen", "gone_since")
    assert Cluster.objects.values_list(*columns).get() == (listed.kafka(), today, today, None)
    assert Environment.objects.values_list("env_id", "name", *columns).get() == (
        "env-prod",
        "Production",
        listed.environment(),
        today,
        today,
        None,
    )
