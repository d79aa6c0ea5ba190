"""Allocation rules: on the pages of resources and environments, and on pages of their own."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from costs.admin.exchanged import Exchanged
from costs.admin.forms import (
    RuleForm,
    RuleOnPageForm,
    RulesOnPageFormSet,
    TargetFormSet,
    first_of_month,
)
from costs.admin.preview import PreviewsMovement
from costs.exchange import AllocationRuleResource
from costs.models import AllocationRule, AllocationTarget


class RulesOnPage(admin.TabularInline):  # type: ignore[type-arg]
    """The rules of one resource or environment, one payer a row."""

    model = AllocationRule
    form = RuleOnPageForm
    formset = RulesOnPageFormSet
    fields = ("cost_center", "valid_from", "valid_to", "product", "line_type", "page")
    readonly_fields = ("page",)
    ordering = ("-valid_from", "pk")
    extra = 0
    verbose_name = "rule"
    verbose_name_plural = "Who pays, from when to when (UTC days)"
    classes = ("rules",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AllocationRule]:
        return super().get_queryset(request).prefetch_related("targets__cost_center")

    @admin.display(description="Splits, notes")
    def page(self, rule: AllocationRule) -> str:
        if not rule.pk:
            return "–"  # noqa: RUF001
        address = reverse("admin:costs_allocationrule_change", args=[rule.pk])
        return format_html('<a href="{}">Rule {}</a>', address, rule.pk)


class TargetInline(admin.TabularInline):  # type: ignore[type-arg]
    model = AllocationTarget
    formset = TargetFormSet
    autocomplete_fields = ("cost_center",)
    extra = 0
    min_num = 1
    verbose_name_plural = "Who pays (percents add up to 100)"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AllocationTarget]:
        return super().get_queryset(request).select_related("cost_center")


class InForce(admin.SimpleListFilter):
    """Rules by whether they hold today (UTC)."""

    title = "in force"
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("today", "Today"), ("past", "Ended"), ("future", "Not yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = datetime.now(UTC).date()
        match self.value():
            case "today":
                open_ended = Q(valid_to=None) | Q(valid_to__gt=today)
                return queryset.filter(open_ended, valid_from__lte=today)
            case "past":
                return queryset.filter(valid_to__lte=today)
            case "future":
                return queryset.filter(valid_from__gt=today)
        return queryset


@admin.register(AllocationRule)
class AllocationRuleAdmin(Exchanged, PreviewsMovement):
    resource_classes = (AllocationRuleResource,)
    imports_beside = (AllocationTarget,)
    form = RuleForm
    inlines = (TargetInline,)
    autocomplete_fields = ("cluster", "environment")
    list_display = (
        "__str__",
        "charged_to",
        "valid_from",
        "valid_to",
        "selector",
        "priority",
        "organization",
    )
    list_filter = (InForce, "selector", "organization")
    list_select_related = ("organization", "cluster", "environment")
    search_fields = (
        "=id",
        "cluster__cluster_id",
        "cluster__display_name",
        "environment__env_id",
        "environment__display_name",
        "name_pattern",
        "tag_value",
        "product",
        "line_type",
        "targets__cost_center__code",
    )
    search_help_text = "A resource, environment, pattern, product, line type or cost center."
    history_beside = ((AllocationTarget, "rule_id"),)
    fieldsets = (
        (
            "What it selects",
            {
                "fields": (
                    "organization",
                    "selector",
                    "cluster",
                    "environment",
                    "name_pattern",
                    ("tag_key", "tag_value"),
                    ("product", "line_type"),
                )
            },
        ),
        ("When (UTC days)", {"fields": (("valid_from", "valid_to"),)}),
        ("More", {"fields": ("priority", "notes")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AllocationRule]:
        rules: QuerySet[AllocationRule] = super().get_queryset(request)
        return rules.prefetch_related("targets__cost_center")

    @admin.display(description="Paid by")
    def charged_to(self, rule: AllocationRule) -> str:
        return rule.payers()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"valid_from": first_of_month(), **super().get_changeform_initial_data(request)}
