"""Assign many resources or environments to one cost center from a day on."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from costs.admin.forms import cost_center_field, first_of_month
from costs.admin.preview import PreviewsMovement, preview_first
from costs.assignment import assign
from dimensions.models import CostCenter

AT_MOST = 500  # chosen at once: their ids travel in the address


class AssignForm(forms.Form):
    cost_center = cost_center_field()
    valid_from = forms.DateField(
        label="From (UTC day)",
        widget=AdminDateWidget,
        help_text="The rules in force end there; rules that begin later stay.",
    )


class AssignsToCostCenter(PreviewsMovement):
    """The bulk action and its page, for lists of what rules can select."""

    actions = ("assign_to_cost_center",)

    @admin.action(description="Assign to cost center from …", permissions=["assign"])
    def assign_to_cost_center(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        keys = list(queryset.order_by().values_list("pk", flat=True)[: AT_MOST + 1])
        if len(keys) > AT_MOST:
            messages.error(request, f"Choose at most {AT_MOST} at once.")
            return None
        chosen = ",".join(map(str, keys))
        return redirect(f"{reverse(f'admin:{self._assign_url_name()}')}?ids={chosen}")

    def has_assign_permission(self, request: HttpRequest) -> bool:
        """Who may add rules and end those in force."""
        return request.user.has_perms(
            ["costs.add_allocationrule", "costs.change_allocationrule"]
        ) and self.has_view_permission(request)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.assign_view)
        return [path("assign/", view, name=self._assign_url_name()), *super().get_urls()]

    def _assign_url_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_assign"

    def assign_view(self, request: HttpRequest) -> HttpResponse:
        """A form for the cost center and the day; then the preview; then the list again."""
        if not self.has_assign_permission(request):
            raise PermissionDenied
        keys = [key for key in request.GET.get("ids", "").split(",") if key.isascii()]
        keys = [key for key in keys if key.isdigit() and len(key) < 19][:AT_MOST]
        things = list(self.model._default_manager.filter(pk__in=keys).order_by("display_name"))
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        if not things:
            messages.error(request, "Nothing was chosen.")
            return redirect(back)
        form = AssignForm(request.POST or None, initial={"valid_from": first_of_month})
        if not form.is_valid():
            context = self.admin_site.each_context(request) | self._context(things, form, back)
            return render(request, "admin/costs/assign.html", context)

        def act() -> HttpResponse:
            center: CostCenter = form.cleaned_data["cost_center"]
            made = assign(things, center, valid_from=form.cleaned_data["valid_from"])
            messages.success(request, f"Assigned to {center}: {made} of {len(things)} chosen.")
            return redirect(back)

        return preview_first(request, act)

    def _context(self, things: list[Any], form: AssignForm, back: str) -> dict[str, Any]:
        return {
            "title": f"Assign to a cost center: {len(things)} chosen",
            "things": things,
            "form": form,
            "opts": self.opts,
            "media": self.media + form.media,
            "back": back,
        }
