"""Runs, to look at, begin again and cancel; quarantine and processes, to look at."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.text import Truncator

from collector.client import oldest_day
from collector.dispatch import ask_for_collection
from collector.models import CollectionRun, ProcessHeartbeat, QuarantinedRow
from collector.runs import AlreadyAsked, cancel_run, mark_abandoned
from collector.windows import Window
from costs.admin.read_only import ReadOnly
from costs.partitions import ONE_DAY

TRIGGER = "admin"


@admin.register(CollectionRun)
class CollectionRunAdmin(ReadOnly):
    """Who may add runs may have the same days collected again; who may change them, cancel."""

    change_form_template = "admin/collector/run.html"
    actions = ("collect_again", "cancel")
    list_display = (
        *("started_at", "state", "window", "progress", "what_went_wrong", "duration"),
        *("trigger", "organization"),
    )
    list_filter = ("state", "failure", "trigger", "organization")
    list_select_related = ("organization",)
    search_fields = ("error", "trigger")
    search_help_text = "Part of an error or of what asked for the run."
    fieldsets = (
        (None, {"fields": ("state", "window", "progress", "organization", "error", "failure")}),
        ("Told by it", {"fields": ("notices_for_the_operator",)}),
        (
            "When and for whom",
            {
                "fields": (
                    *("trigger", "requested_by", "started_at", "finished_at", "duration"),
                    *("asked_at", "cancel_requested_at", "is_for_workers", "sent_at"),
                    *("attempts", "losses"),
                )
            },
        ),
        ("What it came to", {"fields": CollectionRun.COUNTS}),
    )
    readonly_fields = ("window", "progress", "duration", "notices_for_the_operator")

    @admin.display(description="Days (UTC)", ordering="window_start")
    def window(self, run: CollectionRun) -> str:
        return f"{run.window_start} to {run.window_end - ONE_DAY}"

    @admin.display(description="Days done")
    def progress(self, run: CollectionRun) -> str:
        return f"{run.days_done} of {run.days_total}"

    @admin.display(description="Seconds", empty_value="not over")
    def duration(self, run: CollectionRun) -> str | None:
        return None if run.seconds is None else f"{run.seconds:.1f}"

    @admin.display(description="Error", empty_value="")
    def what_went_wrong(self, run: CollectionRun) -> str | None:
        """The page of the run has all of it."""
        return Truncator(run.error).chars(110) or None

    @admin.display(description="Notices", empty_value="None")
    def notices_for_the_operator(self, run: CollectionRun) -> str:
        return "\n".join(run.notices)

    def has_collect_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("collector.add_collectionrun")

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("collector.change_collectionrun")

    @admin.action(description="Collect the same days again", permissions=["collect"])
    def collect_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        # One run for the same days, however many of the chosen ones were of them.
        for start, end in sorted(
            set(queryset.order_by().values_list("window_start", "window_end"))
        ):
            _collect(request, Window(start, end))

    @admin.action(description="Cancel", permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for run in queryset.filter(state__in=CollectionRun.UNFINISHED):
            _cancel(request, run)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        mark_abandoned()
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        mark_abandoned()
        may = {
            "may_collect": self.has_collect_permission(request),
            "may_cancel": self.has_cancel_permission(request),
        }
        return super().change_view(request, object_id, form_url, (extra_context or {}) | may)

    def get_urls(self) -> list[Any]:
        views = (("again", self.again_view), ("cancel", self.cancel_view))
        return [
            path(f"<int:run_id>/{name}/", self.admin_site.admin_view(view), name=f"run_{name}")
            for name, view in views
        ] + super().get_urls()

    def again_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """Collect the days of a run again; leads to the new run."""
        if not self.has_collect_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        old = get_object_or_404(CollectionRun, pk=run_id)
        new = _collect(request, Window(old.window_start, old.window_end))
        return redirect(reverse("admin:collector_collectionrun_change", args=[(new or old).pk]))

    def cancel_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        if not self.has_cancel_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        _cancel(request, get_object_or_404(CollectionRun, pk=run_id))
        return redirect(reverse("admin:collector_collectionrun_change", args=[run_id]))


def _collect(request: HttpRequest, window: Window) -> CollectionRun | None:
    """Ask for the window, month by month, and say what came of it; the run of the newest month."""
    newest, *_ = [_collect_month(request, part) for part in window.by_month()]
    return newest


def _collect_month(request: HttpRequest, window: Window) -> CollectionRun | None:
    oldest = oldest_day(datetime.now(UTC).date())
    if window.start < oldest:
        messages.error(request, f"{window}: Confluent answers for one year only, from {oldest} on.")
        return None
    assert request.user.is_authenticated
    try:
        run = ask_for_collection(window, trigger=TRIGGER, requested_by=request.user)
    except AlreadyAsked as error:
        messages.warning(request, str(error))
        return error.run
    if run.is_finished:
        messages.error(request, f"{window}: {run.error}")
    else:
        messages.success(request, f"{window} is being collected by run {run.pk}.")
    return run


def _cancel(request: HttpRequest, run: CollectionRun) -> None:
    cancel_run(run.pk)
    run.refresh_from_db()
    if run.state == CollectionRun.State.RUNNING:
        messages.success(request, f"Run {run.pk} ends after the page or day that it is at.")
    else:
        messages.success(request, f"Run {run.pk}: {run.get_state_display().lower()}.")


@admin.register(ProcessHeartbeat)
class ProcessHeartbeatAdmin(ReadOnly):
    list_display = ("name", "kind", "seen_at")


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
