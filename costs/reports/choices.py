"""What a dimension's values are: those that something was charged to, the largest first."""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import connection

from costs.filters import DIMENSIONS, NONE, CostFilter
from costs.reports.charges import COLUMNS, conditions, source
from costs.reports.names import name_of
from costs.visibility import Visibility

_CHOICES = """
    WITH charged AS (
        SELECT {column} AS {name}, min(fact.organization_id) AS organization,
               sum(fact.cost_usd)::numeric(30, 10) AS cost
        {source} WHERE {conditions}
        GROUP BY 1
    )
    SELECT charged.{name}, named.name, cost
    FROM charged LEFT JOIN LATERAL ({lookup}) AS named ON true
    WHERE %(words)s = ''
       OR strpos(lower(coalesce(charged.{name}, '{none}')), lower(%(words)s)) > 0
       OR strpos(lower(named.name), lower(%(words)s)) > 0
    ORDER BY cost DESC, charged.{name}
    LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value as the filter takes it, its display name, and USD in the filter's days."""

    value: str
    name: str
    cost: Decimal


def choices(
    dimension: str, words: str, cost_filter: CostFilter, visibility: Visibility, *, most: int
) -> list[Choice]:
    """Values with charges on the filter's days whose id or name holds the words.

    What the filter says of the dimension itself is left aside: one may choose another value.
    """
    others = replace(
        cost_filter,
        include={key: said for key, said in cost_filter.include.items() if key != dimension},
        exclude={key: said for key, said in cost_filter.exclude.items() if key != dimension},
    )
    has_name = DIMENSIONS[dimension].name_key
    sql = _CHOICES.format(
        column=COLUMNS[dimension],
        name=dimension,
        source=source(others, (dimension,)),
        conditions=" AND ".join(conditions(others, visibility)),
        lookup=name_of(dimension, "charged") if has_name else "SELECT NULL::text AS name",
        none=NONE,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, others.parameters(visibility) | {"words": words, "most": most})
        return [
            Choice(value if value is not None else NONE, name or value or "", cost)
            for value, name, cost in cursor.fetchall()
        ]
