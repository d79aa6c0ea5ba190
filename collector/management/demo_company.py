"""How the demo's people curate their company: who owns what, and who pays for it from when on.

The data speak of the ids of simulator/company.py. Made once, in an empty portal: what somebody
who tries the demo changes or deletes stays so.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from collector.simulator import company
from costs.models import AllocationRule, AllocationTarget, SharedCostPolicy
from dimensions.models import (
    BusinessUnit,
    Cluster,
    ClusterTag,
    CostCenter,
    CostCenterPlacement,
    Environment,
    Organization,
)

UNITS = {
    "COMMERCE": "Online shop",
    "STORES": "Stores and supply",
    "PLATFORM": "Data platform",
    "DAIRIES": "Greenfield Dairies",
}
# Code: name and business unit; ERP went to another unit, see MOVED_TO.
CENTERS = {
    "4100": ("Checkout", "COMMERCE"),
    "4120": ("Payments", "COMMERCE"),
    "4150": ("Loyalty", "COMMERCE"),
    "4200": ("Stores", "STORES"),
    "4410": ("ERP and supply", "STORES"),
    "5000": ("Streaming platform", "PLATFORM"),
    "5090": ("Cloud credits", "PLATFORM"),
    "7000": ("Dairies", "DAIRIES"),
}
MOVED_TO = {"4410": "PLATFORM"}

# Connectors and ksqlDB follow their Kafka cluster, except for the one with a rule of its own.
OF_RESOURCES = {
    "lkc-7yz3mk": {"4100": 100},
    "lkc-q81rvd": {"4200": 100},
    "lkc-m5w02j": {"4120": 60, "4100": 40},
    "lcc-6tn1xq": {"4410": 100},
}
# Resource: who paid until a 15th, who pays since.
HANDED_OVER = {"lkc-x4c9pt": ("4100", "4150")}
OF_NAMES = {"^supply-": "4410", "^fraud-": "4120", "^team-checkout-": "4100"}
OF_TEAMS = {"stores": "4200", "checkout": "4100"}
# Resource: its team; that of the last one changed with the units.
TEAMS = {
    "clcc-4sw9tz": ("stores",),
    "lkc-h5p2oc": ("stores",),
    "rtce-m4v7kx": ("checkout",),
    "clcc-8eb1kv": ("checkout", "stores"),
}
# Nobody owns the Analytics environment yet, nor what in Production has no rule of its own.
OF_ENVIRONMENTS = {
    company.STAGING: "5000",
    company.DEVELOPMENT: "5000",
    company.DAIRIES: "7000",
}
OF_PRODUCTS = {"USM": "4200"}
STAGES = {
    company.PRODUCTION: Environment.Stage.PRODUCTION,
    company.STAGING: Environment.Stage.NON_PRODUCTION,
    company.DEVELOPMENT: Environment.Stage.NON_PRODUCTION,
    company.ANALYTICS: Environment.Stage.PRODUCTION,
    company.DAIRIES: Environment.Stage.PRODUCTION,
}


@dataclass(frozen=True, slots=True)
class Days:
    """The UTC days of the story: rules began, units changed, a cluster was handed over."""

    began: date
    units_changed: date
    handed_over: date

    @classmethod
    def of(cls, first: date, today: date) -> "Days":
        """first: the company's first billed day."""
        # Long enough ago that both owners have days on the bill.
        day = today - timedelta(days=20)
        while day.day != 15:
            day -= timedelta(days=1)
        return cls(date(first.year - 1, 1, 1), day.replace(day=1), day)


def curate(organization: Organization, *, first: date, today: date) -> bool:
    """Make owners, rules, policies, tags and stages, unless there are business units already."""
    with transaction.atomic():
        if BusinessUnit.objects.exists():
            return False
        days = Days.of(first, today)
        centers = _make_owners(days)
        _Rules(organization, centers, days).make()
        _make_policies(organization, centers, days)
        _make_tags(organization, days)
        for environment in organization.environments.filter(env_id__in=STAGES):
            environment.stage = STAGES[environment.env_id]
            environment.save()
    return True


