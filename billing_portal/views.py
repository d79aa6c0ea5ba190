"""The front door: service information for programs, a landing page for people."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from billing_portal import __version__
from costs.overview import recent_overview

# The page needs its own style sheet and icon, nothing else; the admin has its own needs.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@require_safe
@vary_on_headers("Accept")
def front_door(request: HttpRequest) -> HttpResponse:
    """JSON unless the client prefers HTML (curl's */* gets JSON, a browser the page)."""
    if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
        page = {"overview": recent_overview(), "version": __version__}
        response = render(request, "landing.html", page)
        response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        return response
    return JsonResponse(
        {
            "service": "Confluent Billing Portal",
            "version": __version__,
            "links": {
                "health": request.build_absolute_uri(reverse("healthz")),
                "admin": request.build_absolute_uri(reverse("admin:index")),
            },
        }
    )
