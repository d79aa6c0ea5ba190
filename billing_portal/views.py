"""The front door: service information for programs, a landing page for people."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from billing_portal import __version__
from costs.overview import recent_overview


@require_safe
@vary_on_headers("Accept")
def front_door(request: HttpRequest) -> HttpResponse:
    """JSON unless the client prefers HTML (curl's */* gets JSON, a browser the page)."""
    if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
        return render(request, "landing.html", {"overview": recent_overview()})
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
