"""The bill, the facts made of it, and the rules by which somebody owes them."""

from costs.models.archived import ArchivedHours
from costs.models.bill import AmountSource, BillingDay, BillingDayVersion, CostLineItem
from costs.models.changes import AllocationChange
from costs.models.checks import ReconciliationCheck
from costs.models.facts import (
    CONFIDENCE,
    UNALLOCATED,
    Confidence,
    DailyCostFact,
    DailyOwnerCost,
    DailyResourceCost,
    HourlyCost,
    HourlyCostFact,
    Method,
)
from costs.models.month_costs import ClusterMonthCost, EnvironmentMonthCost
from costs.models.policies import SharedCostPolicy, SharedCostTarget
from costs.models.rules import AllocationRule, AllocationTarget

__all__ = [
    "CONFIDENCE",
    "UNALLOCATED",
    "AllocationChange",
    "AllocationRule",
    "AllocationTarget",
    "AmountSource",
    "ArchivedHours",
    "BillingDay",
    "BillingDayVersion",
    "ClusterMonthCost",
    "Confidence",
    "CostLineItem",
    "DailyCostFact",
    "DailyOwnerCost",
    "DailyResourceCost",
    "EnvironmentMonthCost",
    "HourlyCost",
    "HourlyCostFact",
    "Method",
    "ReconciliationCheck",
    "SharedCostPolicy",
    "SharedCostTarget",
]
