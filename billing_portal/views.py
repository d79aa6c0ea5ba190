"""The front door, the API's description as a page, and answers to what is not there or fails."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django.views.generic import TemplateView

from billing_portal import __version__
from billing_portal.middleware import API
from costs.api.errors import document
from costs.api.permissions import READ_COSTS, may_without_login
from costs.reports.overview import recent_overview
from costs.visibility import visible_to

NOT_FOUND = "There is no such address; /docs lists those that there are."
FAILED = "The portal could not answer; its log says why, under this request_id."
# The name of a link in `/`, and the view it leads to.
LINKS = {
    "documentation": "docs",
    "schema": "schema",
    "costs": "costs",
    "summary": "costs-summary",
    "collections": "collections",
    "health": "healthz",
    "readiness": "readyz",
    "metrics": "metrics",
    "admin": "admin:index",
}


@require_safe
@vary_on_headers("Accept")
def front_door(request: HttpRequest) -> HttpResponse:
    """JSON unless the client prefers HTML (curl's */* gets JSON, a browser the page)."""
    if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
        if not (request.user.is_authenticated or may_without_login(request)):
            return redirect_to_login(request.get_full_path())
        may_see = not request.user.is_authenticated or request.user.has_perm(READ_COSTS.read)
        visibility = visible_to(request.user)
        page = {
            "overview": recent_overview(visibility) if may_see else None,
            "may_see_costs": may_see,
            "is_limited": visibility.is_limited,
            "version": __version__,
        }
        return render(request, "landing.html", page)
    return JsonResponse(
        {
            "service": "Confluent Billing Portal",
            "version": __version__,
            "links": {
                name: request.build_absolute_uri(reverse(view)) for name, view in LINKS.items()
            },
        }
    )


class Documentation(TemplateView):
    """The API's description, to read and to try: Swagger UI, from the portal itself."""

    template_name = "docs.html"
    http_method_names = ["get", "head", "options"]


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, in JSON for programs that ask the API."""
    if request.path.startswith(API):
        return JsonResponse(document(NOT_FOUND, []), status=404)
    return render(request, "404.html", status=404)


@login_not_required
def failed(request: HttpRequest) -> HttpResponse:
    """500 without a word of what failed; the page asks for nothing that could fail again."""
    if request.path.startswith(API):
        return JsonResponse(document(FAILED, []), status=500)
    return render(None, "500.html", status=500)
