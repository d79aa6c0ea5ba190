"""Runs and quarantine, to look at."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from collector.models import CollectionRun, QuarantinedRow
from costs.admin.read_only import ReadOnly
from costs.partitions import ONE_DAY


@admin.register(CollectionRun)
class CollectionRunAdmin(ReadOnly):
    list_display = (
        "started_at",
        "state",
        "window",
        "duration",
        "days_changed",
        "days_unchanged",
        "lines_added",
        "rows_quarantined",
        "error",
        "trigger",
        "organization",
    )
    list_filter = ("state", "trigger", "organization")
    list_select_related = ("organization",)
    search_fields = ("error", "trigger")
    search_help_text = "Part of an error or of what asked for the run."
    exclude = ("notices",)
    readonly_fields = ("duration", "notices_for_the_operator")

    @admin.display(description="Days (UTC)", ordering="window_start")
    def window(self, run: CollectionRun) -> str:
        return f"{run.window_start} to {run.window_end - ONE_DAY}"

    @admin.display(description="Seconds", empty_value="running")
    def duration(self, run: CollectionRun) -> str | None:
        return None if run.seconds is None else f"{run.seconds:.1f}"

    @admin.display(description="Notices", empty_value="None")
    def notices_for_the_operator(self, run: CollectionRun) -> str:
        return "\n".join(run.notices)


class Open(admin.SimpleListFilter):
    title = "state"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Open"), ("no", "Resolved by a later bill")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("yes", "no"):
            return queryset.filter(resolved_at__isnull=self.value() == "yes")
        return queryset


@admin.register(QuarantinedRow)
class QuarantinedRowAdmin(ReadOnly):
    list_display = ("day", "reason", "amount_text", "occurrences", "fetched_at", "resolved_at")
    list_filter = (Open, "organization")
    search_fields = ("reason", "raw")
    search_help_text = "Part of the reason or of the row as received."
