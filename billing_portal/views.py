"""The front door, the API's description as a page, and answers to what is not there or fails."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django.views.generic import RedirectView, TemplateView
from rest_framework.permissions import SAFE_METHODS

from billing_portal import __version__
from billing_portal.middleware import API
from collector.web.notices import of_collecting, of_unknown_names
from costs.api.errors import UNREADABLE, document
from costs.api.permissions import READ_COSTS
from costs.query_string import Reader
from costs.reports.overview import Overview
from costs.visibility import Visibility
from costs.web.notices import Notice
from costs.web.overview import OverviewPage

FORBIDDEN = "You do not have permission to perform this action."
NOT_OURS = "The request is not known to come from a page of the portal; reload the page first."
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
        answer = FrontPage.as_view()(request)
        assert isinstance(answer, HttpResponse)
        return answer
    return JsonResponse(
        {
            "service": "Confluent Billing Portal",
            "version": __version__,
            "links": {
                name: request.build_absolute_uri(reverse(view)) for name, view in LINKS.items()
            },
        }
    )


class FrontPage(OverviewPage):
    """The overview, with what the collector has to say."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.user
        if user.is_authenticated and not user.has_perm(READ_COSTS.read):
            return render(request, "no_costs.html")
        return super().dispatch(request, *args, **kwargs)

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        return super().context(reader, visibility, **named) | {"version": __version__}

    def notices(self, found: Overview, visibility: Visibility) -> list[Notice]:
        return [
            *of_collecting(self.request.user, visibility),
            *super().notices(found, visibility),
            *of_unknown_names(found.days, visibility),
        ]


class Icon(RedirectView):
    """Where the icon is: known once the static files are collected, so not before it is asked."""

    def get_redirect_url(self, *args: Any, **kwargs: Any) -> str:
        return static("favicon.svg")


class Documentation(TemplateView):
    """The API's description, to read and to try: Swagger UI, from the portal itself."""

    template_name = "docs.html"
    http_method_names = ["get", "head", "options"]


@login_not_required
def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400 for what is no request of ours; the page asks for nothing that depends on its host."""
    if request.path.startswith(API):
        return JsonResponse(document(UNREADABLE, []), status=400)
    return render(None, "400.html", status=400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, with the reason where there is one to tell; in JSON for programs that ask the API."""
    said = str(exception)
    if request.path.startswith(API):
        return JsonResponse(document(said or FORBIDDEN, []), status=403)
    # A form is not sent again by a login.
    after_login = request.get_full_path() if request.method in SAFE_METHODS else request.path
    # The API's sentence speaks of an action; the page has its own for a page.
    context = {"said": "" if said == FORBIDDEN else said, "next": after_login}
    return render(request, "403.html", context, status=403)


@login_not_required
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that is not known to come from the portal's own page; reason: Django's."""
    if request.path.startswith(API):
        return JsonResponse(document(NOT_OURS, []), status=403)
    why = "old"
    if reason == REASON_NO_CSRF_COOKIE:
        why = "cookies"
    elif reason.startswith(("Origin checking", "Referer checking")):
        why = "elsewhere"
    return render(request, "403_csrf.html", {"why": why}, status=403)


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
    return render(None, "500.html", document(FAILED, []), status=500)
