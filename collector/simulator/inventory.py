"""The documents of the company's inventory lists as they stand at a moment; pure, like the bill.

What has not begun or has ended by then is in no list. https://docs.confluent.io/cloud/current/api.html
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from collector.simulator import estate
from collector.simulator.company import ENVIRONMENTS, RESOURCES, Resource, stores
from collector.simulator.estate import HOME, Account, Connector, Person

Document = dict[str, Any]

API = "https://api.confluent.cloud"


@dataclass(frozen=True, slots=True)
class Inventory:
    """What is there `age` days after the world was born, in the organization with that id."""

    organization_id: str
    age: int
    scale: int = 0

    def kafka_clusters(self, env_id: str) -> list[Document]:
        return [self._kafka_cluster(each) for each in self._of("lkc", env_id)]

    def connectors(self, env_id: str, cluster_id: str) -> dict[str, Document] | None:
        """By name; None if the environment has no such Kafka cluster."""
        if cluster_id not in {each.id for each in self._of("lkc", env_id)}:
            return None
        return {
            each.name: _connector(each)
            for each in self._of("lcc", env_id)
            if estate.CONNECTORS[each.id].kafka == cluster_id
        }

    def ksqldb_clusters(self, env_id: str) -> list[Document]:
        return [self._ksqldb_cluster(each) for each in self._of("lksqlc", env_id)]

    def compute_pools(self, env_id: str) -> list[Document]:
        return [self._compute_pool(each) for each in self._of("lfcp", env_id)]

    def schema_registries(self, env_id: str) -> list[Document]:
        return [self._schema_registry(each) for each in self._of("lsrc", env_id)]

    def service_accounts(self) -> list[Document]:
        return [self._service_account(each) for each in estate.SERVICE_ACCOUNTS]

    def users(self) -> list[Document]:
        return [self._user(each) for each in estate.USERS]

    def _of(self, prefix: str, env_id: str) -> Iterable[Resource]:
        for each in (*RESOURCES, *stores(self.scale)):
            has_begun = self.age >= each.from_day
            has_ended = each.until_day is not None and self.age >= each.until_day
            is_asked_for = each.environment == env_id and each.id.split("-")[0] == prefix
            if is_asked_for and has_begun and not has_ended:
                yield each

    def _kafka_cluster(self, cluster: Resource) -> Document:
        place = estate.ELSEWHERE.get(cluster.id, HOME)
        host = _host(cluster.id)
        config = _kafka_config(cluster)
        status: Document = {"phase": "PROVISIONED"}
        if "cku" in config:
            status["cku"] = config["cku"]
        spec = {
            "display_name": cluster.name,
            "availability": _availability(config, cluster),
            "cloud": place.cloud,
            "region": place.region,
            "config": config,
            "kafka_bootstrap_endpoint": f"SASL_SSL://{host}:9092",
            "http_endpoint": f"https://{host}:443",
            "environment": self._environment(cluster.environment),
        }
        return self._document("cmk/v2", "Cluster", cluster, "clusters", spec, status)

    def _ksqldb_cluster(self, cluster: Resource) -> Document:
        runs = estate.KSQLDB[cluster.id]
        of = "users" if runs.identity.startswith("u-") else "service-accounts"
        spec = {
            "display_name": cluster.name,
            "use_detailed_processing_log": True,
            "csu": int(cluster.size),
            "kafka_cluster": self._reference(runs.kafka, f"cmk/v2/clusters/{runs.kafka}"),
            "credential_identity": self._reference(runs.identity, f"iam/v2/{of}/{runs.identity}"),
            "environment": self._environment(cluster.environment),
        }
        status = {
            "http_endpoint": f"https://p{cluster.id[1:]}.eu-central-1.aws.confluent.cloud",
            "phase": "PROVISIONED",
            "is_paused": False,
            "storage": 125 * int(cluster.size),
            "topic_prefix": f"p{cluster.id[1:]}",
        }
        return self._document("ksqldbcm/v2", "Cluster", cluster, "clusters", spec, status)

    def _compute_pool(self, pool: Resource) -> Document:
        spec = {
            "display_name": pool.name,
            "cloud": HOME.cloud,
            "region": HOME.region,
            "max_cfu": estate.MAX_CFU[pool.id],
            "enable_ai": False,
            "default_pool": False,
            "environment": self._environment(pool.environment),
        }
        # As billed: 92.4 CFU-hours a day for a pool of size 1.
        status = {"phase": "PROVISIONED", "current_cfu": round(pool.size * 92.4 / 24)}
        return self._document("fcpm/v2", "ComputePool", pool, "compute-pools", spec, status)

    def _schema_registry(self, registry: Resource) -> Document:
        (package,) = (each.package for each in ENVIRONMENTS if each.id == registry.environment)
        endpoint = f"https://p{registry.id[1:]}.{HOME.region}.aws.confluent.cloud"
        spec = {
            "display_name": registry.name,
            "package": package,
            "http_endpoint": endpoint,
            "catalog_http_endpoint": endpoint,
            "cloud": HOME.cloud,
            "region": HOME.region,
            "environment": self._environment(registry.environment),
        }
        status = {"phase": "PROVISIONED"}
        return self._document("srcm/v3", "Cluster", registry, "clusters", spec, status)

    def _service_account(self, account: Account) -> Document:
        return {
            "api_version": "iam/v2",
            "kind": "ServiceAccount",
            "id": account.id,
            "metadata": self._metadata(f"iam/v2/service-accounts/{account.id}"),
            "display_name": account.name,
            "description": account.description,
        }

    def _user(self, person: Person) -> Document:
        return {
            "api_version": "iam/v2",
            "kind": "User",
            "id": person.id,
            "metadata": self._metadata(f"iam/v2/users/{person.id}"),
            "email": person.email,
            "full_name": person.full_name,
            "auth_type": person.auth_type,
        }

    def _document(
        self,
        api: str,
        kind: str,
        resource: Resource,
        path: str,
        spec: Document,
        status: Document,
    ) -> Document:
        return {
            "api_version": api,
            "kind": kind,
            "id": resource.id,
            "metadata": self._metadata(f"{api}/{path}/{resource.id}"),
            "spec": spec,
            "status": status,
        }

    def _metadata(self, path: str) -> Document:
        return {
            "self": f"{API}/{path}",
            "resource_name": f"crn://confluent.cloud/organization={self.organization_id}/{path}",
            "created_at": "2024-06-05T09:30:00Z",
            "updated_at": "2024-06-05T09:30:00Z",
        }

    def _environment(self, env_id: str | None) -> Document:
        return self._reference(str(env_id), f"org/v2/environments/{env_id}")

    def _reference(self, id: str, path: str) -> Document:
        crn = f"crn://confluent.cloud/organization={self.organization_id}/{path}"
        return {"id": id, "related": f"{API}/{path}", "resource_name": crn}


def _kafka_config(cluster: Resource) -> Document:
    """The kind of cluster that the lines of its bill are charged for."""
    if "dedicated" in cluster.kinds:
        return {"kind": "Dedicated", "cku": int(cluster.size), "release_priority": "REGULAR"}
    if "older-standard" in cluster.kinds:
        return {"kind": "Standard"}
    if "elastic" in cluster.kinds:
        if cluster.network == "PNI":
            return {"kind": "Freight", "max_ecku": 20}
        kind = "Standard" if cluster.network == "INTERNET" else "Enterprise"
        return {"kind": kind, "max_ecku": 10}
    return {"kind": "Basic", "max_ecku": 50}


def _availability(config: Document, cluster: Resource) -> str:
    if config["kind"] == "Dedicated":
        return "MULTI_ZONE" if cluster.size > 1 else "SINGLE_ZONE"
    return "LOW" if config["kind"] == "Basic" else "HIGH"


def _connector(connector: Resource) -> Document:
    runs = estate.CONNECTORS[connector.id]
    config = _connector_config(connector, runs)
    type = "sink" if "sink" in config["connector.class"].lower() else "source"
    tasks = range(int(config["tasks.max"]))
    return {
        "id": {"id": connector.id, "id_type": "ID"},
        "info": {
            "name": connector.name,
            "type": type,
            "config": config,
            "tasks": [{"connector": connector.name, "task": task} for task in tasks],
        },
        "status": {
            "name": connector.name,
            "type": type,
            "connector": {"state": runs.state, "worker_id": connector.name, "trace": ""},
            "tasks": [
                {"id": task, "state": runs.state, "worker_id": connector.name, "msg": ""}
                for task in tasks
            ],
        },
    }


def _connector_config(connector: Resource, runs: Connector) -> Document:
    place = estate.ELSEWHERE.get(runs.kafka, HOME)
    login = {"kafka.auth.mode": "SERVICE_ACCOUNT", "kafka.service.account.id": runs.account}
    if runs.account is None:
        hidden = "****************"
        login = {"kafka.auth.mode": "KAFKA_API_KEY"}
        login |= {"kafka.api.key": hidden, "kafka.api.secret": hidden}
    # As billed: two tasks for a connector of size 1, four where capacity is charged.
    tasks = 4 if "capacity" in connector.kinds else round(2 * connector.size)
    return {
        "cloud.environment": "prod",
        "cloud.provider": place.cloud.lower(),
        "connector.class": runs.klass or dict(connector.dimensions)["connector_type"],
        "kafka.endpoint": f"SASL_SSL://{_host(runs.kafka)}:9092",
        "name": connector.name,
        "tasks.max": str(tasks),
        **login,
        **dict(runs.settings),
    }


def _host(cluster_id: str) -> str:
    place = estate.ELSEWHERE.get(cluster_id, HOME)
    return f"{cluster_id}.{place.region}.{place.cloud.lower()}.confluent.cloud"
