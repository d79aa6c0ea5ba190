"""What a unit cost, day by day: the amount of a resource's lines over their quantity.

What the list has for nothing (a free tier) is left out: it would lower the price of what is paid.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from costs.allocation.decisions import LINE_TYPE
from costs.filters import CostFilter
from costs.visibility import Visibility

# Part of a price by which rounding may move it.
SAME_PRICE = Decimal("1e-4")
# Of a line that others pay for too, what Confluent said of the whole stays hidden.
_ALONE = """
    AND (
        SELECT bool_and(fact.business_unit = ANY (%(business_units)s))
        FROM daily_cost_facts AS fact
        WHERE fact.organization_id = line.organization_id AND fact.line_item_id = line.id
    )
"""
_PRICES = """
    SELECT {line_type} AS line_type, line.unit, line.day,
           (sum(line.amount) / sum(line.quantity))::numeric(30, 10)
    FROM cost_line_items AS line
    WHERE line.organization_id = %(organization)s AND line.resource_id = %(cluster_id)s
      AND line.day >= %(start)s AND line.day < %(end)s AND line.last_version IS NULL
      AND line.quantity > 0 AND line.list_amount > 0 {alone}
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class UnitPrices:
    """USD per unit of one line type of a resource, by UTC day, as billed (discounts taken off)."""

    line_type: str
    unit: str
    by_day: dict[date, Decimal]

    @property
    def steps(self) -> list[tuple[date, Decimal]]:
        """The first price and each later one that differs, with the day that it began.

        Amounts are rounded to ten places, which is no change of a price.
        """
        found: list[tuple[date, Decimal]] = []
        for day, price in sorted(self.by_day.items()):
            if not found or abs(price - found[-1][1]) > abs(price) * SAME_PRICE:
                found.append((day, price))
        return found


def unit_prices(
    organization: int, cluster_id: str, cost_filter: CostFilter, visibility: Visibility
) -> list[UnitPrices]:
    """The prices of a resource's lines in the filter's days, as far as they may be seen."""
    sql = _PRICES.format(line_type=LINE_TYPE, alone=_ALONE if visibility.is_limited else "")
    found: dict[tuple[str, str], dict[date, Decimal]] = {}
    asked = {"organization": organization, "cluster_id": cluster_id}
    with connection.cursor() as cursor:
        cursor.execute(sql, cost_filter.parameters(visibility) | asked)
        for line_type, unit, day, price in cursor.fetchall():
            found.setdefault((line_type, unit), {})[day] = price
    return [UnitPrices(*key, by_day) for key, by_day in found.items()]
