"""Who and what a user may know of: everything, or what the user's business units pay for."""

from datetime import UTC, datetime

from django.db.models import Exists, OuterRef, QuerySet

from costs.models import DailyOwnerCost, DailyResourceCost
from costs.visibility import Visibility
from dimensions.models import (
    BusinessUnit,
    Cluster,
    CostCenter,
    CostCenterPlacement,
    Environment,
    Organization,
)


def organizations(visibility: Visibility) -> QuerySet[Organization]:
    return Organization.objects.filter(pk__in=visibility.organizations)


def environments(visibility: Visibility) -> QuerySet[Environment]:
    found = Environment.objects.filter(organization__in=visibility.organizations)
    if visibility.is_limited:
        found = found.filter(Exists(_charged(visibility, env_id=OuterRef("env_id"))))
    return found


def clusters(visibility: Visibility) -> QuerySet[Cluster]:
    found = Cluster.objects.filter(organization__in=visibility.organizations)
    if visibility.is_limited:
        found = found.filter(Exists(_charged(visibility, cluster_id=OuterRef("cluster_id"))))
    return found


def business_units(visibility: Visibility) -> QuerySet[BusinessUnit]:
    if visibility.business_units is None:
        return BusinessUnit.objects.all()
    return BusinessUnit.objects.filter(code__in=visibility.business_units)


def cost_centers(visibility: Visibility) -> QuerySet[CostCenter]:
    """Those that belong to the units today (UTC), or owed something as a part of them."""
    if visibility.business_units is None:
        return CostCenter.objects.all()
    units = visibility.business_units
    today = datetime.now(UTC).date()
    placed = CostCenterPlacement.objects.filter(
        business_unit__code__in=units, cost_center=OuterRef("pk"), valid_from__lte=today
    ).exclude(valid_to__lte=today)
    charged = DailyOwnerCost.objects.filter(business_unit__in=units, cost_center=OuterRef("code"))
    return CostCenter.objects.filter(Exists(placed) | Exists(charged))


def _charged(visibility: Visibility, **of: OuterRef) -> QuerySet[DailyResourceCost]:
    """Charges of the units for one thing: ids alone may stand for things of two organizations."""
    return DailyResourceCost.objects.filter(
        organization=OuterRef("organization"),
        business_unit__in=visibility.business_units or (),
        **of,
    )
