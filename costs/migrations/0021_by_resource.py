from django.db import migrations, models

# A resource's facts, for its line types, hours and bill lines, without reading everybody's days.
# The costs of a month read the sums by resource, a quarter of the rows of the facts before.
COSTS = """
CREATE OR REPLACE VIEW {name}_month_costs AS
SELECT thing.id AS {name}_id, month.first_day, month.last_day,
       sum(cost.cost_usd)::numeric(20, 10) AS cost_usd,
       coalesce(sum(cost.cost_usd) FILTER (WHERE cost.cost_center = 'Unallocated'), 0)
           ::numeric(20, 10) AS unallocated_usd,
       array_agg(DISTINCT cost.cost_center) AS cost_centers
FROM billed_months AS month
JOIN {costs} AS cost
  ON cost.organization_id = month.organization_id AND cost.charge_date >= month.first_day
JOIN {table} AS thing
  ON thing.organization_id = cost.organization_id AND thing.{id} = cost.{id}
GROUP BY thing.id, month.first_day, month.last_day;
"""
THINGS = (
    ("cluster", "dimensions_clusters", "cluster_id"),
    ("environment", "dimensions_envs", "env_id"),
)


def month_costs(source: str) -> str:
    return "".join(
        COSTS.format(name=name, table=table, id=id, costs=source) for name, table, id in THINGS
    )


class Migration(migrations.Migration):
    dependencies = [("costs", "0020_hours_fact_by_fact")]

    operations = [
        migrations.AddIndex(
            model_name="dailycostfact",
            index=models.Index(
                fields=["organization", "cluster_id", "charge_date"],
                name="daily_cost_facts_by_resource",
            ),
        ),
        migrations.RunSQL(month_costs("daily_resource_costs"), month_costs("daily_cost_facts")),
    ]
