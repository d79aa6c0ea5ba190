"""What an admin page with import and export has in common."""

from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from import_export.admin import ImportExportMixin

from costs.allocation import current_revision
from costs.exchange.files import FORMATS, ConfirmForm, DownloadForm, UploadForm
from costs.exchange.resource import Imported

SHOWN_PROBLEMS = 20


class ExchangePages(ImportExportMixin):  # type: ignore[misc]
    """For a ModelAdmin, before its base: set resource_classes to one of the resources.

    The import page's context has `result`, an Imported, as soon as a file was read.
    """

    # What a file changes beside the model itself.
    imports_beside: tuple[type[Model], ...] = ()
    import_formats = export_formats = FORMATS
    import_form_class = UploadForm
    confirm_form_class = ConfirmForm
    # Whole rows: what is exported can be imported.
    export_form_class = DownloadForm
    # A byte order mark, without which Excel takes UTF-8 for something else.
    to_encoding = "utf-8-sig"

    def process_result(self, result: Imported, request: HttpRequest) -> HttpResponseBase:
        """Say what was imported, or why nothing was although the preview had no problems."""
        if not result.problems:
            response: HttpResponseBase = super().process_result(result, request)
            return response
        messages.error(request, "Nothing was imported: something changed since the preview.")
        for problem in result.problems[:SHOWN_PROBLEMS]:
            messages.error(request, str(problem))
        app_label, model_name = self.get_model_info()
        return HttpResponseRedirect(reverse(f"admin:{app_label}_{model_name}_import"))

    def add_data_read_fail_error_to_form(self, form: Any, error: Exception) -> None:
        form.add_error(
            "import_file",
            "The file cannot be read in the chosen format. A CSV must be UTF-8 (in Excel: “CSV "
            f"UTF-8”), a workbook XLSX. {error}"[:300],
        )

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Import-export would hand request and form down to every step of every row."""
        form = kwargs.get("form")
        return {"agreed": form.cleaned_data["agreed"]} if isinstance(form, ConfirmForm) else {}

    def get_confirm_form_initial(self, request: HttpRequest, import_form: Any) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_confirm_form_initial(request, import_form)
        return {**initial, "agreed": current_revision()}

    def has_import_permission(self, request: HttpRequest) -> bool:
        """A file may make, change and end whatever it names: who imports may do all of that."""
        models = (self.model, *self.imports_beside)
        return request.user.has_perms(
            f"{model._meta.app_label}.{action}_{model._meta.model_name}"
            for model in models
            for action in ("add", "change", "delete")
        )
