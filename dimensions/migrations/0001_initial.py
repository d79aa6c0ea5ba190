import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Organization",
            fields=[
                ("name", models.TextField(blank=True, db_default="", default="")),
                (
                    "name_override",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Shown instead of Confluent's name; no collection changes it.",
                        max_length=500,
                        verbose_name="preferred name",
                    ),
                ),
                (
                    "metadata",
                    models.JSONField(
                        blank=True,
                        db_default=models.Value({}, models.JSONField()),
                        default=dict,
                        help_text="The document as received.",
                    ),
                ),
                (
                    "first_seen",
                    models.DateField(
                        blank=True, help_text="On a bill or in a list, UTC.", null=True
                    ),
                ),
                ("last_seen", models.DateField(blank=True, null=True)),
                ("id", models.SmallAutoField(primary_key=True, serialize=False)),
                ("org_id", models.TextField(unique=True, verbose_name="organization id")),
                (
                    "display_name",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            django.db.models.functions.comparison.NullIf(
                                "name_override", models.Value("")
                            ),
                            django.db.models.functions.comparison.NullIf("name", models.Value("")),
                            "org_id",
                        ),
                        output_field=models.TextField(),
                    ),
                ),
            ],
            options={
                "db_table": "dimensions_orgs",
                "ordering": ["org_id"],
            },
        ),
        migrations.CreateModel(
            name="Environment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField(blank=True, db_default="", default="")),
                (
                    "name_override",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Shown instead of Confluent's name; no collection changes it.",
                        max_length=500,
                        verbose_name="preferred name",
                    ),
                ),
                (
                    "metadata",
                    models.JSONField(
                        blank=True,
                        db_default=models.Value({}, models.JSONField()),
                        default=dict,
                        help_text="The document as received.",
                    ),
                ),
                (
                    "first_seen",
                    models.DateField(
                        blank=True, help_text="On a bill or in a list, UTC.", null=True
                    ),
                ),
                ("last_seen", models.DateField(blank=True, null=True)),
                ("env_id", models.TextField(verbose_name="environment id")),
                (
                    "display_name",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            django.db.models.functions.comparison.NullIf(
                                "name_override", models.Value("")
                            ),
                            django.db.models.functions.comparison.NullIf("name", models.Value("")),
                            "env_id",
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("production", "Production"),
                            ("non-production", "Non-production"),
                            ("", "Not said"),
                        ],
                        db_default="",
                        default="",
                        max_length=20,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="environments",
                        to="dimensions.organization",
                    ),
                ),
            ],
            options={
                "db_table": "dimensions_envs",
                "ordering": ["organization", "env_id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "env_id"), name="dimensions_envs_once_per_org"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stage__in", ["production", "non-production", ""])),
                        name="dimensions_envs_stage_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Cluster",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField(blank=True, db_default="", default="")),
                (
                    "name_override",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="Shown instead of Confluent's name; no collection changes it.",
                        max_length=500,
                        verbose_name="preferred name",
                    ),
                ),
                (
                    "metadata",
                    models.JSONField(
                        blank=True,
                        db_default=models.Value({}, models.JSONField()),
                        default=dict,
                        help_text="The document as received.",
                    ),
                ),
                (
                    "first_seen",
                    models.DateField(
                        blank=True, help_text="On a bill or in a list, UTC.", null=True
                    ),
                ),
                ("last_seen", models.DateField(blank=True, null=True)),
                ("cluster_id", models.TextField(verbose_name="resource id")),
                ("env_id", models.TextField(blank=True, null=True, verbose_name="environment id")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("kafka", "Kafka"),
                            ("connector", "Connector"),
                            ("custom_connector", "Custom connector"),
                            ("ksqldb", "ksqlDB"),
                            ("flink", "Flink compute pool"),
                            ("schema_registry", "Schema Registry"),
                            ("usm", "Unified Stream Manager"),
                            ("unknown", "Unknown"),
                        ],
                        default="unknown",
                        max_length=30,
                    ),
                ),
                (
                    "display_name",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            django.db.models.functions.comparison.NullIf(
                                "name_override", models.Value("")
                            ),
                            django.db.models.functions.comparison.NullIf("name", models.Value("")),
                            "cluster_id",
                        ),
                        output_field=models.TextField(),
                    ),
                ),
                ("cluster_type", models.TextField(blank=True, db_default="", default="")),
                ("cloud_provider", models.TextField(blank=True, db_default="", default="")),
                ("region", models.TextField(blank=True, db_default="", default="")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clusters",
                        to="dimensions.organization",
                    ),
                ),
            ],
            options={
                "db_table": "dimensions_clusters",
                "ordering": ["organization", "cluster_id"],
                "indexes": [
                    models.Index(fields=["organization", "env_id"], name="dimensions_clusters_env")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "cluster_id"),
                        name="dimensions_clusters_once_per_org",
                    )
                ],
            },
        ),
    ]
