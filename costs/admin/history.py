"""Who changed what and when, of an object and of what is edited with it."""

from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Model, prefetch_related_objects
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
        beside = [
            entry
            for model, key in self.history_beside
            if request.user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}")
            for entry in _entries(model, {key: object_id}, self.history_list_per_page)
        ]
        beside.sort(key=lambda entry: entry["record"].history_date, reverse=True)
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


def _entries(model: Any, filters: dict[str, str], at_most: int) -> list[dict[str, Any]]:
    """The newest records of a model, each with the object as it was then, in words."""
    records = list(model.history.filter(**filters).select_related("history_user")[:at_most])
    things = [record.instance for record in records]
    names = [field.name for field in model._meta.fields if field.is_relation]
    prefetch_related_objects(things, *names)
    return [
        {"record": record, "what": _described(thing)}
        for record, thing in zip(records, things, strict=True)
    ]


def _described(thing: Any) -> str:
    """The object with the days it held for; what it names may be gone by now."""
    try:
        words = [str(thing._meta.verbose_name), str(thing)]
    except ObjectDoesNotExist:
        words = [str(thing._meta.verbose_name), str(thing.pk)]
    if begin := getattr(thing, "valid_from", None):
        end = thing.valid_to
        words.append(f"from {begin}" + (f" until before {end}" if end else ""))
    return " ".join(words)
