"""Routes of who and what: organizations, environments, resources, and who answers for them."""

from datetime import UTC, datetime
from typing import Any

from django.db.models import CharField, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from rest_framework import serializers

from costs import visible_dimensions as visible
from costs.api.bodies import StrictFields
from costs.api.lists import Filter, Kind, Listing
from costs.filters import DIMENSIONS, NONE
from costs.models import UNALLOCATED
from costs.visibility import Visibility
from dimensions.kinds import ClusterKind
from dimensions.models import (
    BusinessUnit,
    Cluster,
    CostCenter,
    CostCenterPlacement,
    Environment,
    Organization,
)

SEEN = ["first_seen", "last_seen", "gone_since"]
OF_ORGANIZATION = Filter("organization__org_id", "Of these organizations.")
IS_GONE = Q(gone_since__isnull=False)
GONE = Filter("is_gone", "Whether Confluent lists it no more.", is_flag=True)
NAME_ORDERS = {"name": "display_name", "first_seen": "first_seen", "last_seen": "last_seen"}


class Named(StrictFields, serializers.ModelSerializer[Any]):
    """What Confluent names and people may name otherwise."""

    name = serializers.CharField(
        source="display_name",
        read_only=True,
        help_text="The preferred name, Confluent's, or the id.",
    )
    name_from_confluent = serializers.CharField(source="name", read_only=True)

    def to_representation(self, instance: Any) -> Any:
        """Notes may speak of everybody."""
        shown = super().to_representation(instance)
        if self.context["visibility"].is_limited:
            shown |= {name: "" for name in ("notes", "owner_principal") if name in shown}
        return shown


class OrganizationRow(Named):
    class Meta:
        model = Organization
        fields = ["org_id", "name", "name_from_confluent", "name_override", "notes", *SEEN]
        read_only_fields = ["org_id", *SEEN]


class EnvironmentRow(Named):
    org_id = serializers.CharField(source="organization.org_id", read_only=True)

    class Meta:
        model = Environment
        fields = [
            *("env_id", "org_id", "name", "name_from_confluent", "name_override"),
            *("stage", "notes", *SEEN),
        ]
        read_only_fields = ["env_id", *SEEN]


class ClusterRow(Named):
    """Any billed resource."""

    org_id = serializers.CharField(source="organization.org_id", read_only=True)
    env_id = serializers.CharField(source="known_env", allow_null=True, read_only=True)
    env_name = serializers.CharField(allow_null=True, read_only=True)
    parent_cluster_id = serializers.CharField(
        source="known_parent", allow_null=True, read_only=True, help_text="What it runs on."
    )

    class Meta:
        model = Cluster
        said = [
            *("kind", "cluster_type", "capacity", "cloud_provider", "region"),
            *("availability", "status", "owner_principal"),
        ]
        fields = [
            *("cluster_id", "org_id", "env_id", "env_name", "name", "name_from_confluent"),
            *("name_override", *said, "parent_cluster_id", "notes", *SEEN),
        ]
        read_only_fields = ["cluster_id", *said, *SEEN]


class BusinessUnitRow(StrictFields, serializers.ModelSerializer[Any]):
    class Meta:
        model = BusinessUnit
        fields = ["code", "name", "contact", "notes"]
        read_only_fields = ["code"]


class PlacementRow(serializers.ModelSerializer[Any]):
    business_unit = serializers.CharField(source="business_unit.code")

    class Meta:
        model = CostCenterPlacement
        fields = ["business_unit", "valid_from", "valid_to"]


class CostCenterRow(BusinessUnitRow):
    business_unit = serializers.CharField(
        source="unit_today", read_only=True, allow_null=True, help_text="Today (UTC)."
    )
    placements = PlacementRow(many=True, read_only=True)

    def to_representation(self, instance: Any) -> Any:
        """Of a cost center that others have today, the limited see no more than its name."""
        shown = super().to_representation(instance)
        if self.context["visibility"].is_limited and shown["business_unit"] is None:
            shown |= {"contact": "", "notes": ""}
        return shown

    class Meta(BusinessUnitRow.Meta):
        model = CostCenter  # type: ignore[assignment]
        fields = [*BusinessUnitRow.Meta.fields, "business_unit", "placements"]


def _organizations(visibility: Visibility) -> QuerySet[Any]:
    return visible.organizations(visibility).annotate(is_gone=IS_GONE)


