import django.db.models.deletion
from django.db import migrations, models

import costs.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("dimensions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="HourlyCost",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization",
                        "daily_cost_fact_id",
                        "timestamp",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("timestamp", models.DateTimeField()),
                ("daily_cost_fact_id", models.BigIntegerField()),
                ("cost_usd", costs.fields.AmountField(decimal_places=10, max_digits=20)),
            ],
            options={
                "db_table": "hourly_costs",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="HourlyCostFact",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id",
                        "daily_cost_fact_id",
                        "timestamp",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("timestamp", models.DateTimeField()),
                ("org_id", models.TextField()),
                ("env_id", models.TextField(null=True)),
                ("cluster_id", models.TextField(null=True)),
                ("product", models.TextField()),
                ("line_type", models.TextField()),
                ("cost_usd", costs.fields.AmountField(decimal_places=10, max_digits=20)),
                ("business_unit", models.TextField()),
                ("cost_center", models.TextField()),
                ("allocation_confidence", models.TextField()),
                ("allocation_method", models.TextField()),
                ("daily_cost_fact_id", models.BigIntegerField()),
            ],
            options={
                "db_table": "hourly_cost_facts",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="BillingDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "version",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Raised when the bill changes; 0 before its first line.",
                    ),
                ),
                ("content_hash", models.UUIDField(help_text="Of the billed content, in no order.")),
                (
                    "labels_hash",
                    models.UUIDField(help_text="Of the names and provider ids on the lines."),
                ),
                ("line_count", models.PositiveIntegerField()),
                (
                    "amount",
                    costs.fields.AmountField(
                        decimal_places=10, help_text="USD, sum of the current lines.", max_digits=30
                    ),
                ),
                (
                    "fetched_at",
                    models.DateTimeField(help_text="When the fetch that this day holds began."),
                ),
                ("first_collected_at", models.DateTimeField()),
                ("last_collected_at", models.DateTimeField()),
                ("last_changed_at", models.DateTimeField()),
                ("rules_revision", models.PositiveIntegerField(default=0)),
                (
                    "is_incomplete",
                    models.BooleanField(
                        default=False, help_text="Has quarantined rows.", verbose_name="incomplete"
                    ),
                ),
                (
                    "held_since",
                    models.DateTimeField(
                        blank=True,
                        help_text="First of the empty answers for a day that has lines.",
                        null=True,
                    ),
                ),
                (
                    "is_settled",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            "fetched_at",
                            "day",
                            arg_joiner=" AT TIME ZONE 'UTC' >= INTERVAL '1 day 72 hours' + ",
                            output_field=models.BooleanField(),
                            template="(%(expressions)s)",
                        ),
                        output_field=models.BooleanField(),
                        verbose_name="settled",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="billing_days",
                        to="dimensions.organization",
                    ),
                ),
            ],
            options={
                "db_table": "billing_days",
                "ordering": ["-day", "organization"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "day"), name="billing_days_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_collected_at__gte", models.F("first_collected_at"))
                        ),
                        name="billing_days_collected_in_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CostLineItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("product", models.TextField(blank=True)),
                ("line_type", models.TextField(blank=True)),
                ("resource_id", models.TextField(blank=True)),
                ("resource_name", models.TextField(blank=True)),
                ("env_id", models.TextField(blank=True)),
                ("network_access_type", models.TextField(blank=True)),
                ("unit", models.TextField(blank=True)),
                ("price", costs.fields.NumericField(null=True)),
                ("quantity", costs.fields.NumericField(null=True)),
                ("original_amount", costs.fields.NumericField(null=True)),
                ("discount_amount", costs.fields.NumericField(null=True)),
                (
                    "amount_received",
                    costs.fields.NumericField(
                        help_text="USD, before the one rounding to 10 places."
                    ),
                ),
                (
                    "amount",
                    costs.fields.AmountField(decimal_places=10, help_text="USD", max_digits=20),
                ),
                (
                    "amount_source",
                    models.TextField(
                        choices=[
                            ("billed", "As billed"),
                            ("original_less_discount", "Original less discount"),
                            ("quantity_times_price", "Quantity times price"),
                        ]
                    ),
                ),
                (
                    "list_amount",
                    costs.fields.AmountField(
                        decimal_places=10, help_text="USD, before discounts.", max_digits=20
                    ),
                ),
                ("description", models.TextField(blank=True)),
                ("tier_dimensions", models.JSONField(default=dict)),
                ("granularity", models.TextField(blank=True)),
                (
                    "provider_id",
                    models.TextField(
                        blank=True, help_text="Confluent's; may be missing or repeated."
                    ),
                ),
                (
                    "other_fields",
                    models.JSONField(default=dict, help_text="What this version does not know."),
                ),
                ("content_hash", models.UUIDField()),
                ("first_version", models.PositiveIntegerField()),
                (
                    "last_version",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Empty while the line is on the current bill.",
                        null=True,
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
                "db_table": "cost_line_items",
                "ordering": ["-day", "id"],
                "indexes": [
                    models.Index(fields=["organization", "day"], name="cost_line_items_by_day")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_version__isnull", True),
                            ("last_version__gte", models.F("first_version")),
                            _connector="OR",
                        ),
                        name="cost_line_items_versions_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amount_source__in",
                                ["billed", "original_less_discount", "quantity_times_price"],
                            )
                        ),
                        name="cost_line_items_amount_source_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DailyCostFact",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization",
                        "id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("org_id", models.TextField()),
                ("charge_date", models.DateField()),
                ("line_item_id", models.BigIntegerField()),
                ("env_id", models.TextField(null=True)),
                ("cluster_id", models.TextField(null=True)),
                ("product", models.TextField()),
                ("line_type", models.TextField()),
                ("business_unit", models.TextField(default="Unallocated")),
                ("cost_center", models.TextField(default="Unallocated")),
                (
                    "allocation_confidence",
                    models.TextField(
                        choices=[("high", "High"), ("medium", "Medium"), ("low", "Low")],
                        default="low",
                    ),
                ),
                (
                    "allocation_method",
                    models.TextField(
                        choices=[("unallocated", "Unallocated")], default="unallocated"
                    ),
                ),
                ("cost_usd", costs.fields.AmountField(decimal_places=10, max_digits=20)),
                ("list_cost_usd", costs.fields.AmountField(decimal_places=10, max_digits=20)),
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
                "db_table": "daily_cost_facts",
                "indexes": [
                    models.Index(
                        fields=["organization", "charge_date"], name="daily_cost_facts_by_day"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("allocation_confidence__in", ["high", "medium", "low"])
                        ),
                        name="daily_cost_facts_confidence_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("allocation_method__in", ["unallocated"])),
                        name="daily_cost_facts_method_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("business_unit", ""), _negated=True),
                            models.Q(("cost_center", ""), _negated=True),
                        ),
                        name="daily_cost_facts_owner_never_empty",
                    ),
                ],
            },
        ),
    ]
