"""`/metrics` for Prometheus: how the web processes do, and what the database says at one moment.

All web processes of a server answer with the same text about the database, for as long as it is
cached: told by each of them at another moment, counters would seem to go backwards. A scrape is
whole or fails.

Metrics speak of everybody. They are for a token of somebody who sees all costs, and for whoever
asks, without a proxy between, from METRICS_NETWORKS in production, LOCAL_NETWORKS in development.
"""

import fcntl
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import IO

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView
from rest_framework.exceptions import AuthenticationFailed

from billing_portal.gunicorn_hooks import FOLDER
from billing_portal.health import NO_DATABASE
from billing_portal.reading import LONGEST_READING, metrics_text
from costs.api.authentication import TokenAuthentication
from costs.api.permissions import READ_COSTS, asks_from
from dimensions.access import is_limited
from dimensions.models import TokenScope

logger = logging.getLogger(__name__)

BETWEEN_TRIES = 0.05  # seconds
TOO_LONG = "Another scrape takes too long."
_TEXT = "text"
_in_this_process = LocMemCache("metrics", {})
_lock = threading.Lock()


@require_safe
@never_cache
@login_not_required
def metrics(request: HttpRequest) -> HttpResponse:
    """The Prometheus text format; 401 for whoever may not have it, 503 without the database."""
    near = settings.METRICS_NETWORKS if settings.PRODUCTION else settings.LOCAL_NETWORKS
    if not (asks_from(request, near) or _has_token(request)):
        response = HttpResponse("A token with the scope “read” is needed.\n", status=401)
        response["WWW-Authenticate"] = "Bearer"
        response["Content-Type"] = "text/plain; charset=utf-8"
        return response
    try:
        of_the_database = _cached_text()
    except (DatabaseError, ImproperlyConfigured, TimeoutError) as error:
        logger.error("The metrics cannot be read from the database: %s", error)
        return HttpResponse(f"{NO_DATABASE}\n", status=503, content_type="text/plain")
    exported: HttpResponse = ExportToDjangoView(request)
    exported.content += of_the_database
    return exported


def _cached_text() -> bytes:
    """What the database says, not older than METRICS_CACHE_SECONDS."""
    folder = os.environ.get(FOLDER)
    cache: BaseCache = FileBasedCache(f"{folder}/cache", {}) if folder else _in_this_process
    text = _young_text(cache)
    if text is None:
        with _one_at_a_time(folder):
            # Somebody else may have asked while we waited.
            text = _young_text(cache)
            if text is None:
                read_at, text = time.monotonic(), metrics_text()
                cache.set(_TEXT, (read_at, text), timeout=None)
    return text


def _young_text(cache: BaseCache) -> bytes | None:
    """By the clock that nobody sets, which all processes of a machine share."""
    read_at, text = cache.get(_TEXT) or (float("-inf"), None)
    is_young = time.monotonic() - read_at < settings.METRICS_CACHE_SECONDS
    return text if is_young else None


@contextmanager
def _one_at_a_time(folder: str | None) -> Iterator[None]:
    """Of the threads of this process, and with a folder of all processes that share it.

    Raises TimeoutError when others take too long.
    """
    give_up_at = time.monotonic() + LONGEST_READING
    if not _lock.acquire(timeout=LONGEST_READING):
        raise TimeoutError(TOO_LONG)
    try:
        with _lock_file(folder) as file:
            while file and not _locked(file):
                if time.monotonic() > give_up_at:
                    raise TimeoutError(TOO_LONG)
                time.sleep(BETWEEN_TRIES)
            yield
    finally:
        _lock.release()


def _lock_file(folder: str | None) -> AbstractContextManager[IO[bytes] | None]:
    return Path(folder, "metrics.lock").open("wb") if folder else nullcontext()


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


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
