import django.db.models.deletion
from django.db import migrations, models

import costs.fields

# Of what was stored before only two moments are known: when a day was first collected, which is
# when its first version came unless it was empty then, and when its newest version came.
KNOWN_VERSIONS = """
    INSERT INTO billing_day_versions (organization_id, day, version, changed_at, line_count, amount)
    SELECT organization_id, day, version, last_changed_at, line_count, amount
    FROM billing_days WHERE version > 0
    UNION ALL
    SELECT stored.organization_id, stored.day, 1, stored.first_collected_at,
           count(line.id), coalesce(sum(line.amount), 0)
    FROM billing_days AS stored
    LEFT JOIN cost_line_items AS line
      ON line.organization_id = stored.organization_id AND line.day = stored.day
     AND line.first_version = 1
    WHERE stored.version > 1
    GROUP BY 1, 2, 4
"""


class Migration(migrations.Migration):
    dependencies = [
        ("costs", "0015_grafana_reader"),
        ("dimensions", "0003_access"),
    ]

    operations = [
        migrations.CreateModel(
            name="BillingDayVersion",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization",
                        "day",
                        "version",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("day", models.DateField()),
                ("version", models.PositiveIntegerField()),
                (
                    "changed_at",
                    models.DateTimeField(help_text="When the fetch that brought it began."),
                ),
                ("line_count", models.PositiveIntegerField()),
                (
                    "amount",
                    costs.fields.AmountField(
                        decimal_places=10, help_text="USD, sum of its lines.", max_digits=30
                    ),
                ),
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
            ],
            options={
                "db_table": "billing_day_versions",
            },
        ),
        migrations.RunSQL(KNOWN_VERSIONS, migrations.RunSQL.noop),
    ]