def _make_owners(days: Days) -> dict[str, CostCenter]:
    units = {
        code: BusinessUnit.objects.create(code=code, name=name) for code, name in UNITS.items()
    }
    centers = {}
    for code, (name, unit) in CENTERS.items():
        centers[code] = CostCenter.objects.create(code=code, name=name)
        later = MOVED_TO.get(code)
        CostCenterPlacement.objects.create(
            cost_center=centers[code],
            business_unit=units[unit],
            valid_from=days.began,
            valid_to=days.units_changed if later else None,
        )
        if later:
            CostCenterPlacement.objects.create(
                cost_center=centers[code],
                business_unit=units[later],
                valid_from=days.units_changed,
            )
    return centers


class _Rules:
    """One rule of each kind and more, each with its targets."""

    def __init__(
        self, organization: Organization, centers: dict[str, CostCenter], days: Days
    ) -> None:
        self.organization, self.centers, self.days = organization, centers, days
        self.clusters = {each.cluster_id: each for each in organization.clusters.all()}

    def make(self) -> None:
        kinds = AllocationRule.Selector
        for id, percents in OF_RESOURCES.items():
            self._rule(kinds.CLUSTER, percents, cluster=self.clusters[id])
        for id, (before, since) in HANDED_OVER.items():
            day, cluster = self.days.handed_over, self.clusters[id]
            self._rule(kinds.CLUSTER, {before: 100}, cluster=cluster, valid_to=day)
            self._rule(kinds.CLUSTER, {since: 100}, cluster=cluster, valid_from=day)
        for pattern, code in OF_NAMES.items():
            self._rule(kinds.PATTERN, {code: 100}, name_pattern=pattern)
        for team, code in OF_TEAMS.items():
            self._rule(kinds.TAG, {code: 100}, tag_key="team", tag_value=team)
        environments = {each.env_id: each for each in self.organization.environments.all()}
        for id, code in OF_ENVIRONMENTS.items():
            self._rule(kinds.ENVIRONMENT, {code: 100}, environment=environments[id])
        for product, code in OF_PRODUCTS.items():
            self._rule(kinds.ORGANIZATION, {code: 100}, product=product)

    def _rule(
        self, selector: AllocationRule.Selector, percents: dict[str, int], **fields: object
    ) -> None:
        fields = {"valid_from": self.days.began} | fields
        rule = AllocationRule.objects.create(
            organization=self.organization, selector=selector, **fields
        )
        for code, percent in percents.items():
            AllocationTarget.objects.create(
                rule=rule, cost_center=self.centers[code], percent=Decimal(percent)
            )


def _make_policies(organization: Organization, centers: dict[str, CostCenter], days: Days) -> None:
    methods = SharedCostPolicy.Method
    SharedCostPolicy.objects.create(
        organization=organization,
        line_type="SUPPORT",
        method=methods.PROPORTIONAL,
        valid_from=days.began,
        notes="As agreed with finance: by direct cost, like everything that names nobody.",
    )
    SharedCostPolicy.objects.create(
        organization=organization,
        line_type="PROMO_CREDIT",
        method=methods.CENTRAL,
        cost_center=centers["5090"],
        valid_from=days.began,
    )


def _make_tags(organization: Organization, days: Days) -> None:
    """Tags of the resources that are on the bill; a short demo knows fewer of them."""
    for cluster in Cluster.objects.filter(organization=organization, cluster_id__in=TEAMS):
        first, *later = TEAMS[cluster.cluster_id]
        ClusterTag.objects.create(
            cluster=cluster,
            key="team",
            value=first,
            valid_from=days.began,
            valid_to=days.units_changed if later else None,
        )
        for team in later:
            ClusterTag.objects.create(
                cluster=cluster, key="team", value=team, valid_from=days.units_changed
            )
