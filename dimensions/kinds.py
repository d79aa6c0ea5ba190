"""What a resource id says about the resource: Confluent's ids carry their kind as a prefix.

The list is not closed: an id with another prefix is kept and shown as "unknown".
"""

from django.db.models import TextChoices


class ClusterKind(TextChoices):
    KAFKA = "kafka", "Kafka"
    CONNECTOR = "connector", "Connector"
    CUSTOM_CONNECTOR = "custom_connector", "Custom connector"
    KSQLDB = "ksqldb", "ksqlDB"
    FLINK = "flink", "Flink compute pool"
    SCHEMA_REGISTRY = "schema_registry", "Schema Registry"
    USM = "usm", "Unified Stream Manager"
    UNKNOWN = "unknown", "Unknown"


# https://docs.confluent.io/cloud/current/api.html (ids in the objects' examples)
KIND_BY_PREFIX = {
    "lkc": ClusterKind.KAFKA,
    "lcc": ClusterKind.CONNECTOR,
    "clcc": ClusterKind.CUSTOM_CONNECTOR,
    "lksqlc": ClusterKind.KSQLDB,
    "lfcp": ClusterKind.FLINK,
    "lsrc": ClusterKind.SCHEMA_REGISTRY,
    "usmkc": ClusterKind.USM,
}
