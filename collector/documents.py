"""One document of an inventory list as what the portal keeps of it. Knows no database.

Confluent adds fields and words at any time: what is not needed is not looked at, and unknown
words flow through. A needed part of the wrong type makes the document unreadable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import msgspec

from collector.bodies import Row
from collector.payloads import json_text
from collector.secrets import connector_without_secrets

T = TypeVar("T")
Text = str | None
Count = int | None
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class UnreadableDocument(Exception):
    """A document that is not what its list should hold; `str()` says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """An environment (only this much), and what all others have too; metadata is the document."""

    id: str
    name: str
    metadata: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Described):
    """What is billed and listed, named as the columns of dimensions_clusters."""

    env_id: str
    cluster_type: str = ""
    capacity: str = ""
    cloud_provider: str = ""
    region: str = ""
    availability: str = ""
    status: str = ""
    parent_cluster_id: str | None = None
    owner_principal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account(Described):
    """A service account or a user."""

    description: str = ""


def environment(document: Any) -> Described:
    """Of /org/v2/environments, and an organization alike."""
    kept, said = _read(document, _Named)
    return Described(id=said.id, name=said.display_name or "", metadata=kept)


def kafka_cluster(document: Any, *, env_id: str) -> Resource:
    """Of /cmk/v2/clusters; the capacity is what is there, or where it is elastic its limit."""
    kept, said = _read(document, _KafkaCluster)
    config = said.spec.config or _KafkaConfig()
    # The specification is what was wished for; while it is resized the status is smaller.
    capacity = _counted(said.status.cku or config.cku, "CKU")
    return Resource(
        id=said.id,
        name=said.spec.display_name or "",
        env_id=env_id,
        cluster_type=config.kind or "",
        capacity=capacity or _counted(config.max_ecku, "eCKU at most"),
        cloud_provider=(said.spec.cloud or "").lower(),
        region=said.spec.region or "",
        availability=said.spec.availability or "",
        status=said.status.phase or "",
        metadata=kept,
    )


def connector(entry: tuple[str, Any], *, cluster: Resource) -> Resource:
    """A name and its document, of the connectors of the Kafka cluster in whose cloud it runs."""
    name, document = entry
    kept, said = _read(document, _Connector, name)
    config = said.info.config
    tasks = _setting(config, "tasks.max")
    return Resource(
        id=said.id.id,
        name=said.info.name or name,
        env_id=cluster.env_id,
        cluster_type=_setting(config, "connector.class"),
        capacity=f"{tasks} task{'s' * (tasks != '1')}" if tasks else "",
        cloud_provider=cluster.cloud_provider,
        region=cluster.region,
        status=said.status.connector.state or "",
        parent_cluster_id=cluster.id,
        owner_principal=_setting(config, "kafka.service.account.id"),
        metadata=connector_without_secrets(kept),
    )


def ksqldb_cluster(document: Any, *, env_id: str, kafka: Mapping[str, Resource]) -> Resource:
    """Of /ksqldbcm/v2/clusters; it runs where its Kafka cluster does, if that is listed."""
    kept, said = _read(document, _Ksqldb)
    parent = said.spec.kafka_cluster.id if said.spec.kafka_cluster else None
    host = kafka.get(parent or "")
    return Resource(
        id=said.id,
        name=said.spec.display_name or "",
        env_id=env_id,
        capacity=_counted(said.spec.csu, "CSU"),
        cloud_provider=host.cloud_provider if host else "",
        region=host.region if host else "",
        status="PAUSED" if said.status.is_paused else said.status.phase or "",
        parent_cluster_id=parent,
        owner_principal=said.spec.credential_identity.id if said.spec.credential_identity else "",
        metadata=kept,
    )


def compute_pool(document: Any, *, env_id: str) -> Resource:
    """Of /fcpm/v2/compute-pools."""
    kept, said = _read(document, _Placed)
    return Resource(
        id=said.id,
        name=said.spec.display_name or "",
        env_id=env_id,
        capacity=_counted(said.spec.max_cfu, "CFU at most"),
        cloud_provider=(said.spec.cloud or "").lower(),
        region=said.spec.region or "",
        status=said.status.phase or "",
        metadata=kept,
    )


