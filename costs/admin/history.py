"""Who changed what and when, of an object and of what is edited with it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from simple_history.admin import SimpleHistoryAdmin


class WithHistory(SimpleHistoryAdmin):  # type: ignore[misc]
    """Shows the history; an old version can be read, never put back behind the preview's back."""

    object_history_template = "admin/costs/history.html"
    # (model, its foreign key to the object) of what is edited on the same page.
    history_beside: tuple[tuple[type[Model], str], ...] = ()

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        records = [
            record
            for model, key in self.history_beside
            for record in model.history.filter(  # type: ignore[attr-defined]
                **{key: object_id}
            ).select_related("history_user")[: self.history_list_per_page]
        ]
        records.sort(key=lambda record: record.history_date, reverse=True)
        beside = [{"record": record, "what": _described(record)} for record in records]
        context = {"beside": beside, **(extra_context or {})}
        response: HttpResponse = super().history_view(request, object_id, context)
        return response

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, **kwargs: Any
    ) -> HttpResponse:
        # The library saves on POST whatever revert_disabled says.
        if request.method != "GET":
            raise PermissionDenied
        response: HttpResponse = super().history_form_view(request, object_id, version_id, **kwargs)
        return response


def _described(record: Any) -> str:
    """The object as it was after the change, with the days it held for."""
    thing = record.instance
    words = [str(thing._meta.verbose_name), str(thing)]
    if begin := getattr(thing, "valid_from", None):
        end = thing.valid_to
        words.append(f"from {begin}" + (f" until before {end}" if end else ""))
    return " ".join(words)
