"""Resources, environments and organizations, with their rules and what they cost this month.

People set names, stages, notes, tags and rules here; Confluent's words are read only.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum, TextField
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from costs.admin.assigning import AssignsToCostCenter
from costs.admin.forms import TagFormSet
from costs.admin.preview import PreviewsMovement
from costs.admin.read_only import ReadOnly
from costs.admin.rules import RulesOnPage
from costs.models import UNALLOCATED, AllocationRule, AllocationTarget, BillingDay, DailyCostFact
from costs.models.month_costs import MonthCost
from costs.money import dollars
from dimensions.models import Cluster, ClusterTag, Environment, Organization, Principal

ZERO = Decimal(0)


class FromConfluent(PreviewsMovement):
    """Objects appear by collection and are never deleted: old bills name them."""

    curated: tuple[str, ...] = ("name_override", "notes")
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fields = [field.name for field in self.opts.fields if field.name not in self.curated]
        return [*fields, *self.readonly_fields]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Organization)
class OrganizationAdmin(FromConfluent):
    list_display = ("display_name", "org_id", "first_seen", "last_seen")
    search_fields = ("org_id", "name", "name_override")


class Allocated(admin.SimpleListFilter):
    """Opens on what nobody pays for: that is what wants work."""

    title = "cost of the month"
    parameter_name = "cost"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("allocated", "Allocated"), ("any", "With any cost"), ("all", "All, without too")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        choices = super().choices(changelist)
        yield next(choices) | {"display": "Unallocated"}
        yield from choices

    def value(self) -> str | None:
        # A search looks everywhere, or people would take what they cannot find for missing.
        return super().value() or ("all" if self.request.GET.get("q") else None)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "allocated":
                paid = queryset.filter(month_cost_usd__isnull=False)
                return paid.exclude(month_cost__cost_centers__contains=[UNALLOCATED])
            case "any":
                return queryset.filter(month_cost_usd__isnull=False)
            case "all":
                return queryset
        return queryset.filter(month_cost__cost_centers__contains=[UNALLOCATED])


class WithMonthCost(FromConfluent, AssignsToCostCenter):
    """A list that opens on Unallocated, the largest first; dollars beside the name."""

    list_per_page = 50
    ordering = (F("month_cost__unallocated_usd").desc(nulls_last=True),)
    list_title = ""
    change_list_template = "admin/costs/with_month_cost.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        things: QuerySet[Any] = super().get_queryset(request)
        if _is_autocomplete(request):
            return things
        costed: QuerySet[Any] = things.annotate(
            month_cost_usd=F("month_cost__cost_usd"),
            month_unallocated_usd=F("month_cost__unallocated_usd"),
            month_payers=F("month_cost__cost_centers"),
        )
        return costed

    def get_ordering(self, request: HttpRequest) -> Any:
        return ("display_name",) if _is_autocomplete(request) else super().get_ordering(request)

    @admin.display(description="Month (USD)", ordering="month_cost__cost_usd")
    def month_usd(self, thing: Any) -> str:
        return "–" if thing.month_cost_usd is None else dollars(thing.month_cost_usd)  # noqa: RUF001

    @admin.display(description="Unallocated (USD)", ordering="month_cost__unallocated_usd")
    def unallocated_usd(self, thing: Any) -> str:
        unallocated = thing.month_unallocated_usd
        return "–" if unallocated is None else dollars(unallocated)  # noqa: RUF001

    @admin.display(description="Paid by")
    def paid_by(self, thing: Any) -> str:
        payers = thing.month_payers or []
        return ", ".join(payers[:3]) + (f" and {len(payers) - 3} more" if payers[3:] else "")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        context = {"title": self.list_title, "period": _period(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        thing = self.get_object(request, object_id)
        subtitle = {"subtitle": _headline(thing)} if thing else {}
        return super().change_view(
            request, object_id, form_url, {**subtitle, **(extra_context or {})}
        )


def _is_autocomplete(request: HttpRequest) -> bool:
    """Whether names alone are asked for, at every key: a month of costs would be in the way."""
    return bool(request.resolver_match and request.resolver_match.url_name == "autocomplete")


def _period() -> str:
    """What the dollars in the lists are of, and how much of the month nobody pays for yet."""
    newest = BillingDay.objects.filter(line_count__gt=0).order_by("-day").first()
    if newest is None:
        return "Nothing is collected yet."
    month = DailyCostFact.objects.filter(
        charge_date__range=(newest.day.replace(day=1), newest.day)
    ).aggregate(
        cost=Sum("cost_usd", default=ZERO),
        nobody=Sum("cost_usd", filter=Q(cost_center=UNALLOCATED), default=ZERO),
        shared=Sum("cost_usd", filter=Q(cost_center=UNALLOCATED, cluster_id=None), default=ZERO),
    )
    pending = BillingDay.objects.pending().count()
    sure = "" if newest.is_settled else "; the last days are provisional"
    return (
        f"{newest.day:%B %Y}, through {newest.day} (UTC{sure}): {dollars(month['nobody'])} of "
        f"{dollars(month['cost'])} net are unallocated; {dollars(month['shared'])} of it names no "
        "resource (shared costs, credits)."
        + (f" Days that still follow older rules: {pending}." if pending else "")
    )


def _headline(thing: Any) -> str:
    """The name with what it costs this month, and how much of it nobody pays for."""
    month: MonthCost | None = getattr(thing, "month_cost", None)
    if month is None:
        return f"{thing} · no cost this month"
    days = f"{month.first_day:%B %Y} (through {month.last_day}, UTC)"
    said = f"{thing} · {dollars(month.cost_usd)} in {days}"
    if UNALLOCATED in month.cost_centers:
        return f"{said}, {dollars(month.unallocated_usd)} of it unallocated"
    return f"{said}, paid by {', '.join(month.cost_centers)}"


def _as_received(*fields: Any) -> tuple[str, dict[str, Any]]:
    """What Confluent says, folded: people come to the page for what they may say themselves."""
    return ("What Confluent says", {"classes": ("collapse",), "fields": (*fields, "metadata")})


@admin.register(Environment)
class EnvironmentAdmin(WithMonthCost):
    list_title = "Environments and who pays for them"
    curated = ("name_override", "stage", "notes")
    inlines = (RulesOnPage,)
    list_display = (
        "display_name",
        "month_usd",
        "unallocated_usd",
        "paid_by",
        "stage",
        "env_id",
        "gone_since",
    )
    list_editable = ("stage",)
    list_filter = (Allocated, "stage", "organization")
    search_fields = ("env_id", "name", "name_override")
    history_beside = (
        (AllocationRule, "environment_id"),
        (AllocationTarget, "rule__environment_id"),
    )
    fieldsets = (
        (None, {"fields": ("env_id", "name_override", "stage", "notes")}),
        _as_received("organization", "name", ("first_seen", "last_seen", "gone_since")),
    )


class TagInline(admin.TabularInline):  # type: ignore[type-arg]
    model = ClusterTag
    formset = TagFormSet
    extra = 0
    verbose_name_plural = "Tags, from when to when (UTC days); rules can select by them"


@admin.register(Cluster)
class ClusterAdmin(WithMonthCost):
    list_title = "Resources and who pays for them"
    inlines = (RulesOnPage, TagInline)
    list_display = (
        "display_name",
        "month_usd",
        "unallocated_usd",
        "paid_by",
        "kind",
        "environment",
        "cluster_id",
        "gone_since",
    )
    list_filter = (Allocated, "kind", "cloud_provider", "organization")
    search_fields = ("cluster_id", "name", "name_override", "env_id")
    history_beside = (
        (AllocationRule, "cluster_id"),
        (AllocationTarget, "rule__cluster_id"),
        (ClusterTag, "cluster_id"),
    )
    readonly_fields = ("environment_link", "parent_link")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("cluster_id", "kind"),
                    ("environment_link", "parent_link"),
                    "name_override",
                    "notes",
                )
            },
        ),
        _as_received(
            "organization",
            "name",
            ("cluster_type", "capacity"),
            ("cloud_provider", "region", "availability"),
            ("status", "owner_principal"),
            ("first_seen", "last_seen", "gone_since"),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        environment = Environment.objects.filter(
            organization=OuterRef("organization"), env_id=OuterRef("env_id")
        )
        name = Coalesce(
            Subquery(environment.values("display_name")[:1]), "env_id", output_field=TextField()
        )
        clusters: QuerySet[Any] = super().get_queryset(request)
        named: QuerySet[Any] = clusters.annotate(environment_name=name)
        return named

    @admin.display(description="Environment", ordering="environment_name")
    def environment(self, cluster: Any) -> str:
        return cluster.environment_name or "–"  # noqa: RUF001

    @admin.display(description="Environment")
    def environment_link(self, cluster: Cluster) -> str:
        found = Environment.objects.filter(
            organization_id=cluster.organization_id, env_id=cluster.env_id
        ).first()
        return _link(found) if found else cluster.env_id or "–"  # noqa: RUF001

    @admin.display(description="Runs on")
    def parent_link(self, cluster: Cluster) -> str:
        parent = Cluster.objects.filter(
            organization_id=cluster.organization_id, cluster_id=cluster.parent_cluster_id
        ).first()
        return _link(parent) if parent else cluster.parent_cluster_id or "–"  # noqa: RUF001


def _link(thing: Cluster | Environment) -> str:
    name = f"admin:dimensions_{thing._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(name, args=[thing.pk]), thing)


@admin.register(Principal)
class PrincipalAdmin(ReadOnly):
    list_display = ("display_name", "principal_id", "kind", "description", "gone_since")
    list_filter = ("kind", "organization")
    search_fields = ("principal_id", "name", "description")
