"""The bills that speed is measured on: made by SQL, kept by the product itself, day by day.

A day's lines are put into `staged_lines` as the collector would, and `costs.bill.keep_day` makes
lines, facts, hours and sums of them. The same size and day give the same lines everywhere.
"""

import os
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import psycopg2
from django.core.management import call_command
from django.db import connection, transaction

from costs.bill import KeptDay, create_staging, keep_day
from costs.clock import database_now
from costs.models import AllocationRule, AllocationTarget, BillingDay
from costs.partitions import ONE_DAY, ensure_partitions, month_of
from dimensions.models import Cluster, CostCenter, Environment, Organization

ENVIRONMENTS, COST_CENTERS, BUSINESS_UNITS = 40, 50, 12
# Of the month before this one, so that what asks for recent days finds some.
LAST = month_of(datetime.now(UTC).date()) - ONE_DAY


@dataclass(frozen=True, slots=True)
class Size:
    """How large a bill is: every resource has so many lines on each of the days up to LAST."""

    name: str
    resources: int
    lines_each: int
    days: int = 365

    @property
    def first(self) -> date:
        return LAST - timedelta(days=self.days - 1)

    @property
    def database(self) -> str:
        return f"bench_{self.name.lower().replace('/', '_')}"

    @property
    def lines(self) -> int:
        """Of the resources; the few lines of the organization itself not counted."""
        return self.resources * self.lines_each * self.days


M = Size("M", 2_000, 4)
SIZES = {
    size.name: size for size in (Size("S/4", 50, 3), Size("S", 200, 3), Size("M/4", 500, 4), M)
}

_INVENTORY = """
    INSERT INTO dimensions_orgs (org_id, name, name_override, notes, metadata)
    VALUES ('bench', 'Bench', '', '', '{}');
    INSERT INTO dimensions_envs (organization_id, env_id, name, stage, name_override, notes,
                                 metadata)
    SELECT organization.id, 'env-' || number, 'Environment ' || number,
           CASE WHEN number %% 3 = 0 THEN 'production' ELSE 'non-production' END, '', '', '{}'
    FROM dimensions_orgs AS organization, generate_series(1, %(environments)s) AS number;
    INSERT INTO dimensions_clusters (organization_id, cluster_id, env_id, kind, name, name_override,
                                     notes, metadata)
    SELECT organization.id, 'lkc-' || number, 'env-' || 1 + number %% %(environments)s, 'kafka',
           'cluster ' || number, '', '', '{}'
    FROM dimensions_orgs AS organization, generate_series(1, %(resources)s) AS number;
    INSERT INTO dimensions_business_units (code, name, contact, notes)
    SELECT 'BU-' || number, 'Unit ' || number, '', ''
    FROM generate_series(1, %(business_units)s) AS number;
    INSERT INTO dimensions_cost_centers (code, name, contact, notes)
    SELECT 'CC-' || number, 'Center ' || number, '', ''
    FROM generate_series(1, %(cost_centers)s) AS number;
    INSERT INTO dimensions_cost_center_placements (cost_center_id, business_unit_id, valid_from)
    SELECT center.id, unit.id, %(first)s
    FROM dimensions_cost_centers AS center
    JOIN dimensions_business_units AS unit
      ON unit.code = 'BU-' || 1 + substr(center.code, 4)::int %% %(business_units)s;
"""
# Most resources are Kafka clusters, others have four line types or four price tiers of one; each
# has one product. Beside them what belongs to no resource: support, audit log, a weekly credit.
_STAGE = """
    INSERT INTO staged_lines (
        day, product, line_type, resource_id, resource_name, env_id, network_access_type, unit,
        price, quantity, original_amount, discount_amount, amount_received, amount, amount_source,
        list_amount, description, tier_dimensions, granularity, provider_id, other_fields
    )
    SELECT %(day)s::date, product, line_type, resource_id, resource_name, env_id, '', 'GB',
           0.1, original * 10, original, discount, amount, amount, 'billed', original, '', '{}',
           'DAILY', id, '{}'
    FROM (
        SELECT product, line_type, resource_id, resource_name, env_id, id, original,
               round(original * 0.07, 10) AS discount,
               original - round(original * 0.07, 10) AS amount
        FROM (
            SELECT (ARRAY['KAFKA', 'CONNECT', 'FLINK', 'KSQL'])[kind] AS product,
                   CASE kind
                       WHEN 1 THEN (ARRAY['KAFKA_BASE', 'KAFKA_STORAGE', 'KAFKA_NETWORK_READ',
                                          'KAFKA_NETWORK_WRITE'])[line]
                       WHEN 2 THEN (ARRAY['CONNECT_CAPACITY', 'CONNECT_NUM_TASKS',
                                          'CONNECT_THROUGHPUT', 'CONNECT_NUM_RECORDS'])[line]
                       WHEN 3 THEN 'FLINK_NUM_CFUS' ELSE 'KSQL_NUM_CSUS'
                   END AS line_type,
                   'lkc-' || resource AS resource_id, 'cluster ' || resource AS resource_name,
                   'env-' || 1 + resource %% %(environments)s AS env_id,
                   resource || '-' || line AS id,
                   round((1 + mod(resource * 7919 + line * 104729 + %(ordinal)s * 31, 9973) / 317.0
                          + CASE WHEN mod(resource * 4 + line + %(ordinal)s, 1000) < %(restated)s
                                 THEN 0.25 ELSE 0 END)::numeric, 10) AS original
            FROM (
                SELECT resource, line,
                       CASE WHEN resource %% 20 < 12 THEN 1 WHEN resource %% 20 < 17 THEN 2
                            WHEN resource %% 20 < 19 THEN 3 ELSE 4 END AS kind
                FROM generate_series(1, %(resources)s) AS resource
                CROSS JOIN generate_series(1, %(lines_each)s) AS line
            ) AS billed
        ) AS priced
        UNION ALL
        SELECT product, line_type, '', '', '', line_type, amount, 0, amount
        FROM (VALUES ('SUPPORT_CLOUD_BUSINESS', 'SUPPORT', 33.3333333333),
                     ('AUDIT_LOG', 'AUDIT_LOG_READ', 7.1234567891),
                     ('', 'PROMO_CREDIT', -50.0000000001)) AS shared (product, line_type, amount)
        WHERE line_type <> 'PROMO_CREDIT' OR %(ordinal)s %% 7 = 0
    ) AS line;
    CREATE INDEX ON staged_lines (day);
    ANALYZE staged_lines (day, content_hash);
"""


