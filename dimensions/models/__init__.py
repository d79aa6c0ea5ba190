"""Who and what: what Confluent lists, who answers for it, who may see it. No amounts here."""

from dimensions.models.access import ApiToken, BusinessUnitScope, TokenScope
from dimensions.models.inventory import Cluster, Environment, Organization, Principal
from dimensions.models.owners import BusinessUnit, CostCenter, CostCenterPlacement
from dimensions.models.tags import ClusterTag

__all__ = [
    "ApiToken",
    "BusinessUnit",
    "BusinessUnitScope",
    "Cluster",
    "ClusterTag",
    "CostCenter",
    "CostCenterPlacement",
    "Environment",
    "Organization",
    "Principal",
    "TokenScope",
]
