import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import costs.fields

# The month of the newest billed day, so that the first days of a month do not show empty lists.
MONTHS = """
CREATE VIEW billed_months AS
SELECT organization_id, date_trunc('month', max(day))::date AS first_day, max(day) AS last_day
FROM billing_days
WHERE line_count > 0
GROUP BY organization_id;
COMMENT ON VIEW billed_months IS 'The month of the last billed UTC day of each organization.';
"""
COSTS = """
CREATE VIEW {name}_month_costs AS
SELECT thing.id AS {name}_id, month.first_day, month.last_day,
       sum(fact.cost_usd)::numeric(20, 10) AS cost_usd,
       coalesce(sum(fact.cost_usd) FILTER (WHERE fact.cost_center = 'Unallocated'), 0)
           ::numeric(20, 10) AS unallocated_usd,
       array_agg(DISTINCT fact.cost_center) AS cost_centers
FROM billed_months AS month
JOIN daily_cost_facts AS fact
  ON fact.organization_id = month.organization_id AND fact.charge_date >= month.first_day
JOIN {table} AS thing
  ON thing.organization_id = fact.organization_id AND thing.{id} = fact.{id}
GROUP BY thing.id, month.first_day, month.last_day;
"""
CREATE = (
    MONTHS
    + COSTS.format(name="cluster", table="dimensions_clusters", id="cluster_id")
    + COSTS.format(name="environment", table="dimensions_envs", id="env_id")
)
DROP = "DROP VIEW environment_month_costs, cluster_month_costs, billed_months"


class Migration(migrations.Migration):
    dependencies = [
        ("costs", "0009_billed_name"),
        ("dimensions", "0002_inventory_owners_and_tags"),
    ]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.CreateModel(
            name="ClusterMonthCost",
            fields=[
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("cost_usd", costs.fields.AmountField(decimal_places=10, max_digits=20)),
                ("unallocated_usd", costs.fields.AmountField(decimal_places=10, max_digits=20)),
                (
                    "cost_centers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), help_text="Who pays, by code.", size=None
                    ),
                ),
                (
                    "cluster",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="month_cost",
                        serialize=False,
                        to="dimensions.cluster",
                    ),
                ),
            ],
            options={
                "db_table": "cluster_month_costs",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="EnvironmentMonthCost",
            fields=[
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("cost_usd", costs.fields.AmountField(decimal_places=10, max_digits=20)),
                ("unallocated_usd", costs.fields.AmountField(decimal_places=10, max_digits=20)),
                (
                    "cost_centers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), help_text="Who pays, by code.", size=None
                    ),
                ),
                (
                    "environment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="month_cost",
                        serialize=False,
                        to="dimensions.environment",
                    ),
                ),
            ],
            options={
                "db_table": "environment_month_costs",
                "managed": False,
            },
        ),
    ]
