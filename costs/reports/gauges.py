"""What is watched from afar: the bill's last hour, day and month of each organization.

Each is a few statements over all organizations, meant to be asked inside one snapshot.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count

from costs.models import UNALLOCATED, BillingDay

# Bills that ended longer ago are history, not the state of things.
DAYS_LOOKED_BACK = 30

_STATES = """
    SELECT organization.id, organization.org_id,
           max(day) FILTER (WHERE line_count > 0),
           count(*) FILTER (WHERE NOT is_settled),
           count(*) FILTER (WHERE is_incomplete OR held_since IS NOT NULL)
    FROM billing_days
    JOIN dimensions_orgs AS organization ON organization.id = organization_id
    GROUP BY 1, 2
    ORDER BY 2
"""
# The days stand in the join as well: partitions of other months are left out by them.
_LAST_HOUR = """
    WITH summed AS (
        SELECT fact.org_id, fact.env_id, fact.cluster_id, fact.product, fact.business_unit,
               fact.cost_center, fact.allocation_confidence, sum(hour.cost_usd) AS cost_usd
        FROM unnest(%(organizations)s::smallint[], %(days)s::date[]) AS last (organization_id, day)
        JOIN daily_cost_facts AS fact
          ON fact.organization_id = last.organization_id AND fact.charge_date = last.day
        JOIN hourly_costs AS hour
          ON hour.organization_id = fact.organization_id AND hour.daily_cost_fact_id = fact.id
         AND hour."timestamp" = (last.day + interval '23 hours') AT TIME ZONE 'UTC'
         AND hour."timestamp" = ANY (%(hours)s::timestamptz[])
        GROUP BY 1, 2, 3, 4, 5, 6, 7
    ),
    ranked AS (
        SELECT *, row_number() OVER (ORDER BY abs(cost_usd) DESC, org_id, cluster_id, product)
               <= %(most)s AS is_shown
        FROM summed
        WHERE cost_usd <> 0
    )
    SELECT org_id, coalesce(env_id, ''), coalesce(cluster_id, ''), product, business_unit,
           cost_center, allocation_confidence, cost_usd
    FROM ranked WHERE is_shown
    UNION ALL
    SELECT org_id, %(other)s, %(other)s, %(other)s, %(other)s, %(other)s, %(other)s, sum(cost_usd)
    FROM ranked WHERE NOT is_shown
    GROUP BY org_id
"""
_MONTH = """
    SELECT fact.org_id, fact.product, fact.line_type, fact.business_unit,
           sum(cost_usd) FILTER (WHERE fact.charge_date = last.day),
           sum(cost_usd),
           coalesce(sum(cost_usd) FILTER (WHERE cost_usd < 0), 0),
           coalesce(sum(cost_usd) FILTER (WHERE cost_usd > 0), 0),
           coalesce(sum(cost_usd) FILTER (WHERE cost_usd > 0 AND cost_center <> %(nobody)s), 0)
    FROM unnest(%(organizations)s::smallint[], %(days)s::date[]) AS last (organization_id, day)
    JOIN daily_cost_facts AS fact
      ON fact.organization_id = last.organization_id
     AND fact.charge_date >= date_trunc('month', last.day)::date AND fact.charge_date <= last.day
    GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True)
class BillState:
    """How far an organization's bill is; counts of UTC days. data_through: the last with a line."""

    key: int
    org_id: str
    data_through: date | None
    provisional_days: int
    doubtful_days: int
    pending_days: int


@dataclass(frozen=True, slots=True)
class HourCost:
    """USD of the last hour of an organization's data_through day. Texts are empty for nothing."""

    org_id: str
    env_id: str
    cluster_id: str
    product: str
    business_unit: str
    cost_center: str
    allocation_confidence: str
    cost_usd: Decimal


@dataclass(frozen=True, slots=True)
class MonthCost:
    """USD of the month of an organization's data_through day, up to it; day_usd: of that day alone.

    credits_usd is negative; allocated_usd is the usage that a cost center owes.
    """

    org_id: str
    product: str
    line_type: str
    business_unit: str
    day_usd: Decimal
    cost_usd: Decimal
    credits_usd: Decimal
    usage_usd: Decimal
    allocated_usd: Decimal


def bill_states() -> list[BillState]:
    """Of every organization that has a stored day."""
    pending = BillingDay.objects.pending().order_by().values_list("organization_id")
    pending_days = dict(pending.annotate(Count("pk")))
    return [BillState(*(*row, pending_days.get(row[0], 0))) for row in _rows(_STATES, {})]


def last_hours(states: list[BillState], today: date, *, most: int, other: str) -> list[HourCost]:
    """Of one common hour per organization, for bills of the last 30 days.

    Of more than `most` labels together the smallest are one more per organization, named `other`.
    """
    recent = _recent(states, today)
    hours = [f"{state.data_through} 23:00+00" for state in recent]
    limits = {"hours": hours, "most": most, "other": other}
    return [HourCost(*row) for row in _rows(_LAST_HOUR, _keys(recent) | limits)]


def months_to_date(states: list[BillState], today: date) -> list[MonthCost]:
    """By product, line type and business unit, for bills of the last 30 days."""
    parameters = _keys(_recent(states, today)) | {"nobody": UNALLOCATED}
    return [
        MonthCost(org_id, product, line_type, unit, day or Decimal(0), *amounts)
        for org_id, product, line_type, unit, day, *amounts in _rows(_MONTH, parameters)
    ]


def _recent(states: list[BillState], today: date) -> list[BillState]:
    return [
        state
        for state in states
        if state.data_through and (today - state.data_through).days <= DAYS_LOOKED_BACK
    ]


def _keys(states: list[BillState]) -> dict[str, Any]:
    return {
        "organizations": [state.key for state in states],
        "days": [state.data_through for state in states],
    }


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
