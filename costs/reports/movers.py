"""What changed most between two ranges of days, and whether its price or its quantity did.

Of a group's change, what the lines of one resource, line type and unit cost more because a unit
costs more is the price's part: (price - earlier price) x quantity, to ten places. The rest of the
change is the quantity's; a charge without a quantity, such as a credit, has neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from costs.filters import DIMENSIONS, NONE, CostFilter
from costs.money import percent
from costs.reports.charges import COLUMNS, conditions, source
from costs.reports.names import name_of
from costs.visibility import Visibility

_MOVERS = """
    WITH grouped AS (
        SELECT {keys}, min(organization) AS organization,
               sum(amount) AS cost, sum(previous) AS previous
        FROM (
            SELECT {selected}, fact.organization_id AS organization,
                   fact.cost_usd AS amount, 0 AS previous
            {source} WHERE {conditions}
            UNION ALL
            SELECT {selected}, fact.organization_id, 0, fact.cost_usd
            {source} WHERE {earlier}
        ) AS charge
        GROUP BY {keys}
    ),
    mover AS (
        SELECT * FROM grouped WHERE cost <> previous
        ORDER BY abs(cost - previous) DESC, {keys}
        LIMIT %(most)s
    )
    SELECT {shown}, mover.cost::numeric(30, 10), mover.previous::numeric(30, 10)
    FROM mover {names}
    ORDER BY abs(mover.cost - mover.previous) DESC, {mover_keys}
"""
# What the price made of each group's change, and what neither price nor quantity did.
_EFFECTS = """
    -- A share of a line has the same share of its quantity. What the list has for nothing has none:
    -- it would lower the price of what is paid.
    WITH sold AS (
        SELECT {selected}, fact.organization_id AS sold_to, fact.cluster_id AS sold_by,
               fact.product AS sold_product, fact.line_type AS sold_as, line.unit,
               line.network_access_type,
               fact.charge_date >= %(start)s AND fact.charge_date < %(end)s AS is_now,
               sum(fact.cost_usd) AS cost,
               sum(CASE WHEN line.amount <> 0
                        THEN line.quantity * fact.cost_usd / line.amount
                        WHEN line.list_amount <> 0
                        THEN line.quantity * fact.list_cost_usd / line.list_amount
                   END) AS quantity
        {source}
        JOIN cost_line_items AS line
          ON line.organization_id = fact.organization_id AND line.id = fact.line_item_id
        WHERE ({conditions}) OR ({earlier})
        GROUP BY {columns}, sold_to, sold_by, sold_product, sold_as, line.unit,
                 line.network_access_type, is_now
    ),
    compared AS (
        SELECT {keys}, coalesce(sum(cost) FILTER (WHERE is_now), 0) AS cost,
               coalesce(sum(cost) FILTER (WHERE NOT is_now), 0) AS previous,
               sum(quantity) FILTER (WHERE is_now) AS quantity,
               sum(quantity) FILTER (WHERE NOT is_now) AS previous_quantity
        FROM sold
        GROUP BY {keys}, sold_to, sold_by, sold_product, sold_as, unit, network_access_type
    )
    SELECT {keys},
           sum(CASE WHEN quantity > 0 AND previous_quantity > 0
                    THEN cost - round(previous * quantity / previous_quantity, 10)
                    ELSE 0 END)::numeric(30, 10),
           sum(CASE WHEN coalesce(quantity, previous_quantity) IS NULL
                    THEN cost - previous ELSE 0 END)::numeric(30, 10)
    FROM compared
    GROUP BY {keys}
"""
ZERO = Decimal(0)
Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Mover:
    """A group's cost in a range and in the range before; USD. ids and names: by dimension.

    price_effect + quantity_effect + other_effect = change, exactly.
    """

    ids: dict[str, str | None]
    names: dict[str, str | None]
    cost: Decimal
    previous: Decimal
    price_effect: Decimal
    other_effect: Decimal

    @property
    def change(self) -> Decimal:
        return self.cost - self.previous

    @property
    def change_percent(self) -> Decimal | None:
        """Of what it cost before; None of nothing."""
        return percent(self.change, abs(self.previous))

    @property
    def quantity_effect(self) -> Decimal:
        return self.change - self.price_effect - self.other_effect


def movers(
    cost_filter: CostFilter,
    earlier: tuple[date, date],
    visibility: Visibility,
    *,
    by: Sequence[str],
    most: int,
) -> list[Mover]:
    """The groups whose cost changed most against the earlier days [start, end)."""
    days: dict[str, Any] = {"previous_start": earlier[0], "previous_end": earlier[1]}
    width = len(by)
    with connection.cursor() as cursor:
        cursor.execute(
            _statement(_MOVERS, cost_filter, visibility, by),
            cost_filter.parameters(visibility) | days | {"most": most},
        )
        found = cursor.fetchall()
        effects: dict[Key, Any] = {}
        if found:
            theirs = _only(cost_filter, by, [row[:width] for row in found])
            cursor.execute(
                _statement(_EFFECTS, theirs, visibility, by, of_facts=True),
                theirs.parameters(visibility) | days,
            )
            effects = {row[:width]: row[width:] for row in cursor.fetchall()}
    return [_mover(row, by, *effects.get(row[:width], (ZERO, ZERO))) for row in found]


def _only(cost_filter: CostFilter, by: Sequence[str], groups: Sequence[Key]) -> CostFilter:
    """Of the filter's charges those whose dimensions are among the groups'."""
    values = {
        name: tuple({NONE if value is None else value for value in column})
        for name, column in zip(by, zip(*groups, strict=True), strict=True)
    }
    return replace(cost_filter, include={**cost_filter.include, **values})


def _mover(row: tuple[Any, ...], by: Sequence[str], price: Decimal, neither: Decimal) -> Mover:
    width = len(by)
    ids, names = row[:width], row[width : 2 * width]
    cost, previous = row[2 * width :]
    return Mover(
        dict(zip(by, ids, strict=True)),
        dict(zip(by, names, strict=True)),
        cost,
        previous,
        price,
        neither,
    )


def _statement(
    template: str,
    cost_filter: CostFilter,
    visibility: Visibility,
    by: Sequence[str],
    *,
    of_facts: bool = False,
) -> str:
    named = [name for name in by if DIMENSIONS[name].name_key]
    return template.format(
        keys=", ".join(by),
        mover_keys=", ".join(f"mover.{name}" for name in by),
        columns=", ".join(COLUMNS[name] for name in by),
        selected=", ".join(f"{COLUMNS[name]} AS {name}" for name in by),
        source=source(cost_filter, by, of_facts=of_facts),
        conditions=" AND ".join(conditions(cost_filter, visibility)),
        earlier=" AND ".join(conditions(cost_filter, visibility, days="previous_")),
        shown=", ".join(
            [
                *(f"mover.{name}" for name in by),
                *(f"{name}_named.name" if name in named else "NULL" for name in by),
            ]
        ),
        names="".join(
            f" LEFT JOIN LATERAL ({name_of(name, 'mover')}) AS {name}_named ON true"
            for name in named
        ),
    )
