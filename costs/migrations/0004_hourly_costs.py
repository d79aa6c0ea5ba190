from django.db import migrations

# Narrow and without a unique index: both decide what writing 240,000 hours costs. The identifier
# is assigned in the order of writing, so that its index grows at one end and packs 24 hours of a
# fact into a few bytes each; BRIN serves ranges of time inside a month.
CREATE = """
CREATE TABLE hourly_costs (
    "timestamp" timestamptz NOT NULL,
    daily_cost_fact_id bigint NOT NULL,
    organization_id smallint NOT NULL,
    cost_usd numeric(20, 10) NOT NULL
) PARTITION BY RANGE ("timestamp");
CREATE INDEX hourly_costs_by_fact ON hourly_costs (organization_id, daily_cost_fact_id);
CREATE INDEX hourly_costs_by_time ON hourly_costs USING brin ("timestamp")
    WITH (pages_per_range = 32);
COMMENT ON TABLE hourly_costs IS
    'One hour (UTC) of a daily fact, USD. An even share of the day; partitioned by month.';

CREATE VIEW hourly_cost_facts AS
SELECT hour."timestamp",
       fact.org_id,
       fact.env_id,
       fact.cluster_id,
       fact.product,
       fact.line_type,
       hour.cost_usd,
       fact.business_unit,
       fact.cost_center,
       fact.allocation_confidence,
       fact.allocation_method,
       hour.daily_cost_fact_id
FROM hourly_costs AS hour
JOIN daily_cost_facts AS fact
  ON fact.organization_id = hour.organization_id AND fact.id = hour.daily_cost_fact_id;
COMMENT ON VIEW hourly_cost_facts IS
    'Hourly costs in USD (negative: credits) with their labels; hours start at "timestamp", UTC.';
"""
DROP = "DROP VIEW hourly_cost_facts; DROP TABLE hourly_costs;"


class Migration(migrations.Migration):
    dependencies = [("costs", "0003_split_evenly")]

    operations = [migrations.RunSQL(CREATE, DROP)]
