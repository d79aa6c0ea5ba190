import django.db.models.deletion
from django.db import migrations, models

import costs.fields


class Migration(migrations.Migration):
    dependencies = [
        ("costs", "0016_versions_of_days"),
        ("dimensions", "0003_access"),
    ]

    operations = [
        migrations.CreateModel(
            name="ArchivedHours",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization",
                        "month",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("month", models.DateField(help_text="Its first day.")),
                ("days", models.PositiveIntegerField(help_text="Stored days of the bill.")),
                (
                    "day_versions",
                    models.PositiveBigIntegerField(
                        help_text="Sum of the versions of these days; another one now tells of a restatement since."
                    ),
                ),
                (
                    "hours",
                    models.PositiveBigIntegerField(
                        help_text="Rows of the organization in the file."
                    ),
                ),
                (
                    "cost_usd",
                    costs.fields.AmountField(
                        decimal_places=10, help_text="Sum of these rows.", max_digits=30
                    ),
                ),
                ("archived_at", models.DateTimeField()),
                ("file_name", models.TextField()),
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
                "db_table": "archived_hours",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("month__day", 1)),
                        name="archived_hours_of_a_whole_month",
                    )
                ],
            },
        ),
    ]
