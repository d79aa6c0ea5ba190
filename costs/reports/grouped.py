"""Costs by period and dimensions: the report that most questions are answered with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from costs.filters import DIMENSIONS, CostType
from costs.reports.charges import UNITS, Granularity, charges, earlier_charges
from costs.reports.columns import Column, ColumnKind, Table, streamed
from costs.reports.names import name_of
from costs.reports.query import CostQuery
from costs.visibility import Visibility

OTHERS = "Others"


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all rows of a report, whichever of them are shown. USD."""

    rows: int
    cost_usd: Decimal
    previous_cost_usd: Decimal | None
    groups_in_others: int

    @property
    def change(self) -> Decimal | None:
        """Against what was owed before; None where nothing is compared."""
        previous = self.previous_cost_usd
        return None if previous is None else self.cost_usd - previous


@dataclass(frozen=True, slots=True)
class GroupedCosts:
    """A page of rows, and the totals of the whole report."""

    table: Table
    totals: Totals


def grouped_costs(
    query: CostQuery, visibility: Visibility, *, limit: int, offset: int = 0
) -> GroupedCosts:
    """The rows [offset, offset + limit) of the report, and the totals of all of them."""
    columns = columns_of(query)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH {_steps(query, visibility)},
            total AS (
                SELECT count(*) AS rows, coalesce(sum(cost_usd), 0)::numeric(30, 10),
                       coalesce(sum(previous_cost_usd), 0)::numeric(30, 10),
                       greatest(coalesce(max(groups), 0) - %(top)s, 0)
                FROM folded
            ),
            page AS (
                SELECT *, row_number() OVER (ORDER BY {_ordering(query)}) AS position
                FROM folded ORDER BY position LIMIT %(limit)s OFFSET %(offset)s
            )
            SELECT total.*, page.position, {_shown(query)}
            FROM total LEFT JOIN page ON true {_names(query)}
            ORDER BY page.position
            """,
            _parameters(query, visibility) | {"limit": limit, "offset": offset},
        )
        found = cursor.fetchall()
    count, cost, previous, others, *_ = found[0]
    totals = Totals(count, cost, previous if query.is_compared else None, others)
    rows = [row[5:] for row in found if row[4] is not None]
    return GroupedCosts(Table(columns, rows), totals)


@contextmanager
def streamed_costs(query: CostQuery, visibility: Visibility) -> Iterator[Table]:
    """All rows of the report, in constant memory; to be read before the context ends."""
    sql = f"""
        WITH {_steps(query, visibility)}
        SELECT {_shown(query)} FROM folded AS page {_names(query)} ORDER BY {_ordering(query)}
    """
    with streamed(sql, _parameters(query, visibility)) as rows:
        yield Table(columns_of(query), rows)


def columns_of(query: CostQuery) -> list[Column]:
    """The columns of the report's rows."""
    moment = ColumnKind.TIME if query.granularity == Granularity.HOURLY else ColumnKind.DAY
    columns = [Column("period_start", moment), Column("period_end", moment)]
    for name in query.group_by:
        dimension = DIMENSIONS[name]
        columns += [Column(key) for key in (dimension.key, dimension.name_key) if key]
    if query.top is not None:
        columns.append(Column("is_others", ColumnKind.FLAG))
    columns.append(Column("cost_usd", ColumnKind.AMOUNT))
    if query.is_compared:
        columns += [
            Column("previous_cost_usd", ColumnKind.AMOUNT),
            Column("change_usd", ColumnKind.AMOUNT),
            Column("change_percent", ColumnKind.NUMBER),
        ]
    return columns


def _parameters(query: CostQuery, visibility: Visibility) -> dict[str, Any]:
    previous_start, previous_end = query.previous_days()
    return query.filter.parameters(visibility) | {
        "previous_start": previous_start,
        "previous_end": previous_end,
        "top": query.top or 0,
        "others": OTHERS,
    }


