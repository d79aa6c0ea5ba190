"""The charges that a question is about, as SQL: daily facts, their sums, or their hours.

Every report of costs stands on these statements, so that filters and limits of users are applied
in one place, and so that it is decided here alone which relation answers.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from costs.filters import CostFilter, CostType
from costs.visibility import Visibility

# Columns of the charges AS fact (and of the environment's row, for its stage).
COLUMNS = {
    "org": "fact.org_id",
    "env": "fact.env_id",
    "stage": "nullif(environment.stage, '')",
    "cluster": "fact.cluster_id",
    "product": "fact.product",
    "line_type": "fact.line_type",
    "business_unit": "fact.business_unit",
    "cost_center": "fact.cost_center",
    "confidence": "fact.allocation_confidence",
    "method": "fact.allocation_method",
}
# Sums over line types, a quarter of the rows; proved equal to the facts by reconcile.
SUMS = "daily_resource_costs"
# With the columns of the sums. The planner sees through it.
FACTS = """(
        SELECT *, greatest(cost_usd, 0) AS usage_usd, least(cost_usd, 0) AS credits_usd, 1 AS facts
        FROM daily_cost_facts
    )"""
# Sums over resources as well, a row for each owner of a day; proved, too. Net costs alone.
OWNERS = "daily_owner_costs"
# Dimensions that the sums do not tell apart, and those that the sums by owner do.
_OF_FACTS = {"line_type"}
_OF_OWNERS = {"business_unit", "cost_center"}
ENVIRONMENTS = """
    LEFT JOIN dimensions_envs AS environment
      ON environment.organization_id = fact.organization_id AND environment.env_id = fact.env_id
"""
HOURS = """
    JOIN hourly_costs AS hour
      ON hour.organization_id = fact.organization_id AND hour.daily_cost_fact_id = fact.id
     AND hour."timestamp" >= %(start)s::timestamp AT TIME ZONE 'UTC'
     AND hour."timestamp" < %(end)s::timestamp AT TIME ZONE 'UTC'
"""
# Hours hold what is owed; what the list says is split by the same rule when it is asked for.
_LIST_HOURS = """
    CROSS JOIN LATERAL (
        SELECT (fact.charge_date + part * interval '1 hour') AT TIME ZONE 'UTC' AS "timestamp",
               share AS cost_usd
        FROM split_evenly(fact.list_cost_usd, 24)
    ) AS hour
"""
_SIGNS = {CostType.USAGE: "fact.usage_usd > 0", CostType.CREDITS: "fact.credits_usd < 0"}
_AMOUNTS = {
    CostType.NET: "fact.cost_usd",
    CostType.USAGE: "fact.usage_usd",
    CostType.CREDITS: "fact.credits_usd",
    CostType.LIST: "fact.list_cost_usd",
}


class Granularity(StrEnum):
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    TOTAL = "total"


UNITS = {
    Granularity.HOURLY: "interval '1 hour'",
    Granularity.DAILY: "interval '1 day'",
    Granularity.WEEKLY: "interval '7 days'",
    Granularity.MONTHLY: "interval '1 month'",
}
NO_TIME = "interval '0'"
_PERIODS = {
    Granularity.HOURLY: "{moment}",
    Granularity.DAILY: "{moment}::date",
    Granularity.WEEKLY: "date_trunc('week', {moment})::date",
    Granularity.MONTHLY: "date_trunc('month', {moment})::date",
    Granularity.TOTAL: "%(start)s::date",
}


def charges(
    cost_filter: CostFilter,
    visibility: Visibility,
    granularity: Granularity,
    dimensions: Iterable[str],
) -> str:
    """SELECT period, the dimensions, organization, amount of every charge."""
    dimensions = tuple(dimensions)
    is_hourly = granularity == Granularity.HOURLY
    moment = "(hour.\"timestamp\" AT TIME ZONE 'UTC')" if is_hourly else "fact.charge_date"
    hours = ""
    if is_hourly:
        hours = _LIST_HOURS if cost_filter.cost_type == CostType.LIST else HOURS
    return f"""
        SELECT {_PERIODS[granularity].format(moment=moment)} AS period{_selected(dimensions)},
               {"hour.cost_usd" if is_hourly else _AMOUNTS[cost_filter.cost_type]} AS amount
        {source(cost_filter, dimensions, of_facts=is_hourly)} {hours}
        WHERE {" AND ".join(conditions(cost_filter, visibility))}
    """


def earlier_charges(
    cost_filter: CostFilter,
    visibility: Visibility,
    granularity: Granularity,
    dimensions: Iterable[str],
) -> str:
    """The same of the days [previous_start, previous_end), each in the period it is compared with.

    A day, week or month is compared with the one before it, the total with the range before.
    """
    dimensions = tuple(dimensions)
    moment = f"(fact.charge_date + {UNITS.get(granularity, NO_TIME)})"
    return f"""
        SELECT {_PERIODS[granularity].format(moment=moment)} AS period{_selected(dimensions)},
               {_AMOUNTS[cost_filter.cost_type]} AS amount
        {source(cost_filter, dimensions)}
        WHERE {" AND ".join(conditions(cost_filter, visibility, days="previous_"))}
    """


def source(
    cost_filter: CostFilter, dimensions: Iterable[str] = (), *, of_facts: bool = False
) -> str:
    """FROM the charges AS fact, with what the filter and the dimensions need beside them.

    They have the columns of the dimensions that are asked for, and the amount of the cost type;
    of_facts: one row each, for who needs their lines, rules or hours.
    """
    asked = {*cost_filter.named(), *dimensions}
    if of_facts or asked & _OF_FACTS:
        relation = FACTS
    elif asked <= _OF_OWNERS and cost_filter.cost_type == CostType.NET:
        relation = OWNERS
    else:
        relation = SUMS
    return f"FROM {relation} AS fact {ENVIRONMENTS if 'stage' in asked else ''}"


def conditions(cost_filter: CostFilter, visibility: Visibility, *, days: str = "") -> Iterator[str]:
    """What holds for the facts of the filter, as far as they are visible."""
    yield "fact.organization_id = ANY (%(organizations)s::smallint[])"
    yield f"fact.charge_date >= %({days}start)s AND fact.charge_date < %({days}end)s"
    if visibility.is_limited:
        yield "fact.business_unit = ANY (%(business_units)s)"
    if sign := _SIGNS.get(cost_filter.cost_type):
        yield sign
    yield from cost_filter.conditions(COLUMNS)


def _selected(dimensions: Iterable[str]) -> str:
    named = "".join(f", {COLUMNS[name]} AS {name}" for name in dimensions)
    return f"{named}, fact.organization_id AS organization"
