"""Who and what: organizations, environments, billed resources. No amounts here.

`name` is what Confluent says; `name_override` is what a person prefers and no collection ever
touches; `display_name` is what everybody reads, never empty.
"""

from django.db import models
from django.db.models.functions import Coalesce, NullIf

from dimensions.kinds import ClusterKind


def _display_name(id_field: str) -> models.GeneratedField:
    empty = models.Value("")
    return models.GeneratedField(
        expression=Coalesce(NullIf("name_override", empty), NullIf("name", empty), id_field),
        output_field=models.TextField(),
        db_persist=True,
    )


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
    metadata = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text="The document as received.",
    )
    first_seen = models.DateField(null=True, blank=True, help_text="On a bill or in a list, UTC.")
    last_seen = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.display_name)  # type: ignore[attr-defined]


class Organization(Described):
    # Small: it is part of every key of the facts (70 million hourly rows a year in a large one).
    id = models.SmallAutoField(primary_key=True)
    org_id = models.TextField("organization id", unique=True)
    display_name = _display_name("org_id")

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
    cluster_type = models.TextField(blank=True, default="", db_default="")
    cloud_provider = models.TextField(blank=True, default="", db_default="")
    region = models.TextField(blank=True, default="", db_default="")

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
        ]