def schema_registry(document: Any, *, env_id: str) -> Resource:
    """Of /srcm/v3/clusters; its type is the governance package."""
    kept, said = _read(document, _Placed)
    return Resource(
        id=said.id,
        name=said.spec.display_name or "",
        env_id=env_id,
        cluster_type=said.spec.package or "",
        cloud_provider=(said.spec.cloud or "").lower(),
        region=said.spec.region or "",
        status=said.status.phase or "",
        metadata=kept,
    )


def service_account(document: Any) -> Account:
    """Of /iam/v2/service-accounts; descriptions often say whose it is ("team=checkout")."""
    kept, said = _read(document, _Named)
    return Account(
        id=said.id,
        name=said.display_name or "",
        description=said.description or "",
        metadata=kept,
    )


def user(document: Any) -> Account:
    """Of /iam/v2/users: a name to show and nothing else about the person.

    The address stands in only where there is no name; the document is not kept.
    """
    _, said = _read(document, _User)
    return Account(
        id=said.id,
        name=said.full_name or said.email or "",
        metadata={"id": said.id, "auth_type": said.auth_type or ""},
    )


class _Reference(msgspec.Struct):
    id: Id


class _Status(msgspec.Struct):
    phase: Text = None
    cku: Count = None
    is_paused: bool | None = None


class _Named(msgspec.Struct):
    id: Id
    display_name: Text = None
    description: Text = None


class _User(msgspec.Struct):
    id: Id
    full_name: Text = None
    email: Text = None
    auth_type: Text = None


class _KafkaConfig(msgspec.Struct):
    kind: Text = None
    cku: Count = None
    max_ecku: Count = None


class _KafkaSpec(msgspec.Struct):
    display_name: Text = None
    availability: Text = None
    cloud: Text = None
    region: Text = None
    config: _KafkaConfig | None = None


class _KafkaCluster(msgspec.Struct):
    id: Id
    spec: _KafkaSpec
    status: _Status = msgspec.field(default_factory=_Status)


class _KsqldbSpec(msgspec.Struct):
    display_name: Text = None
    csu: Count = None
    kafka_cluster: _Reference | None = None
    credential_identity: _Reference | None = None


class _Ksqldb(msgspec.Struct):
    id: Id
    spec: _KsqldbSpec
    status: _Status = msgspec.field(default_factory=_Status)


class _PlacedSpec(msgspec.Struct):
    display_name: Text = None
    cloud: Text = None
    region: Text = None
    max_cfu: Count = None
    package: Text = None


class _Placed(msgspec.Struct):
    id: Id
    spec: _PlacedSpec
    status: _Status = msgspec.field(default_factory=_Status)


class _ConnectorInfo(msgspec.Struct):
    name: Text = None
    config: dict[str, Any] = {}


class _ConnectorState(msgspec.Struct):
    state: Text = None


class _ConnectorStatus(msgspec.Struct):
    connector: _ConnectorState = msgspec.field(default_factory=_ConnectorState)


class _Connector(msgspec.Struct):
    id: _Reference
    info: _ConnectorInfo
    status: _ConnectorStatus = msgspec.field(default_factory=_ConnectorStatus)


def _read(document: Any, kind: type[T], name: str = "") -> tuple[Row, T]:
    """The document as the database can hold it, and the needed parts of it."""
    try:
        kept = msgspec.json.decode(json_text(document))
        said = msgspec.convert(kept, kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise UnreadableDocument(f"{name or _id_of(document)}: {error}") from error
    return kept, said


def _id_of(document: Any) -> str:
    id = document.get("id") if isinstance(document, dict) else None
    return str(id)[:100] if id else "an entry without id"


def _counted(count: int | None, unit: str) -> str:
    return f"{count} {unit}" if count else ""


def _setting(config: Mapping[str, Any], name: str) -> str:
    """A setting of a connector as text; "" where there is none or it is masked."""
    value = config.get(name)
    text = "" if value is None else str(value)
    return "" if "****" in text else text