def _steps(query: CostQuery, visibility: Visibility) -> str:
    """grouped: sums; ranked: each with the place of its group; folded: the rest as one group."""
    keys = ", ".join(query.group_by)
    asked = (query.filter, visibility, query.granularity, query.group_by)
    columns = f"period{', ' + keys if keys else ''}"
    if query.is_compared:
        found = f"""
            SELECT {columns}, organization, amount, 0 AS previous
            FROM ({charges(*asked)}) AS charge
            UNION ALL
            SELECT {columns}, organization, 0, amount
            FROM ({earlier_charges(*asked)}) AS charge
        """
    else:
        found = f"SELECT *, NULL::numeric AS previous FROM ({charges(*asked)}) AS charge"
    grouped = f"""
        grouped AS MATERIALIZED (
            SELECT {columns}, min(organization) AS organization,
                   sum(amount) AS cost_usd, sum(previous) AS previous_cost_usd
            FROM ({found}) AS charge
            GROUP BY {columns}
        )
    """
    if query.top is None:
        return f"{grouped}, folded AS (SELECT *, 0 AS groups, false AS is_others FROM grouped)"
    return f"{grouped}, {_folded(query, keys)}"


def _folded(query: CostQuery, keys: str) -> str:
    kept = "".join(
        f", CASE WHEN place > %(top)s THEN %(others)s ELSE {name} END AS {name}"
        for name in query.group_by
    )
    positions = "".join(f", {2 + number}" for number in range(len(query.group_by)))
    return f"""
        sized AS (
            SELECT *, sum(cost_usd) OVER (PARTITION BY {keys}) AS group_cost FROM grouped
        ),
        ranked AS (
            SELECT *, dense_rank() OVER (
                ORDER BY group_cost {_largest_first(query)}, {keys}
            ) AS place
            FROM sized
        ),
        folded AS (
            SELECT period{kept}, min(organization) AS organization,
                   sum(cost_usd) AS cost_usd, sum(previous_cost_usd) AS previous_cost_usd,
                   max(place) AS groups, place > %(top)s AS is_others
            FROM ranked
            GROUP BY period, place > %(top)s{positions}
        )
    """


def _shown(query: CostQuery) -> str:
    """What a row shows, in the order of columns_of."""
    period = "page.period"
    unit = UNITS.get(query.granularity)
    if query.granularity == Granularity.HOURLY:
        shown = [f"{period} AT TIME ZONE 'UTC'", f"({period} + {unit}) AT TIME ZONE 'UTC'"]
    elif unit is None:
        shown = ["%(start)s::date", "%(end)s::date"]
    else:
        # A week or month that the range cuts shows the days that it has in it.
        shown = [
            f"greatest({period}, %(start)s::date)",
            f"least(({period} + {unit})::date, %(end)s::date)",
        ]
    for name in query.group_by:
        shown.append(f"page.{name}")
        if DIMENSIONS[name].name_key:
            shown.append(f"CASE WHEN page.is_others THEN %(others)s ELSE {name}_named.name END")
    if query.top is not None:
        shown.append("page.is_others")
    shown.append("page.cost_usd::numeric(30, 10)")
    if query.is_compared:
        shown += [
            "page.previous_cost_usd::numeric(30, 10)",
            "(page.cost_usd - page.previous_cost_usd)::numeric(30, 10)",
            "round((page.cost_usd - page.previous_cost_usd) * 100"
            " / abs(nullif(page.previous_cost_usd, 0)), 4)",
        ]
    return ", ".join(shown)


def _names(query: CostQuery) -> str:
    return "".join(
        f" LEFT JOIN LATERAL ({name_of(name, 'page')}) AS {name}_named ON true"
        for name in query.group_by
        if DIMENSIONS[name].name_key
    )


def _ordering(query: CostQuery) -> str:
    """SQL that sorts all rows in one way only; Others come last, within a leading period."""
    asked = {order.by: order for order in query.order_by}
    if not asked:
        orders = ["period", "is_others", f"cost_usd {_largest_first(query)}"]
    else:
        orders = [f"{_SORTED_BY.get(by, by)} {_direction(asked[by].descending)}" for by in asked]
        orders.insert(1 if "period" in orders[0] else 0, "is_others")
        orders += ["period"]
    return ", ".join([*orders, *query.group_by])


def _largest_first(query: CostQuery) -> str:
    """Of credits the largest are those furthest below zero."""
    return "ASC" if query.filter.cost_type == CostType.CREDITS else "DESC"


_SORTED_BY = {"cost": "cost_usd", "change": "cost_usd - previous_cost_usd"}


def _direction(descending: bool) -> str:
    return "DESC NULLS LAST" if descending else "ASC NULLS LAST"
