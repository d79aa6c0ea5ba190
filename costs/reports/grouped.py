"""Costs by period and dimensions: the report that most questions are answered with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
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
    """folded: a row for each period and group; groups beyond the top ones are one group."""
    if query.top is not None:
        return _top_groups(query, visibility)
    return f"""
        folded AS MATERIALIZED (
            SELECT *, 0 AS groups, false AS is_others FROM ({_sums(query, visibility)}) AS charge
        )
    """


def _top_groups(query: CostQuery, visibility: Visibility) -> str:
    """sized: each group's sum of the whole range; ranked: its place among them."""
    keys = ", ".join(query.group_by)
    if "cluster" in query.group_by and query.granularity != Granularity.TOTAL:
        # Thousands of resources: the largest are known before the periods are summed, so that the
        # others are one group from the start. All groups of all periods would be a million sums.
        of_range = replace(query, granularity=Granularity.TOTAL)
        charge = _found(query, visibility)
        sized = f"sized AS MATERIALIZED ({_sums(of_range, visibility)})"
    else:
        charge = "SELECT * FROM grouped"
        sized = f"""
            grouped AS MATERIALIZED ({_sums(query, visibility)}),
            sized AS (SELECT {keys}, sum(cost_usd) AS cost_usd FROM grouped GROUP BY {keys})
        """
    kept = "".join(
        f", CASE WHEN place IS NULL THEN %(others)s ELSE min(charge.{name}) END AS {name}"
        for name in query.group_by
    )
    # No value is empty, and unlike IS NOT DISTINCT FROM this is joined by hash.
    in_top = " AND ".join(
        f"coalesce(charge.{name}, '') = coalesce(top_group.{name}, '')" for name in query.group_by
    )
    return f"""
        {sized},
        ranked AS MATERIALIZED (
            SELECT {keys}, row_number() OVER (
                ORDER BY cost_usd {_largest_first(query)}, {keys}
            ) AS place
            FROM sized
        ),
        folded AS MATERIALIZED (
            SELECT period{kept}, min(organization) AS organization,
                   sum(charge.cost_usd) AS cost_usd,
                   sum(charge.previous_cost_usd) AS previous_cost_usd,
                   (SELECT count(*) FROM ranked) AS groups, place IS NULL AS is_others
            FROM ({charge}) AS charge
            LEFT JOIN (SELECT * FROM ranked WHERE place <= %(top)s) AS top_group
              ON {in_top}
            GROUP BY period, place
        )
    """


def _sums(query: CostQuery, visibility: Visibility) -> str:
    columns = ", ".join(("period", *query.group_by))
    return f"""
        SELECT {columns}, min(organization) AS organization, sum(cost_usd) AS cost_usd,
               sum(previous_cost_usd) AS previous_cost_usd
        FROM ({_found(query, visibility)}) AS charge
        GROUP BY {columns}
    """


def _found(query: CostQuery, visibility: Visibility) -> str:
    """The charges, and those that they are compared with."""
    asked = (query.filter, visibility, query.granularity, query.group_by)
    if not query.is_compared:
        return f"""
            SELECT *, amount AS cost_usd, NULL::numeric AS previous_cost_usd
            FROM ({charges(*asked)}) AS charge
        """
    columns = ", ".join(("period", *query.group_by, "organization"))
    return f"""
        SELECT {columns}, amount AS cost_usd, 0 AS previous_cost_usd
        FROM ({charges(*asked)}) AS charge
        UNION ALL
        SELECT {columns}, 0, amount
        FROM ({earlier_charges(*asked)}) AS charge
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
