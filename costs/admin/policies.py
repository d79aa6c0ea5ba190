"""Shared cost policies."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from costs.admin.forms import PolicyTargetFormSet
from costs.admin.preview import PreviewsMovement
from costs.models import SharedCostPolicy, SharedCostTarget


class PolicyTargetInline(admin.TabularInline):  # type: ignore[type-arg]
    model = SharedCostTarget
    formset = PolicyTargetFormSet
    autocomplete_fields = ("cost_center",)
    extra = 0
    verbose_name_plural = "Fixed percents (they add up to 100)"

    def get_queryset(self, request: HttpRequest) -> QuerySet[SharedCostTarget]:
        return super().get_queryset(request).select_related("cost_center")


@admin.register(SharedCostPolicy)
class SharedCostPolicyAdmin(PreviewsMovement):
    inlines = (PolicyTargetInline,)
    autocomplete_fields = ("cost_center",)
    list_display = ("line_type", "method", "cost_center", "valid_from", "valid_to", "organization")
    list_filter = ("method", "organization")
    list_select_related = ("organization", "cost_center")
    search_fields = ("line_type",)
    history_beside = ((SharedCostTarget, "policy_id"),)
    fieldsets = (
        (None, {"fields": ("organization", "line_type", "method", "cost_center")}),
        ("When (UTC days)", {"fields": (("valid_from", "valid_to"),)}),
        ("More", {"fields": ("notes",)}),
    )
