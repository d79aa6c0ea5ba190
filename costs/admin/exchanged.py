"""Import and export on the lists of business units, cost centers and rules."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from costs.admin.preview import reallocate_for_a_while
from costs.exchange import ExchangePages, Imported


class Exchanged(ExchangePages):
    """An import shows its problems, or row by row what changes and what that moves."""

    import_template_name = "admin/costs/import.html"

    def process_result(self, result: Imported, request: HttpRequest) -> Any:
        response = super().process_result(result, request)
        assert isinstance(response, HttpResponse)
        return response if result.problems else reallocate_for_a_while(request, response)