def _environments(visibility: Visibility) -> QuerySet[Any]:
    said = Coalesce(NullIf("stage", Value("")), Value(NONE))
    found = visible.environments(visibility).annotate(is_gone=IS_GONE, said_stage=said)
    return found.select_related("organization").defer("metadata", "organization__metadata")


def _clusters(visibility: Visibility) -> QuerySet[Any]:
    """With the name of its environment, and what it runs on if that may be known of."""
    environment = visible.environments(visibility).filter(
        organization=OuterRef("organization"), env_id=OuterRef("env_id")
    )
    env: Any = F("env_id")
    parent: Any = F("parent_cluster_id")
    if visibility.is_limited:
        env = Subquery(environment.values("env_id")[:1])
        parents = visible.clusters(visibility).filter(
            organization=OuterRef("organization"), cluster_id=OuterRef("parent_cluster_id")
        )
        parent = Subquery(parents.values("cluster_id")[:1])
    found = visible.clusters(visibility).annotate(
        is_gone=IS_GONE,
        env_name=Subquery(environment.values("display_name")[:1]),
        known_env=env,
        known_parent=parent,
    )
    return found.select_related("organization").defer("metadata", "organization__metadata")


def _cost_centers(visibility: Visibility) -> QuerySet[Any]:
    today = datetime.now(UTC).date()
    placements = CostCenterPlacement.objects.select_related("business_unit")
    if visibility.business_units is not None:
        placements = placements.filter(business_unit__code__in=visibility.business_units)
    current = placements.filter(cost_center=OuterRef("pk"), valid_from__lte=today).exclude(
        valid_to__lte=today
    )
    # Whoever is limited is not told whether others have it today.
    nobody = Value(None if visibility.is_limited else UNALLOCATED, output_field=CharField())
    return (
        visible.cost_centers(visibility)
        .annotate(unit_today=Coalesce(Subquery(current.values("business_unit__code")[:1]), nobody))
        .prefetch_related(Prefetch("placements", placements.order_by("-valid_from")))
    )


ORGANIZATIONS = Kind(
    "organization",
    row=OrganizationRow,
    things=_organizations,
    id_field="org_id",
    listing=Listing(
        search=("org_id", "name", "name_override"),
        filters={"is_gone": GONE},
        usual="org_id",
        orders={"org_id": "org_id", **NAME_ORDERS},
    ),
)
ENVIRONMENTS = Kind(
    "environment",
    row=EnvironmentRow,
    things=_environments,
    id_field="env_id",
    listing=Listing(
        search=("env_id", "name", "name_override"),
        filters={
            "org": OF_ORGANIZATION,
            "stage": Filter(
                "said_stage", f"As curated; {NONE}: not said.", DIMENSIONS["stage"].choices
            ),
            "is_gone": GONE,
        },
        usual="env_id",
        orders={"env_id": "env_id", **NAME_ORDERS, "stage": "stage"},
    ),
)
CLUSTERS = Kind(
    "cluster",
    row=ClusterRow,
    things=_clusters,
    id_field="cluster_id",
    listing=Listing(
        search=("cluster_id", "name", "name_override"),
        filters={
            "org": OF_ORGANIZATION,
            "env": Filter("known_env", "In these environments."),
            "kind": Filter("kind", "Of these kinds.", tuple(ClusterKind.values)),
            "cloud_provider": Filter("cloud_provider", "At these."),
            "region": Filter("region", "In these."),
            "parent_cluster": Filter("known_parent", "Running on these Kafka clusters."),
            "is_gone": GONE,
        },
        usual="cluster_id",
        orders={"cluster_id": "cluster_id", **NAME_ORDERS, "kind": "kind", "env": "known_env"},
    ),
)
BUSINESS_UNITS = Kind(
    "business_unit",
    row=BusinessUnitRow,
    things=visible.business_units,
    id_field="code",
    listing=Listing(
        search=("code", "name", "contact"),
        filters={},
        usual="code",
        orders={"code": "code", "name": "name"},
    ),
)
COST_CENTERS = Kind(
    "cost_center",
    row=CostCenterRow,
    things=_cost_centers,
    id_field="code",
    listing=Listing(
        search=("code", "name", "contact"),
        filters={"business_unit": Filter("unit_today", "In these today (UTC).")},
        usual="code",
        orders={"code": "code", "name": "name", "business_unit": "unit_today"},
    ),
)
