"""Headers that every answer carries."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

API, ADMIN = "/api/", "/admin/"
PAGES_OF_API = (API, "/docs")
_NOTHING = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
# What a browser may load: the portal's own files and answers, and nothing that stands in a page.
PAGES = f"{_NOTHING}script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"
# Swagger UI and the browsable API bring scripts, and styles in attributes.
API_PAGES = (
    f"{_NOTHING}script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'"
)


def answer_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Name the request, keep costs out of caches, and let pages load nothing from elsewhere."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request_id := structlog.contextvars.get_contextvars().get("request_id"):
            response.headers["X-Request-Id"] = request_id
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        )
        # Files of style and the like say themselves for how long they may be kept.
        response.headers.setdefault("Cache-Control", "private, no-store")
        # The admin has its own needs.
        if not request.path.startswith(ADMIN):
            policy = API_PAGES if request.path.startswith(PAGES_OF_API) else PAGES
            response.headers.setdefault("Content-Security-Policy", policy)
        return response

    return answer
