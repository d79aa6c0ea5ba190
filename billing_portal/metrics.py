"""`/metrics` for Prometheus: how the web processes do.

Metrics speak of everybody. They are for a token of somebody who sees all costs, and for whoever
asks, without a proxy between, from METRICS_NETWORKS in production, LOCAL_NETWORKS in development.
"""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from rest_framework.exceptions import AuthenticationFailed

from costs.api.authentication import TokenAuthentication
from costs.api.permissions import READ_COSTS, asks_from
from dimensions.access import is_limited
from dimensions.models import TokenScope


@require_safe
@never_cache
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """The Prometheus text format; 401 for whoever may not have it."""
    near = settings.METRICS_NETWORKS if settings.PRODUCTION else settings.LOCAL_NETWORKS
    if not (asks_from(request, near) or _has_token(request)):
        response = HttpResponse("A token with the scope “read” is needed.\n", status=401)
        response["WWW-Authenticate"] = "Bearer"
        response["Content-Type"] = "text/plain; charset=utf-8"
        return response
    exported: HttpResponse = ExportToDjangoView(request)
    return exported


def _has_token(request: HttpRequest) -> bool:
    try:
        found = TokenAuthentication().authenticate(request)
    except AuthenticationFailed:
        return False
    if found is None:
        return False
    user, token = found
    may_read = TokenScope.READ in token.scopes and user.has_perm(READ_COSTS.read)
    return may_read and not is_limited(user)
