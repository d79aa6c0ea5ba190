import django.db.models.deletion
from django.db import migrations, models

import costs.fields

# The sums of the daily facts of a resource, whatever their line types: a question that does not
# name line types reads a quarter of the rows. The hash stands for the labels in the key, some of
# which are null; the database makes it, so that nobody can write another one.
LABELS = (
    "env_id",
    "cluster_id",
    "product",
    "business_unit",
    "cost_center",
    "allocation_confidence",
    "allocation_method",
)
CREATE = f"""
CREATE TABLE daily_resource_costs (
    organization_id smallint NOT NULL,
    charge_date date NOT NULL,
    labels_hash uuid NOT NULL GENERATED ALWAYS AS (
        md5({" || ".join(f"quote_nullable({name})" for name in LABELS)})::uuid
    ) STORED,
    facts integer NOT NULL,
    org_id text NOT NULL,
    env_id text,
    cluster_id text,
    product text NOT NULL,
    business_unit text NOT NULL,
    cost_center text NOT NULL,
    allocation_confidence text NOT NULL,
    allocation_method text NOT NULL,
    cost_usd numeric(30, 10) NOT NULL,
    usage_usd numeric(30, 10) NOT NULL,
    credits_usd numeric(30, 10) NOT NULL,
    list_cost_usd numeric(30, 10) NOT NULL,
    CONSTRAINT daily_resource_costs_pkey PRIMARY KEY (organization_id, charge_date, labels_hash),
    CONSTRAINT daily_resource_costs_split_by_sign CHECK (cost_usd = usage_usd + credits_usd)
);
CREATE INDEX resource_costs_by_resource
    ON daily_resource_costs (organization_id, cluster_id, charge_date);
-- A resource has one product, environment and unit as a rule. Not knowing that, the planner expects
-- a hundred times as many groups, and does not sum them by several processes.
CREATE STATISTICS resource_costs_labels (ndistinct)
    ON env_id, cluster_id, product, business_unit FROM daily_resource_costs;
COMMENT ON TABLE daily_resource_costs IS
    'Sums of the daily facts by UTC day, resource and owner, USD; facts: how many daily facts.';
"""
FILL = f"""
INSERT INTO daily_resource_costs (
    organization_id, org_id, charge_date, {", ".join(LABELS)},
    facts, cost_usd, usage_usd, credits_usd, list_cost_usd
)
SELECT organization_id, org_id, charge_date, {", ".join(LABELS)},
       count(*), sum(cost_usd), sum(greatest(cost_usd, 0)), sum(least(cost_usd, 0)),
       sum(list_cost_usd)
FROM daily_cost_facts
GROUP BY organization_id, org_id, charge_date, {", ".join(LABELS)}
ORDER BY organization_id, charge_date, cluster_id;
ANALYZE daily_resource_costs;
"""
# Amounts by resource and owner for whoever does not ask for line types.
VIEW = """
CREATE VIEW reporting.resource_costs AS
SELECT organization_id,
       org_id,
       charge_date,
       coalesce(env_id, 'none') AS env_id,
       coalesce(cluster_id, 'none') AS cluster_id,
       product,
       business_unit,
       cost_center,
       allocation_confidence,
       allocation_method,
       cost_usd,
       usage_usd,
       credits_usd,
       list_cost_usd,
       facts AS records
FROM daily_resource_costs;
COMMENT ON VIEW reporting.resource_costs IS
    'The same charges as daily_costs, summed over line types: a quarter of the rows, USD.';
"""


# What Django knows of it; it cannot say how the hash is made.
MODEL = migrations.CreateModel(
    name="DailyResourceCost",
    fields=[
        (
            "organization",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="dimensions.organization",
            ),
        ),
        (
            "pk",
            models.CompositePrimaryKey(
                "organization",
                "charge_date",
                "labels_hash",
                blank=True,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        ("charge_date", models.DateField()),
        ("labels_hash", models.UUIDField()),
        ("facts", models.IntegerField(help_text="How many daily facts.")),
        ("org_id", models.TextField()),
        ("env_id", models.TextField(null=True)),
        ("cluster_id", models.TextField(null=True)),
        ("product", models.TextField()),
        ("business_unit", models.TextField()),
        ("cost_center", models.TextField()),
        ("allocation_confidence", models.TextField()),
        ("allocation_method", models.TextField()),
        ("cost_usd", costs.fields.AmountField(decimal_places=10, max_digits=30)),
        ("usage_usd", costs.fields.AmountField(decimal_places=10, max_digits=30)),
        ("credits_usd", costs.fields.AmountField(decimal_places=10, max_digits=30)),
        ("list_cost_usd", costs.fields.AmountField(decimal_places=10, max_digits=30)),
    ],
    options={
        "db_table": "daily_resource_costs",
        "indexes": [
            models.Index(
                fields=["organization", "cluster_id", "charge_date"],
                name="resource_costs_by_resource",
            )
        ],
        "constraints": [
            models.CheckConstraint(
                condition=models.Q(cost_usd=models.F("usage_usd") + models.F("credits_usd")),
                name="daily_resource_costs_split_by_sign",
            )
        ],
    },
)


class Migration(migrations.Migration):
    dependencies = [("costs", "0018_days_start_with_the_organization")]

    operations = [
        migrations.RunSQL(CREATE, "DROP TABLE daily_resource_costs", state_operations=[MODEL]),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(VIEW, "DROP VIEW reporting.resource_costs"),
    ]
