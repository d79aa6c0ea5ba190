"""A year of a large bill, in a database of its own: 2,000 resources, 2.92 million daily facts.

The facts are made by SQL, not collected: a year of hours would be 70 million rows, of which the
reports read none. The days of DAYS_WITH_HOURS have theirs, by the function that the product uses;
what daily facts save is measured against them.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from costs.partitions import ONE_DAY, ensure_partitions, month_of

ORGANIZATIONS, ENVIRONMENTS, RESOURCES, LINE_TYPES, DAYS = 1, 40, 2_000, 4, 365
DAYS_WITH_HOURS = 30  # 5,760,000 rows
# Of the month before this one, so that what asks for recent days finds some.
LAST = month_of(datetime.now(UTC).date()) - ONE_DAY
FIRST = LAST - timedelta(days=DAYS - 1)

_EMPTY = """
    TRUNCATE hourly_costs, daily_cost_facts, daily_owner_costs, billing_days, dimensions_orgs,
             dimensions_envs, dimensions_clusters, dimensions_business_units,
             dimensions_cost_centers
    RESTART IDENTITY CASCADE
"""
_DIMENSIONS = """
    INSERT INTO dimensions_orgs (org_id, name, name_override, notes, metadata)
    VALUES ('bench', 'Bench', '', '', '{}');
    INSERT INTO dimensions_envs (organization_id, env_id, name, stage, name_override, notes,
                                 metadata)
    SELECT 1, 'env-' || number, 'Environment ' || number,
           CASE WHEN number %% 3 = 0 THEN 'production' ELSE 'non-production' END, '', '', '{}'
    FROM generate_series(1, %(environments)s) AS number;
    INSERT INTO dimensions_clusters (organization_id, cluster_id, env_id, kind, name, name_override,
                                     notes, metadata)
    SELECT 1, 'lkc-' || number, 'env-' || 1 + number %% %(environments)s, 'kafka',
           'cluster ' || number, '', '', '{}'
    FROM generate_series(1, %(resources)s) AS number;
    INSERT INTO dimensions_business_units (code, name, contact, notes)
    SELECT 'BU-' || number, 'Unit ' || number, '', '' FROM generate_series(1, 12) AS number;
    INSERT INTO dimensions_cost_centers (code, name, contact, notes)
    SELECT 'CC-' || number, 'Center ' || number, '', '' FROM generate_series(1, 50) AS number;
"""
_FACTS = """
    INSERT INTO daily_cost_facts (
        organization_id, org_id, charge_date, line_item_id, env_id, cluster_id, product, line_type,
        business_unit, cost_center, allocation_confidence, allocation_method, cost_usd,
        list_cost_usd
    )
    SELECT 1, 'bench', day::date, (day::date - %(first)s::date) * 10000 + resource * 4 + line,
           'env-' || 1 + resource %% %(environments)s, 'lkc-' || resource,
           (ARRAY['KAFKA', 'KAFKA', 'CONNECT', 'FLINK'])[1 + line],
           (ARRAY['KAFKA_BASE', 'KAFKA_STORAGE', 'CONNECT_CAPACITY', 'FLINK_CFU'])[1 + line],
           'BU-' || 1 + resource %% 12, 'CC-' || 1 + resource %% 50, 'high', 'cluster_rule',
           amount, amount * 1.1
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS day
    CROSS JOIN generate_series(1, %(resources)s) AS resource
    CROSS JOIN generate_series(0, %(line_types)s - 1) AS line
    CROSS JOIN LATERAL (
        SELECT round((1 + (resource * 7919 + line * 104729) %% 1000 / 3.0)::numeric, 10) AS amount
    ) AS priced
"""
_DAYS = """
    INSERT INTO billing_days (
        organization_id, day, version, content_hash, labels_hash, line_count, amount, fetched_at,
        first_collected_at, last_collected_at, last_changed_at, rules_revision, is_incomplete
    )
    SELECT 1, charge_date, 1, md5('')::uuid, md5('')::uuid, count(*), sum(cost_usd),
           charge_date + 5, charge_date + 5, charge_date + 5, charge_date + 5, 0, false
    FROM daily_cost_facts GROUP BY charge_date;
    INSERT INTO daily_owner_costs (
        organization_id, charge_date, business_unit, cost_center, names_nobody, facts, cost_usd
    )
    SELECT 1, charge_date, business_unit, cost_center, false, count(*), sum(cost_usd)
    FROM daily_cost_facts GROUP BY charge_date, business_unit, cost_center;
"""
_HOURS = """
    INSERT INTO hourly_costs ("timestamp", daily_cost_fact_id, organization_id, cost_usd)
    SELECT (charge_date + part * interval '1 hour') AT TIME ZONE 'UTC', id, 1, share
    FROM daily_cost_facts CROSS JOIN LATERAL split_evenly(cost_usd, 24)
    WHERE charge_date > %(last)s::date - %(days_with_hours)s
    ORDER BY charge_date, id, part
"""


def facts() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM daily_cost_facts")
        (count,) = cursor.fetchone()
    return int(count)


def is_current() -> bool:
    """Whether the database holds the year that ends with LAST, and the hours of its end."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT max(day), EXISTS (SELECT FROM hourly_costs WHERE "timestamp" < %s)
            FROM billing_days
            """,
            [LAST - timedelta(days=DAYS_WITH_HOURS - 2)],
        )
        last, has_hours = cursor.fetchone()
    return bool(last == LAST and has_hours)


def fill() -> None:
    """Fill a migrated database anew."""
    parameters: dict[str, Any] = {
        "environments": ENVIRONMENTS,
        "resources": RESOURCES,
        "line_types": LINE_TYPES,
        "first": FIRST,
        "last": LAST,
        "days_with_hours": DAYS_WITH_HOURS,
    }
    ensure_partitions(FIRST, LAST)
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)
        for statement in (_DIMENSIONS, _FACTS, _DAYS, _HOURS):
            cursor.execute(statement, parameters)
        cursor.execute("VACUUM ANALYZE")
