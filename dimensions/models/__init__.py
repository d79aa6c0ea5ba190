"""Who and what: what Confluent lists, and who answers for it. No amounts here."""

from dimensions.models.inventory import Cluster, Environment, Organization, Principal
from dimensions.models.owners import BusinessUnit, CostCenter, CostCenterPlacement
from dimensions.models.tags import ClusterTag

__all__ = [
    "BusinessUnit",
    "Cluster",
    "ClusterTag",
    "CostCenter",
    "CostCenterPlacement",
    "Environment",
    "Organization",
    "Principal",
]
