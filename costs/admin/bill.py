"""The bill as received, to look at: nobody edits money here."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from costs.admin.read_only import COUNT_AT_MOST, ReadOnly
from costs.models import BillingDay, CostLineItem, ReconciliationCheck


@admin.register(BillingDay)
class BillingDayAdmin(ReadOnly):
    list_display = (
        "day",
        "organization",
        "amount_usd",
        "line_count",
        "version",
        "settled",
        "is_incomplete",
        "last_changed_at",
        "last_collected_at",
    )
    list_filter = (("is_settled", admin.BooleanFieldListFilter), "is_incomplete", "organization")
    list_select_related = ("organization",)
    search_fields = ("day",)
    search_help_text = "A day (2026-11-03) or the beginning of one (2026-11)."

    @admin.display(description="Amount (USD)", ordering="amount")
    def amount_usd(self, day: BillingDay) -> str:
        return f"{day.amount:,.10f}"

    # A generated column does not say that it is a yes or a no.
    @admin.display(description="Settled", ordering="is_settled", boolean=True)
    def settled(self, day: BillingDay) -> bool:
        return bool(day.is_settled)


class OnCurrentBill(admin.SimpleListFilter):
    """Current lines unless asked otherwise: restated ones beside them would count twice."""

    title = "bill"
    parameter_name = "bill"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("past", "Restated or vanished lines"), ("all", "All versions")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        choices = super().choices(changelist)
        yield next(choices) | {"display": "Current lines"}
        yield from choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(last_version__isnull=self.value() != "past")


@admin.register(CostLineItem)
class CostLineItemAdmin(ReadOnly):
    list_display = (
        "day",
        "amount_usd",
        "product",
        "line_type",
        "resource_id",
        "resource_name",
        "env_id",
        "quantity",
        "unit",
        "first_version",
        "last_version",
    )
    list_filter = (OnCurrentBill, "organization")
    search_fields = ("=day", "=resource_id", "=env_id", "=line_type", "=product", "resource_name")
    search_help_text = (
        "A day (2026-11-03), an id, a product or line type, or part of a name. "
        f"No more than {COUNT_AT_MOST:,} lines are counted."
    )

    @admin.display(description="Amount (USD)", ordering="amount")
    def amount_usd(self, line: CostLineItem) -> str:
        return f"{line.amount:,.10f}"


@admin.register(ReconciliationCheck)
class ReconciliationCheckAdmin(ReadOnly):
    list_display = (
        *("checked_at", "first_day", "end_day", "days", "missing_days", "doubtful_days"),
        *("pending_days", "differences", "difference_amount"),
    )

    @admin.display(description="Difference (USD)", ordering="difference_usd")
    def difference_amount(self, check: ReconciliationCheck) -> str:
        return f"{check.difference_usd:,.10f}"
