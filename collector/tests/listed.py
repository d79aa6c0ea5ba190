"""Documents of Confluent's inventory lists, written by hand where a test must show every word."""

from typing import Any

from collector.simulator import SimulatedConfluent

ENVIRONMENTS = "/org/v2/environments"
KAFKA = "/cmk/v2/clusters"
KSQLDB = "/ksqldbcm/v2/clusters"
FLINK = "/fcpm/v2/compute-pools"
REGISTRIES = "/srcm/v3/clusters"
ACCOUNTS = "/iam/v2/service-accounts"
USERS = "/iam/v2/users"


def connectors_of(cluster: str, environment: str = "env-prod") -> str:
    return f"/connect/v1/environments/{environment}/clusters/{cluster}/connectors"


def environment(id: str = "env-prod", name: str = "Production") -> dict[str, Any]:
    return {"id": id, "display_name": name}


def kafka(id: str = "lkc-orders", **spec: Any) -> dict[str, Any]:
    """A Dedicated cluster of 2 CKU in Frankfurt."""
    spec = {
        "display_name": "orders",
        "availability": "MULTI_ZONE",
        "cloud": "AWS",
        "region": "eu-central-1",
        "config": {"kind": "Dedicated", "cku": 2},
        "environment": {"id": "env-prod"},
        **spec,
    }
    return {"id": id, "spec": spec, "status": {"phase": "PROVISIONED"}}


def connector(id: str = "lcc-sink", name: str = "to-s3", **config: Any) -> dict[str, Any]:
    config = {
        "connector.class": "S3_SINK",
        "tasks.max": "2",
        "kafka.auth.mode": "SERVICE_ACCOUNT",
        "kafka.service.account.id": "sa-orders",
        **config,
    }
    return {
        "id": {"id": id, "id_type": "ID"},
        "info": {"name": name, "type": "sink", "config": config},
        "status": {"connector": {"state": "RUNNING"}},
    }


def ksqldb(id: str = "lksqlc-stock", **spec: Any) -> dict[str, Any]:
    spec = {
        "display_name": "stock",
        "csu": 8,
        "kafka_cluster": {"id": "lkc-orders"},
        "credential_identity": {"id": "sa-stock"},
        **spec,
    }
    return {"id": id, "spec": spec, "status": {"phase": "PROVISIONED", "is_paused": False}}


def pool(id: str = "lfcp-fraud", **spec: Any) -> dict[str, Any]:
    spec = {
        "display_name": "fraud",
        "cloud": "GCP",
        "region": "europe-west3",
        "max_cfu": 50,
        **spec,
    }
    return {"id": id, "spec": spec, "status": {"phase": "PROVISIONED", "current_cfu": 3}}


def registry(id: str = "lsrc-prod", **spec: Any) -> dict[str, Any]:
    spec = {
        "display_name": "Stream Governance Package",
        "package": "ADVANCED",
        "cloud": "AWS",
        "region": "eu-central-1",
        **spec,
    }
    return {"id": id, "spec": spec, "status": {"phase": "PROVISIONED"}}


def serve(confluent: SimulatedConfluent, **lists: Any) -> None:
    """One environment env-prod with these lists (by the names above) and nothing else in them.

    `connectors` are those of lkc-orders by name.
    """
    of_organization = {"environments": ENVIRONMENTS, "accounts": ACCOUNTS, "users": USERS}
    of_environment = {
        "kafka": KAFKA,
        "ksqldb": KSQLDB,
        "flink": FLINK,
        "registries": REGISTRIES,
    }
    lists = {"environments": [environment()], "accounts": [], "users": [], **lists}
    for name, path in of_organization.items():
        confluent.override_list(path, lists[name])
    for name, path in of_environment.items():
        confluent.override_list(path, lists.get(name, []), "env-prod")
    confluent.override_list(connectors_of("lkc-orders"), lists.get("connectors", {}))
