"""Organizations, environments, billed resources and principals, as bills and lists name them.

`name` is what Confluent says; `name_override` is what a person prefers and no collection ever
touches; `display_name` is what everybody reads, never empty.
"""

from django.db import models
from django.db.models.functions import Coalesce, NullIf
from simple_history.models import HistoricalRecords

from dimensions.kinds import ClusterKind

# History is kept of what people say; Confluent's own words change with every collection.
FROM_CONFLUENT = [
    "name",
    "metadata",
    "first_seen",
    "last_seen",
    "gone_since",
    "display_name",
]


def _display_name(id_field: str) -> models.GeneratedField:
    empty = models.Value("")
    return models.GeneratedField(
        expression=Coalesce(NullIf("name_override", empty), NullIf("name", empty), id_field),
        output_field=models.TextField(),
        db_persist=True,
    )


def _said_by_confluent(help_text: str = "") -> models.TextField:  # type: ignore[type-arg]
    return models.TextField(blank=True, default="", db_default="", help_text=help_text)


class Described(models.Model):
    """What every dimension has: Confluent's name, a preferred one, and when it was seen."""

    name = models.TextField(blank=True, default="", db_default="")
    name_override = models.CharField(
        "preferred name",
        help_text="Shown instead of Confluent's name; no collection changes it.",
        max_length=500,
        blank=True,
        default="",
        db_default="",
    )
    notes = models.TextField(
        blank=True, default="", db_default="", help_text="For people; no collection changes them."
    )
    metadata = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text="The document as received.",
    )
    first_seen = models.DateField(null=True, blank=True, help_text="On a bill or in a list, UTC.")
    last_seen = models.DateField(null=True, blank=True)
    gone_since = models.DateField(
        null=True, blank=True, help_text="The first UTC day on which Confluent listed it no more."
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.display_name)  # type: ignore[attr-defined]


class Organization(Described):
    # Small: it is part of every key of the facts (70 million hourly rows a year in a large one).
    id = models.SmallAutoField(primary_key=True)
    org_id = models.TextField("organization id", unique=True)
    display_name = _display_name("org_id")
    history = HistoricalRecords(excluded_fields=FROM_CONFLUENT)

    class Meta:
        db_table = "dimensions_orgs"
        ordering = ["org_id"]


class Environment(Described):
    class Stage(models.TextChoices):
        PRODUCTION = "production", "Production"
        NON_PRODUCTION = "non-production", "Non-production"
        UNKNOWN = "", "Not said"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="environments")
    env_id = models.TextField("environment id")
    display_name = _display_name("env_id")
    stage = models.CharField(
        max_length=20, blank=True, default=Stage.UNKNOWN, choices=Stage, db_default=""
    )
    history = HistoricalRecords(excluded_fields=FROM_CONFLUENT)

    class Meta:
        db_table = "dimensions_envs"
        ordering = ["organization", "env_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "env_id"], name="dimensions_envs_once_per_org"
            ),
            models.CheckConstraint(
                condition=models.Q(stage__in=["production", "non-production", ""]),
                name="dimensions_envs_stage_known",
            ),
        ]


class Cluster(Described):
    """Any billed resource with an id of its own; a Kafka cluster is one of kind "kafka"."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="clusters")
    cluster_id = models.TextField("resource id")
    # As the newest bill says; without a foreign key, since a bill may name what no list knows.
    env_id = models.TextField("environment id", null=True, blank=True)  # noqa: DJ001
    kind = models.CharField(max_length=30, choices=ClusterKind, default=ClusterKind.UNKNOWN)
    display_name = _display_name("cluster_id")
    # Basic, Standard, Enterprise, Dedicated, Freight; a connector's class.
    cluster_type = _said_by_confluent("Of a Kafka cluster its type, of a connector its class.")
    capacity = _said_by_confluent("What is reserved or allowed: CKU, eCKU, CSU, CFU or tasks.")
    cloud_provider = _said_by_confluent()
    region = _said_by_confluent()
    availability = _said_by_confluent()
    status = _said_by_confluent("As of the newest list.")
    # By id: the Kafka cluster may be listed later than what runs on it, or never.
    parent_cluster_id = models.TextField(  # noqa: DJ001 (null: none, or not known)
        "Kafka cluster", null=True, blank=True, help_text="That a connector or ksqlDB runs on."
    )
    owner_principal = _said_by_confluent("The service account or user it runs as.")
    history = HistoricalRecords(
        excluded_fields=[
            *FROM_CONFLUENT,
            "env_id",
            "kind",
            "cluster_type",
            "capacity",
            "cloud_provider",
            "region",
            "availability",
            "status",
            "parent_cluster_id",
            "owner_principal",
        ]
    )

    class Meta:
        db_table = "dimensions_clusters"
        ordering = ["organization", "cluster_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "cluster_id"], name="dimensions_clusters_once_per_org"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "env_id"], name="dimensions_clusters_env"),
            models.Index(
                fields=["organization", "parent_cluster_id"],
                condition=models.Q(parent_cluster_id__isnull=False),
                name="dimensions_clusters_parent",
            ),
        ]


class Principal(Described):
    """A service account, or a user where COLLECT_USERS allows it: who owns what runs as it."""

    class Kind(models.TextChoices):
        SERVICE_ACCOUNT = "service_account", "Service account"
        USER = "user", "User"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="principals")
    principal_id = models.TextField("principal id")
    kind = models.CharField(max_length=20, choices=Kind)
    description = _said_by_confluent()
    display_name = _display_name("principal_id")

    class Meta:
        db_table = "dimensions_principals"
        ordering = ["organization", "principal_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "principal_id"], name="dimensions_principals_once_per_org"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["service_account", "user"]),
                name="dimensions_principals_kind_known",
            ),
        ]
