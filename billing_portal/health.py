"""Is the portal able to answer, and does its schedule run? Needs no login.

/healthz is for load balancers and containers: this process can answer. /readyz is for who looks
after the whole: the broker answers, beat lives, and the bill is being collected.
"""

import logging
from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from collector.health import FINE, OK, age_check, beat_check, broker_check, workers_check

logger = logging.getLogger(__name__)

# The driver's words would name the server and the user to anybody who asks.
NO_DATABASE = "the database does not answer; the log says why"
NOT_CHECKED = "not checked"
READY_CHECKS = (("beat", beat_check), ("workers", workers_check), ("collection", age_check))


@require_safe
@never_cache
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 {"status": "ok", ...}, or 503 with the reason of the first thing that fails."""
    return _answer(_own_checks())


@require_safe
@never_cache
@login_not_required
def readyz(request: HttpRequest) -> JsonResponse:
    """The same for the schedule as well; what is not configured or not scheduled is no failure."""
    checks = _own_checks()
    checks["broker"] = broker_check()
    is_readable = checks["migrations"] == OK
    for name, check in READY_CHECKS:
        checks[name] = _asked(check) if is_readable else NOT_CHECKED
    return _answer(checks)


def _own_checks() -> dict[str, str]:
    checks = {"process": OK, "database": _database(), "migrations": NOT_CHECKED}
    if checks["database"] == OK:
        checks["migrations"] = _migrations()
    return checks


def _asked(check: Callable[[], str]) -> str:
    try:
        return check()
    except DatabaseError as error:
        logger.error("The health of the collection cannot be read: %s", error)
        return NO_DATABASE


def _answer(checks: dict[str, str]) -> JsonResponse:
    healthy = all(answer in FINE for answer in checks.values())
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
