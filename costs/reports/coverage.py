"""How sure the days of an answer are: which are collected, provisional or incomplete."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from costs.filters import CostFilter
from costs.visibility import Visibility

_COVERAGE = """
    WITH billed AS (
        SELECT billing_day.*
        FROM billing_days AS billing_day
        JOIN dimensions_orgs AS organization ON organization.id = billing_day.organization_id
        WHERE billing_day.organization_id = ANY (%(organizations)s::smallint[]) {among}
    ),
    begun AS (
        SELECT organization_id, min(day) AS first_day FROM billed GROUP BY organization_id
    ),
    by_day AS (
        SELECT day, bool_and(is_settled) AS is_settled,
               bool_or(is_incomplete OR held_since IS NOT NULL) AS is_doubtful,
               count(*) = (SELECT count(*) FROM begun WHERE first_day <= billed.day) AS is_whole
        FROM billed
        WHERE day >= %(start)s AND day < %(end)s
        GROUP BY day
    )
    SELECT {data_through},
           count(*), count(*) FILTER (WHERE NOT is_settled), count(*) FILTER (WHERE is_doubtful),
           min(day) FILTER (WHERE NOT is_settled), count(*) FILTER (WHERE NOT is_whole)
    FROM by_day
"""
_UNSETTLED = """
    SELECT day
    FROM billing_days
    WHERE organization_id = ANY (%(organizations)s::smallint[])
      AND day >= %(start)s AND day < %(end)s
    GROUP BY day
    HAVING NOT bool_and(is_settled)
"""


_LAST_LINE = "(SELECT max(day) FROM billed WHERE line_count > 0)"
# Whether others had a line is not for who is limited.
_LAST_OWN_CHARGE = """(
        SELECT max(charge_date) FROM daily_owner_costs
        WHERE organization_id IN (SELECT organization_id FROM billed)
          AND business_unit = ANY (%(business_units)s)
    )"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the UTC days [start, end) of an answer; data_through is the last day with a bill line.

    provisional: Confluent may still restate them; incomplete: not every answer could be used;
    partial: stored, but not for every organization whose days had begun by then.
    """

    data_through: date | None
    days_in_range: int
    days_stored: int
    days_provisional: int
    days_incomplete: int
    first_provisional: date | None
    days_partial: int = 0

    @property
    def days_missing(self) -> int:
        return self.days_in_range - self.days_stored

    @property
    def is_final(self) -> bool:
        """Whether every day is there, whole, and past Confluent's restatements."""
        return not (
            self.days_missing or self.days_partial or self.days_provisional or self.days_incomplete
        )


def coverage(cost_filter: CostFilter, visibility: Visibility) -> Coverage:
    """Of the organizations that the filter leaves and the user may hear of."""
    organizations = CostFilter(
        cost_filter.start,
        cost_filter.end,
        include={k: v for k, v in cost_filter.include.items() if k == "org"},
        exclude={k: v for k, v in cost_filter.exclude.items() if k == "org"},
    )
    among = "".join(
        f" AND {each}" for each in organizations.conditions({"org": "organization.org_id"})
    )
    with connection.cursor() as cursor:
        data_through = _LAST_OWN_CHARGE if visibility.is_limited else _LAST_LINE
        sql = _COVERAGE.format(among=among, data_through=data_through)
        cursor.execute(sql, organizations.parameters(visibility))
        through, stored, provisional, incomplete, first, partial = cursor.fetchone()
    in_range = (cost_filter.end - cost_filter.start).days
    return Coverage(through, in_range, stored, provisional, incomplete, first, partial)


def provisional_days(cost_filter: CostFilter, visibility: Visibility) -> set[date]:
    """The stored days of the range that Confluent may still restate, for any organization."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSETTLED, cost_filter.parameters(visibility))
        return {day for (day,) in cursor.fetchall()}
