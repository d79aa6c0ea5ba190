"""The bill line by line, as received: the current one, or as it was in an earlier version.

Who is limited to business units sees the lines that these pay for, and of a line that others pay
for too only the share: what Confluent said of the whole stays hidden.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from costs.allocation.decisions import LINE_TYPE, PRODUCT
from costs.filters import CostFilter
from costs.models import BillingDay
from costs.partitions import ONE_DAY
from costs.reports.columns import Column, ColumnKind, Row, Table
from costs.reports.pages import Cursor, Page, all_rows, page
from costs.visibility import Visibility

# What the bill itself names, over cost_line_items AS line.
DIMENSIONS = {
    "org": "organization.org_id",
    "env": "nullif(line.env_id, '')",
    "stage": "nullif(environment.stage, '')",
    "cluster": "nullif(line.resource_id, '')",
    "product": PRODUCT,
    "line_type": LINE_TYPE,
}
_NAMED = {
    Column("day", ColumnKind.DAY): "line.day",
    Column("org_id"): "organization.org_id",
    Column("org_name"): "organization.display_name",
    Column("env_id"): DIMENSIONS["env"],
    Column("env_name"): "environment.display_name",
    Column("cluster_id"): DIMENSIONS["cluster"],
    Column("cluster_name"): "nullif(line.resource_name, '')",
    Column("product"): "line.product",
    Column("line_type"): "line.line_type",
    Column("network_access_type"): "line.network_access_type",
    Column("description"): "line.description",
}
# What is said of a whole line, in numbers and ids.
_WHOLE = {
    Column("line_item_id", ColumnKind.NUMBER): "line.id",
    Column("provider_id"): "line.provider_id",
    Column("unit"): "line.unit",
    Column("price", ColumnKind.NUMBER): "line.price",
    Column("quantity", ColumnKind.NUMBER): "line.quantity",
    Column("original_amount", ColumnKind.NUMBER): "line.original_amount",
    Column("discount_amount", ColumnKind.NUMBER): "line.discount_amount",
    Column("amount_received", ColumnKind.NUMBER): "line.amount_received",
    Column("amount_source"): "line.amount_source",
    Column("tier_dimensions", ColumnKind.JSON): "line.tier_dimensions::text",
    Column("other_fields", ColumnKind.JSON): "line.other_fields::text",
    Column("first_version", ColumnKind.NUMBER): "line.first_version",
    Column("last_version", ColumnKind.NUMBER): "line.last_version",
}
COLUMNS = [
    *_NAMED,
    Column("is_share", ColumnKind.FLAG),
    Column("amount_usd", ColumnKind.AMOUNT),
    Column("list_amount_usd", ColumnKind.AMOUNT),
    *_WHOLE,
]
_SHARES = """
    JOIN LATERAL (
        SELECT sum(cost_usd) FILTER (WHERE business_unit = ANY (%(business_units)s)) AS amount,
               sum(list_cost_usd) FILTER (WHERE business_unit = ANY (%(business_units)s))
                   AS list_amount,
               bool_and(business_unit = ANY (%(business_units)s)) AS is_whole
        FROM daily_cost_facts
        WHERE organization_id = line.organization_id AND line_item_id = line.id
    ) AS seen ON seen.amount IS NOT NULL
"""


def line_items(
    cost_filter: CostFilter,
    visibility: Visibility,
    *,
    version: int | None,
    after: Cursor | None,
    limit: int,
) -> Page:
    """The next lines from the cursor on, by their day; version None: the current bill."""

    of_day = partial(_of_day, cost_filter, visibility, version)
    return page(_days(cost_filter, visibility), of_day, _moment, after=after, limit=limit)


@contextmanager
def streamed_line_items(
    cost_filter: CostFilter, visibility: Visibility, *, version: int | None
) -> Iterator[Table]:
    """All lines, in constant memory; to be read before the context ends."""

    of_day = partial(_of_day, cost_filter, visibility, version)
    yield Table(COLUMNS, all_rows(_days(cost_filter, visibility), of_day))


def _moment(row: Row) -> datetime:
    day: date = row[0]
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _days(cost_filter: CostFilter, visibility: Visibility) -> list[date]:
    stored = BillingDay.objects.filter(
        organization__in=visibility.organizations,
        day__gte=cost_filter.start,
        day__lt=cost_filter.end,
    )
    return list(stored.order_by("day").values_list("day", flat=True).distinct())


def _of_day(
    cost_filter: CostFilter, visibility: Visibility, version: int | None, day: date
) -> tuple[str, dict[str, Any]]:
    of_day = replace(cost_filter, start=day, end=day + ONE_DAY)
    whole = list(_WHOLE.values())
    amounts = ["false", "line.amount", "line.list_amount"]
    if visibility.is_limited:
        whole = [f"CASE WHEN seen.is_whole THEN {each} END" for each in whole]
        amounts = ["NOT seen.is_whole", "seen.amount", "seen.list_amount"]
    held = (
        "line.last_version IS NULL"
        if version is None
        else "line.first_version <= %(version)s"
        " AND (line.last_version IS NULL OR line.last_version >= %(version)s)"
    )
    asked = "".join(f" AND {each}" for each in of_day.conditions(DIMENSIONS))
    sql = f"""
        SELECT {", ".join([*_NAMED.values(), *amounts, *whole])}
        FROM (
            -- Else the planner may walk all lines in the order asked for, to find a few.
            SELECT * FROM cost_line_items AS line
            WHERE line.organization_id = ANY (%(organizations)s::smallint[])
              AND line.day >= %(start)s AND line.day < %(end)s AND {held}
            OFFSET 0
        ) AS line
        JOIN dimensions_orgs AS organization ON organization.id = line.organization_id
        LEFT JOIN dimensions_envs AS environment
          ON environment.organization_id = line.organization_id
         AND environment.env_id = line.env_id
        {_SHARES if visibility.is_limited else ""}
        WHERE true {asked}
        ORDER BY line.organization_id, line.id
    """
    return sql, of_day.parameters(visibility) | {"version": version}
