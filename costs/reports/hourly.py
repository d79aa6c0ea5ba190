"""Hourly costs with their labels, row by row: what hourly_cost_facts holds, with names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from costs.filters import CostFilter, CostType
from costs.models import ArchivedHours, DailyOwnerCost
from costs.partitions import ONE_DAY, next_month
from costs.query_string import Reader
from costs.reports.charges import HOURS, conditions, source
from costs.reports.columns import Column, ColumnKind, Table
from costs.reports.pages import Cursor, Page, all_rows, page
from costs.visibility import Visibility

# Hours hold what is owed, not what the list says.
COST_TYPES = (CostType.NET, CostType.USAGE, CostType.CREDITS)
_SELECTED = {
    "timestamp": 'hour."timestamp"',
    "org_id": "fact.org_id",
    "org_name": "organization.display_name",
    "env_id": "fact.env_id",
    "env_name": "environment.display_name",
    "cluster_id": "fact.cluster_id",
    "cluster_name": "cluster.display_name",
    "product": "fact.product",
    "line_type": "fact.line_type",
    "business_unit": "fact.business_unit",
    "cost_center": "fact.cost_center",
    "allocation_confidence": "fact.allocation_confidence",
    "allocation_method": "fact.allocation_method",
    "cost_usd": "hour.cost_usd",
}
_KINDS = {"timestamp": ColumnKind.TIME, "cost_usd": ColumnKind.AMOUNT}
COLUMNS = [Column(name, _KINDS.get(name, ColumnKind.TEXT)) for name in _SELECTED]


def refuse_archived_hours(reader: Reader, cost_filter: CostFilter) -> None:
    """An hourly answer that lacks the days of archived months would look like a smaller bill."""
    if ArchivedHours.objects.of_days(cost_filter.start, cost_filter.end).exists():
        first_kept = next_month(ArchivedHours.objects.latest("month").month)
        reader.refuse(
            "period" if cost_filter.period else "start_date",
            f"Hours are kept from {first_kept} on; those of earlier months are archived. "
            "Ask from there on, or for days or longer.",
        )


def hourly_facts(
    cost_filter: CostFilter, visibility: Visibility, *, after: Cursor | None, limit: int
) -> Page:
    """The next rows from the cursor on, by their hour."""

    of_day = partial(_of_day, cost_filter, visibility)
    days = _days(cost_filter, visibility)
    return page(days, of_day, lambda row: row[0], after=after, limit=limit)


@contextmanager
def streamed_hourly_facts(cost_filter: CostFilter, visibility: Visibility) -> Iterator[Table]:
    """All rows, in constant memory; to be read before the context ends."""

    of_day = partial(_of_day, cost_filter, visibility)
    yield Table(COLUMNS, all_rows(_days(cost_filter, visibility), of_day))


def _days(cost_filter: CostFilter, visibility: Visibility) -> list[date]:
    """The days that have a visible charge; an empty range costs one look, not one a day."""
    charged = DailyOwnerCost.objects.filter(
        organization__in=visibility.organizations,
        charge_date__gte=cost_filter.start,
        charge_date__lt=cost_filter.end,
    )
    if visibility.business_units is not None:
        charged = charged.filter(business_unit__in=visibility.business_units)
    days = charged.order_by("charge_date").values_list("charge_date", flat=True)
    return list(days.distinct())


def _of_day(
    cost_filter: CostFilter, visibility: Visibility, day: date
) -> tuple[str, dict[str, Any]]:
    of_day = replace(cost_filter, start=day, end=day + ONE_DAY)
    sql = f"""
        SELECT {", ".join(_SELECTED.values())}
        {source(of_day, ("stage",), of_facts=True)} {HOURS}
        LEFT JOIN dimensions_orgs AS organization ON organization.id = fact.organization_id
        LEFT JOIN dimensions_clusters AS cluster
          ON cluster.organization_id = fact.organization_id
         AND cluster.cluster_id = fact.cluster_id
        WHERE {" AND ".join(conditions(of_day, visibility))} AND hour."timestamp" >= %(first)s
        ORDER BY hour."timestamp", fact.organization_id, fact.id
    """
    return sql, of_day.parameters(visibility)
