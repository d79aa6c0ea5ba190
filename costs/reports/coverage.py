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
    )
    SELECT {data_through},
           count(DISTINCT day), count(DISTINCT day) FILTER (WHERE NOT is_settled),
           count(DISTINCT day) FILTER (WHERE is_incomplete OR held_since IS NOT NULL),
           min(day) FILTER (WHERE NOT is_settled)
    FROM billed
    WHERE day >= %(start)s AND day < %(end)s
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

    provisional: Confluent may still restate them; incomplete: not every answer could be used.
    """

    data_through: date | None
    days_in_range: int
    days_stored: int
    days_provisional: int
    days_incomplete: int
    first_provisional: date | None

    @property
    def days_missing(self) -> int:
        return self.days_in_range - self.days_stored


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
        through, stored, provisional, incomplete, first = cursor.fetchone()
    in_range = (cost_filter.end - cost_filter.start).days
    return Coverage(through, in_range, stored, provisional, incomplete, first)
