"""Is the portal able to answer? For load balancers and containers; needs no login."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)

# The driver's words would name the server and the user to anybody who asks.
NO_DATABASE = "the database does not answer; the log says why"


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 {"status": "ok", ...}, or 503 with the reason of the first thing that fails."""
    checks = {"process": "ok", "database": _database(), "migrations": "not checked"}
    if checks["database"] == "ok":
        checks["migrations"] = _migrations()
    healthy = all(answer == "ok" for answer in checks.values())
    return JsonResponse(
        {"status": "ok" if healthy else "unavailable", "checks": checks},
        status=200 if healthy else 503,
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, ImproperlyConfigured) as error:
        logger.error("The database does not answer: %s", error)
        return NO_DATABASE
    return "ok"


def _migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        logger.error("The migrations cannot be read: %s", error)
        return NO_DATABASE
    return f"{len(missing)} not applied; run: make migrate" if missing else "ok"
