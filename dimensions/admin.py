"""Curation of who and what: people set names and stages, Confluent's words are read only."""

from django.contrib import admin
from django.http import HttpRequest

from dimensions.models import Cluster, Environment, Organization


class FromConfluent(admin.ModelAdmin):  # type: ignore[type-arg]
    """Objects appear by collection and are never deleted: old bills name them."""

    curated: tuple[str, ...] = ("name_override",)
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> list[str]:
        return [field.name for field in self.opts.fields if field.name not in self.curated]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Organization)
class OrganizationAdmin(FromConfluent):
    list_display = ("display_name", "org_id")
    search_fields = ("org_id", "name", "name_override")


@admin.register(Environment)
class EnvironmentAdmin(FromConfluent):
    curated = ("name_override", "stage")
    list_display = ("display_name", "env_id", "stage", "organization", "first_seen", "last_seen")
    list_filter = ("stage", "organization")
    list_select_related = ("organization",)
    search_fields = ("env_id", "name", "name_override")


@admin.register(Cluster)
class ClusterAdmin(FromConfluent):
    list_display = (
        "display_name",
        "cluster_id",
        "kind",
        "env_id",
        "cloud_provider",
        "region",
        "first_seen",
        "last_seen",
    )
    list_filter = ("kind", "cloud_provider", "organization")
    search_fields = ("cluster_id", "name", "name_override", "env_id")
