from django.db import migrations, models

import costs.fields


class Migration(migrations.Migration):
    dependencies = [
        ("costs", "0012_lines_by_resource"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReconciliationCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("checked_at", models.DateTimeField()),
                ("first_day", models.DateField()),
                ("end_day", models.DateField(help_text="Exclusive.")),
                ("days", models.PositiveIntegerField(help_text="Stored, of all organizations.")),
                ("missing_days", models.PositiveIntegerField(help_text="Never collected.")),
                ("doubtful_days", models.PositiveIntegerField(help_text="Incomplete or held.")),
                (
                    "pending_days",
                    models.PositiveIntegerField(help_text="Owed as by rules that changed since."),
                ),
                (
                    "differences",
                    models.PositiveIntegerField(
                        help_text="Where bill and facts disagree; 0 is good."
                    ),
                ),
                (
                    "difference_usd",
                    costs.fields.AmountField(
                        decimal_places=10,
                        help_text="The largest by which a day's facts or lines are off its bill.",
                        max_digits=30,
                        verbose_name="difference (USD)",
                    ),
                ),
            ],
            options={
                "db_table": "reconciliation_checks",
                "ordering": ["-checked_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("end_day__gt", models.F("first_day"))),
                        name="reconciliation_checks_days_in_order",
                    )
                ],
            },
        ),
    ]
