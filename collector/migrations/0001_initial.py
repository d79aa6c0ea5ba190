import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("dimensions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CollectionRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "trigger",
                    models.CharField(
                        help_text="The command or task that asked for it.", max_length=30
                    ),
                ),
                ("window_start", models.DateField()),
                ("window_end", models.DateField(help_text="Exclusive.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("abandoned", "Abandoned"),
                        ],
                        default="running",
                        max_length=10,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("pages", models.PositiveIntegerField(default=0)),
                ("requests", models.PositiveIntegerField(default=0)),
                ("retries", models.PositiveIntegerField(default=0)),
                ("lines_received", models.PositiveIntegerField(default=0)),
                ("rows_quarantined", models.PositiveIntegerField(default=0)),
                ("days_changed", models.PositiveIntegerField(default=0)),
                ("days_unchanged", models.PositiveIntegerField(default=0)),
                (
                    "days_superseded",
                    models.PositiveIntegerField(
                        default=0, help_text="A newer fetch was already stored."
                    ),
                ),
                (
                    "days_held",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="Answered empty although lines are stored; kept and asked again.",
                    ),
                ),
                ("lines_added", models.PositiveIntegerField(default=0)),
                ("lines_closed", models.PositiveIntegerField(default=0)),
                ("facts_written", models.PositiveIntegerField(default=0)),
                ("hours_written", models.PositiveIntegerField(default=0)),
                (
                    "notices",
                    models.JSONField(
                        blank=True, default=list, help_text="Sentences for the operator."
                    ),
                ),
                ("error", models.TextField(blank=True, default="")),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty when the key did not get as far as telling it.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="dimensions.organization",
                    ),
                ),
            ],
            options={
                "db_table": "collection_runs",
                "ordering": ["-started_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "running")),
                        fields=["state"],
                        name="collection_runs_running",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("window_end__gt", models.F("window_start"))),
                        name="collection_runs_window_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["running", "succeeded", "failed", "abandoned"])
                        ),
                        name="collection_runs_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "running"), ("finished_at__isnull", False), _connector="OR"
                        ),
                        name="collection_runs_end_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QuarantinedRow",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "day",
                    models.DateField(
                        blank=True, help_text="Empty when its date is unreadable.", null=True
                    ),
                ),
                ("window_start", models.DateField()),
                ("window_end", models.DateField(help_text="Exclusive.")),
                ("reason", models.TextField()),
                (
                    "amount_text",
                    models.TextField(
                        blank=True, help_text="The amount as received, if there is one."
                    ),
                ),
                ("raw", models.TextField(help_text="The row as received, JSON.")),
                ("raw_hash", models.UUIDField()),
                ("occurrences", models.PositiveIntegerField(default=1)),
                ("first_fetched_at", models.DateTimeField()),
                (
                    "fetched_at",
                    models.DateTimeField(help_text="Begin of the newest fetch that held it."),
                ),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="dimensions.organization",
                    ),
                ),
            ],
            options={
                "db_table": "quarantined_rows",
                "ordering": ["-fetched_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "day", "raw_hash"),
                        name="quarantined_rows_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
