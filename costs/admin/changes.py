"""Changes of who pays, and the page that takes pending days along."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from costs.admin.preview import PATIENCE, may_go_on
from costs.admin.read_only import ReadOnly
from costs.models import AllocationChange, BillingDay
from costs.reallocation import reallocate_for


@admin.register(AllocationChange)
class AllocationChangeAdmin(ReadOnly):
    list_display = ("id", "changed_at", "what", "organization", "first_day", "end_day", "scope")
    list_filter = ("what", "organization")
    list_select_related = ("organization",)
    search_fields = ("what", "=id")

    @admin.display(description="Charges that it may move")
    def scope(self, change: AllocationChange) -> str:
        if change.is_wide:
            return "all"
        named = [
            *change.cluster_ids,
            *change.env_ids,
            *(f"names like {pattern}" for pattern in change.name_patterns),
            *(f"of {code}" for code in change.cost_centers),
        ]
        return ", ".join(named[:5]) + (" …" if named[5:] else "") or "shared costs"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.progress)
        name = "costs_allocationchange_progress"
        return [path("progress/", view, name=name), *super().get_urls()]

    def progress(self, request: HttpRequest) -> HttpResponse:
        """How many days are pending; a POST takes some of them along and comes back here."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            if not may_go_on(request):
                raise PermissionDenied
            reallocate_for(PATIENCE)
            return redirect(f"{request.path}?{urlencode(request.GET)}")
        pending = BillingDay.objects.pending()
        days = pending.aggregate(first=Min("day"), last=Max("day"))
        count = pending.count()
        total = max(count, _number(request.GET.get("of", "")))
        context = {
            **self.admin_site.each_context(request),
            "title": "Allocating changed days again",
            "pending": count,
            "done": total - count,
            "total": total,
            **days,
            "may_go_on": may_go_on(request),
            "next": _safe_next(request),
        }
        return render(request, "admin/costs/progress.html", context)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _safe_next(request: HttpRequest) -> str:
    address = request.GET.get("next", "")
    hosts = {request.get_host()}
    if url_has_allowed_host_and_scheme(address, hosts, require_https=request.is_secure()):
        return address
    return reverse("admin:costs_allocationchange_changelist")
