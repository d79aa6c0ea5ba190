from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("collector", "0002_runs_are_asked_for"),
        ("dimensions", "0003_access"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ProcessHeartbeat",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("beat", "Beat (sends what is due)"),
                            ("worker", "Worker (does it)"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("seen_at", models.DateTimeField(help_text="By the database's clock.")),
            ],
            options={
                "db_table": "process_heartbeats",
                "ordering": ["kind", "name"],
            },
        ),
        migrations.AddField(
            model_name="collectionrun",
            name="asked_at",
            field=models.DateTimeField(
                blank=True, help_text="Empty when nobody asked for it beforehand.", null=True
            ),
        ),
        migrations.AddField(
            model_name="collectionrun",
            name="attempts",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="How often a worker or process began it."
            ),
        ),
        migrations.AddField(
            model_name="collectionrun",
            name="failure",
            field=models.CharField(
                blank=True,
                choices=[
                    ("credentials", "Confluent refused the key"),
                    ("settings", "A setting is missing or contradicts the key"),
                    ("unreachable", "Confluent could not be reached"),
                    ("refused", "Confluent refused the question"),
                    ("database", "The database failed"),
                    ("time_limit", "The time limit was over"),
                    ("other", "Something else"),
                ],
                default="",
                help_text="The kind of the error.",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="collectionrun",
            name="is_for_workers",
            field=models.BooleanField(
                default=False,
                help_text="Waits for a worker, which may be busy for long; else a process of its own.",
                verbose_name="for workers",
            ),
        ),
        migrations.AddField(
            model_name="collectionrun",
            name="losses",
            field=models.PositiveSmallIntegerField(
                default=0, help_text="How many of these ended with their worker or its time."
            ),
        ),
        migrations.AddField(
            model_name="collectionrun",
            name="rate_limited",
            field=models.PositiveIntegerField(
                default=0, help_text="Requests that Confluent answered with 429, too many."
            ),
        ),
        migrations.AddField(
            model_name="collectionrun",
            name="sent_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When the workers were told of it, or will be; empty: not yet.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="collectionrun",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "failure__in",
                        [
                            "",
                            "credentials",
                            "settings",
                            "unreachable",
                            "refused",
                            "database",
                            "time_limit",
                            "other",
                        ],
                    )
                ),
                name="collection_runs_failure_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="processheartbeat",
            constraint=models.UniqueConstraint(
                fields=("kind", "name"), name="process_heartbeats_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="processheartbeat",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["beat", "worker"])),
                name="process_heartbeats_kind_known",
            ),
        ),
    ]
