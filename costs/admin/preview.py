"""What a change moves is shown before it is made; then exactly the affected days follow."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.messages.storage import default_storage
from django.db import DataError, IntegrityError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from costs.admin.history import WithHistory
from costs.allocation import lock_edits
from costs.models import BillingDay
from costs.movement import Movement, check_deferred_constraints, movement_since
from costs.reallocation import reallocate_for

AGREED = "_agreed"
# What a person waits for before the page says how far it is.
PATIENCE = 3.0  # seconds


class PreviewsMovement(WithHistory):
    """Saving and deleting show first which dollars move from whom to whom."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        def act() -> Any:
            return super(PreviewsMovement, self).changeform_view(
                request, object_id, form_url, extra_context
            )

        return act() if request.method != "POST" else preview_first(request, act)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        def act() -> Any:
            return super(PreviewsMovement, self).delete_view(request, object_id, extra_context)

        return act() if request.method != "POST" else preview_first(request, act)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A row changed below an object is no change of the object; its history says so."""
        if form.has_changed() or not change:
            super().save_model(request, obj, form, change)

    def get_actions(self, request: HttpRequest) -> Any:
        actions = super().get_actions(request)
        # It would delete many at once without saying what that moves.
        actions.pop("delete_selected", None)
        return actions


def preview_first(request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
    """Do what `act` does if nothing moves by it or the person agreed; else show what would move.

    `act` answers with a redirect when it has saved. Agreeing counts for the rules as they were
    when the preview was shown: if somebody changed them meanwhile, it is shown again.
    """
    agreed = request.POST.get(AGREED)
    try:
        pending = 0 if agreed else _follow_earlier_changes(request)
        with transaction.atomic():
            revision = lock_edits()
            response = act()
            if not _has_saved(response):
                return response
            check_deferred_constraints()
            if agreed != str(revision):
                movement = movement_since(revision)
                if not movement.moves_nothing:
                    transaction.set_rollback(True)
                    _forget_messages(request)
                    return _preview(request, movement, revision, pending)
    except (IntegrityError, DataError) as error:
        _forget_messages(request)
        messages.error(request, f"The database refused it, nothing was saved: {_first_line(error)}")
        return redirect(request.get_full_path())
    except OperationalError as error:
        _forget_messages(request)
        messages.error(
            request,
            f"The database was busy, nothing was saved; try again: {_first_line(error)}",
        )
        return redirect(request.get_full_path())
    return reallocate_for_a_while(request, response)


def may_go_on(request: HttpRequest) -> bool:
    """Whether the person may take pending days along: it changes who pays for them."""
    return request.user.has_perm("costs.change_allocationrule")


def _follow_earlier_changes(request: HttpRequest) -> int:
    """Take along what earlier changes left, or a preview would show it as well; what is left."""
    if may_go_on(request):
        return reallocate_for(PATIENCE).pending
    return BillingDay.objects.pending().count()


def _has_saved(response: HttpResponse) -> bool:
    """Whether the admin's answer is that of a save: a redirect, or the end of a popup."""
    in_popup = "popup_response_data" in (getattr(response, "context_data", None) or {})
    return isinstance(response, HttpResponseRedirect) or in_popup


def reallocate_for_a_while(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Re-allocate pending days; when it takes long, go to the page that shows how far it is."""
    try:
        followed = reallocate_for(PATIENCE)
    except OperationalError as error:
        messages.warning(request, f"Saved. The days follow later: {_first_line(error)}")
        return response
    if followed.days and not followed.pending:
        messages.info(
            request,
            f"Allocated again. Days: {followed.days:,}, of them changed: {followed.changed:,}.",
        )
    if not followed.pending or not isinstance(response, HttpResponseRedirect):
        return response  # a popup closes; the page behind it goes on with its next save
    query = urlencode({"of": followed.days + followed.pending, "next": response.url})
    return redirect(f"{reverse('admin:costs_allocationchange_progress')}?{query}")


def _preview(request: HttpRequest, movement: Movement, revision: int, pending: int) -> HttpResponse:
    posted = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in ("csrfmiddlewaretoken", AGREED)
    ]
    context = {
        **admin.site.each_context(request),
        "title": "What this moves",
        "movement": movement,
        "pending": pending,
        "posted": posted,
        "agreed_name": AGREED,
        "revision": revision,
        "cancel_url": request.get_full_path(),
    }
    return render(request, "admin/costs/preview.html", context)


def _forget_messages(request: HttpRequest) -> None:
    """Drop what was said about a save that did not happen."""
    request._messages = default_storage(request)  # type: ignore[attr-defined]


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
