"""Facts of a day from its current bill lines: who owes it, by day and by hour. Set-based SQL.

Facts of lines that are still on the bill stay; hours move only with amounts.
"""

from datetime import date
from typing import Any

from django.db import connection

from costs.models import UNALLOCATED, Confidence, Method
from dimensions.models import Organization

HOURS_PER_DAY = 24  # a UTC day has no other length

_DROP_OBSOLETE = """
    WITH obsolete AS (
        DELETE FROM daily_cost_facts AS fact
        USING cost_line_items AS line
        WHERE fact.organization_id = %(organization)s AND fact.charge_date = %(day)s
          AND line.organization_id = %(organization)s AND line.day = %(day)s
          AND line.id = fact.line_item_id AND line.last_version IS NOT NULL
        RETURNING fact.id
    )
    DELETE FROM hourly_costs AS hour
    USING obsolete
    WHERE hour.organization_id = %(organization)s AND hour.daily_cost_fact_id = obsolete.id
      AND hour."timestamp" >= %(day)s::timestamp AT TIME ZONE 'UTC'
      AND hour."timestamp" < (%(day)s::timestamp + interval '1 day') AT TIME ZONE 'UTC'
"""

# A line without a product is labelled by its line type, so that no group loses it.
_WRITE_FACTS = """
    WITH fact AS (
        INSERT INTO daily_cost_facts (
            organization_id, org_id, charge_date, line_item_id, env_id, cluster_id,
            product, line_type, business_unit, cost_center,
            allocation_confidence, allocation_method, cost_usd, list_cost_usd
        )
        SELECT line.organization_id, organization.org_id, line.day, line.id,
               nullif(line.env_id, ''), nullif(line.resource_id, ''),
               coalesce(nullif(line.product, ''), nullif(line.line_type, ''), 'UNKNOWN'),
               coalesce(nullif(line.line_type, ''), 'UNKNOWN'),
               %(unallocated)s, %(unallocated)s, %(confidence)s, %(method)s,
               line.amount, line.list_amount
        FROM cost_line_items AS line
        JOIN dimensions_orgs AS organization ON organization.id = line.organization_id
        WHERE line.organization_id = %(organization)s AND line.day = %(day)s
          AND line.last_version IS NULL
          AND NOT EXISTS (
              SELECT FROM daily_cost_facts AS known
              WHERE known.organization_id = %(organization)s
                AND known.charge_date = %(day)s
                AND known.line_item_id = line.id
          )
        ORDER BY line.id
        RETURNING organization_id, id, charge_date, cost_usd
    )
    INSERT INTO hourly_costs ("timestamp", daily_cost_fact_id, organization_id, cost_usd)
    SELECT (fact.charge_date + hour.part * interval '1 hour') AT TIME ZONE 'UTC',
           fact.id, fact.organization_id, hour.share
    FROM fact, split_evenly(fact.cost_usd, %(hours)s) AS hour
"""


def allocate_day(organization: Organization, day: date) -> tuple[int, int]:
    """Make the facts of a day agree with its current lines; (daily, hourly) rows written.

    Call it inside the day's transaction. The month's partition must exist.
    """
    parameters: dict[str, Any] = {
        "organization": organization.pk,
        "day": day,
        "unallocated": UNALLOCATED,
        "confidence": Confidence.LOW,
        "method": Method.UNALLOCATED,
        "hours": HOURS_PER_DAY,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DROP_OBSOLETE, parameters)
        cursor.execute(_WRITE_FACTS, parameters)
        hours = cursor.rowcount
    return hours // HOURS_PER_DAY, hours