def organization() -> Organization:
    return Organization.objects.get(org_id="bench")


def use(size: Size) -> float:
    """Connect to the size's database, made and filled where that is missing.

    Returns the seconds that filling it took, whenever that was.
    """
    _connect(size.database)
    call_command("migrate", verbosity=0, skip_checks=True)
    if (took := _filled(size)) is None:
        _connect(size.database, anew=True)
        call_command("migrate", verbosity=0, skip_checks=True)
        begun = time.perf_counter()
        fill(size)
        took = time.perf_counter() - begun
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_filled (last date, seconds numeric)")
            cursor.execute("INSERT INTO bench_filled VALUES (%s, %s)", [LAST, took])
    return took


def use_empty(name: str) -> None:
    """Connect to a database of that name, made anew and migrated."""
    _connect(f"bench_{name}", anew=True)
    call_command("migrate", verbosity=0, skip_checks=True)


def _connect(database: str, *, anew: bool = False) -> None:
    """Make this process and those that it starts use the database; made where it is missing."""
    connection.close()
    address = urlsplit(os.environ["DATABASE_URL"])
    server = psycopg2.connect(address._replace(path="/postgres").geturl())
    server.autocommit = True
    with server.cursor() as cursor:
        if anew:
            cursor.execute(f"DROP DATABASE IF EXISTS {database}")
        cursor.execute("SELECT FROM pg_database WHERE datname = %s", [database])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {database}")
    server.close()
    os.environ["DATABASE_URL"] = address._replace(path=f"/{database}").geturl()
    connection.settings_dict["NAME"] = database


def _filled(size: Size) -> float | None:
    """The seconds that it took; None if the year that ends with LAST is not there, or not whole."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('bench_filled') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return None
        cursor.execute("SELECT last, seconds FROM bench_filled")
        last, seconds = cursor.fetchone()
    is_whole = last == LAST and BillingDay.objects.filter(day__gte=size.first).count() >= size.days
    return float(seconds) if is_whole else None


def fill(size: Size) -> None:
    """Make the size's year in a migrated, empty database, by the product's own path."""
    make_company(size)
    ensure_partitions(size.first, LAST)
    for number in range(size.days):
        keep(size, size.first + number * ONE_DAY)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def keep(size: Size, day: date) -> KeptDay:
    """Stage the day and let the product keep it."""
    stage(size, day)
    return keep_day(organization(), day, fetched_at=database_now(), is_incomplete=False)


def stage(size: Size, day: date, *, restated: int = 0) -> None:
    """Put the day's lines where the collector puts them; restated: how many in 1,000 changed."""
    parameters: dict[str, Any] = {
        "environments": ENVIRONMENTS,
        "resources": size.resources,
        "lines_each": size.lines_each,
        "day": day,
        "ordinal": day.toordinal(),
        "restated": restated,
    }
    create_staging()
    with connection.cursor() as cursor:
        cursor.execute(_STAGE, parameters)


@transaction.atomic
def make_company(size: Size) -> None:
    """The inventory, and who pays: 36 of the 40 environments have a rule, so has each 7th resource.

    Their cost centers are those of the same number.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _INVENTORY,
            {
                "environments": ENVIRONMENTS,
                "resources": size.resources,
                "business_units": BUSINESS_UNITS,
                "cost_centers": COST_CENTERS,
                "first": size.first,
            },
        )
    centers = list(CostCenter.objects.order_by("pk"))
    of = organization()
    for number, environment in enumerate(Environment.objects.order_by("pk")[:36]):
        rule = AllocationRule.objects.create(
            organization=of,
            selector=AllocationRule.Selector.ENVIRONMENT,
            environment=environment,
            valid_from=size.first,
        )
        _charge(rule, centers[number])
    for number, cluster in enumerate(Cluster.objects.order_by("pk")[::7]):
        rule = AllocationRule.objects.create(
            organization=of,
            selector=AllocationRule.Selector.CLUSTER,
            cluster=cluster,
            valid_from=size.first,
        )
        _charge(rule, centers[number % COST_CENTERS])


def _charge(rule: AllocationRule, center: CostCenter) -> None:
    AllocationTarget.objects.create(rule=rule, cost_center=center, percent=Decimal(100))
