"""Business units, cost centers and allocation rules as CSV and XLSX, out and in again."""

from costs.exchange.files import FORMATS
from costs.exchange.owners import BusinessUnitResource, CostCenterResource
from costs.exchange.pages import ExchangePages
from costs.exchange.resource import Imported, Problem
from costs.exchange.rules import AllocationRuleResource

__all__ = [
    "FORMATS",
    "AllocationRuleResource",
    "BusinessUnitResource",
    "CostCenterResource",
    "ExchangePages",
    "Imported",
    "Problem",
]
