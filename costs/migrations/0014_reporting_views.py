from django.db import migrations

# What Grafana and other readers of the database ask: stable names, ids that are never null, and
# amounts split by sign. The views of who and what always have a row for "none", so that a
# choice of all of them leaves no charge out. A name that two things share, or that a chart uses for
# something else, carries the id: no chart adds two things up.
TAKEN = "'Credits', 'Others', 'Unallocated', 'No resource', 'No environment', 'Provisional day'"


def _unique(name: str, id: str) -> str:
    return (
        f"CASE WHEN count(*) OVER (PARTITION BY {name}) = 1 AND {name} NOT IN ({TAKEN})\n"
        f"            THEN {name} ELSE {name} || ' (' || {id} || ')' END"
    )


def _none(words: str) -> str:
    return (
        f"CASE WHEN count(*) OVER () = 1 THEN '{words}'\n"
        f"            ELSE '{words} (' || display_name || ')' END"
    )


CREATE = f"""
CREATE SCHEMA reporting;
COMMENT ON SCHEMA reporting IS
    'What dashboards read. Amounts are USD, days UTC; ids are "none" where a charge names nothing.';

CREATE VIEW reporting.daily_costs AS
SELECT organization_id,
       org_id,
       charge_date,
       coalesce(env_id, 'none') AS env_id,
       coalesce(cluster_id, 'none') AS cluster_id,
       product,
       line_type,
       business_unit,
       cost_center,
       allocation_confidence,
       allocation_method,
       cost_usd,
       greatest(cost_usd, 0) AS usage_usd,
       least(cost_usd, 0) AS credits_usd,
       list_cost_usd,
       1 AS records
FROM daily_cost_facts;
COMMENT ON VIEW reporting.daily_costs IS
    'Daily cost facts, USD: cost_usd = usage_usd + credits_usd. Sum records, do not count rows.';

CREATE VIEW reporting.days AS
SELECT organization_id,
       day AS charge_date,
       line_count AS lines,
       NOT is_settled AS is_provisional,
       is_incomplete OR held_since IS NOT NULL AS is_incomplete,
       last_collected_at,
       last_changed_at
FROM billing_days;
COMMENT ON VIEW reporting.days IS
    'Collected UTC days of each organization. Provisional: Confluent may still restate it.';

CREATE VIEW reporting.organizations AS
SELECT organization.id AS organization_id,
       organization.org_id,
       {_unique("organization.display_name", "organization.org_id")} AS name,
       collected.data_through,
       collected.last_collected_at
FROM dimensions_orgs AS organization
LEFT JOIN (
    SELECT organization_id,
           max(day) FILTER (WHERE line_count > 0) AS data_through,
           max(last_collected_at) AS last_collected_at
    FROM billing_days
    GROUP BY organization_id
) AS collected ON collected.organization_id = organization.id;
COMMENT ON VIEW reporting.organizations IS
    'Organizations; data_through is the last UTC day with a bill line.';

CREATE VIEW reporting.environments AS
SELECT organization_id,
       env_id,
       {_unique("display_name", "env_id")} AS name,
       CASE stage WHEN 'production' THEN 'Production'
                  WHEN 'non-production' THEN 'Non-production'
                  ELSE 'Stage not said' END AS stage
FROM dimensions_envs
UNION ALL
SELECT id, 'none', {_none("No environment")}, 'No environment' FROM dimensions_orgs;
COMMENT ON VIEW reporting.environments IS
    'Environments with their curated stage, and "none" for charges that name none.';

CREATE VIEW reporting.clusters AS
SELECT organization_id,
       cluster_id,
       {_unique("display_name", "cluster_id")} AS name,
       coalesce(env_id, 'none') AS env_id,
       CASE kind WHEN 'kafka' THEN 'Kafka'
                 WHEN 'connector' THEN 'Connector'
                 WHEN 'custom_connector' THEN 'Connector'
                 WHEN 'ksqldb' THEN 'ksqlDB'
                 WHEN 'flink' THEN 'Flink'
                 WHEN 'schema_registry' THEN 'Schema Registry'
                 WHEN 'usm' THEN 'Unified Stream Manager'
                 ELSE 'Other' END AS resource_type,
       gone_since
FROM dimensions_clusters
UNION ALL
SELECT id, 'none', {_none("No resource")}, 'none', 'No resource', NULL FROM dimensions_orgs;
COMMENT ON VIEW reporting.clusters IS
    'Billed resources of every kind, and "none" for charges that name none.';

CREATE VIEW reporting.business_units AS
SELECT business_unit,
       CASE WHEN business_unit = 'Unallocated' THEN business_unit
            ELSE {_unique("name", "business_unit")} END AS name
FROM (
    SELECT billed.business_unit, coalesce(nullif(unit.name, ''), billed.business_unit) AS name
    FROM (
        SELECT business_unit FROM daily_owner_costs
        UNION SELECT code FROM dimensions_business_units
        UNION SELECT 'Unallocated'
    ) AS billed
    LEFT JOIN dimensions_business_units AS unit ON unit.code = billed.business_unit
) AS named;
COMMENT ON VIEW reporting.business_units IS
    'Business units by code, and "Unallocated" for what nobody owns.';

CREATE VIEW reporting.cost_centers AS
SELECT cost_center,
       CASE WHEN cost_center = 'Unallocated' THEN cost_center
            ELSE {_unique("name", "cost_center")} END AS name
FROM (
    SELECT billed.cost_center, coalesce(nullif(center.name, ''), billed.cost_center) AS name
    FROM (
        SELECT cost_center FROM daily_owner_costs
        UNION SELECT code FROM dimensions_cost_centers
        UNION SELECT 'Unallocated'
    ) AS billed
    LEFT JOIN dimensions_cost_centers AS center ON center.code = billed.cost_center
) AS named;
COMMENT ON VIEW reporting.cost_centers IS
    'Cost centers by code, and "Unallocated" for what nobody owns.';
"""
DROP = "DROP SCHEMA reporting CASCADE"


class Migration(migrations.Migration):
    dependencies = [
        ("costs", "0013_reconciliation_is_kept"),
        ("dimensions", "0003_access"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP)]
