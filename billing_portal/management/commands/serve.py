"""Bring the database up to date and serve the portal on API_HOST:API_PORT."""

import os
import socket
import sys
import tempfile
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing_portal.gunicorn_hooks import FOLDER

WORKERS, THREADS = 2, 16


class Command(BaseCommand):
    help = (
        "Prepare the database (see prepare_database), then serve on API_HOST:API_PORT with "
        "gunicorn."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--prepared",
            action="store_true",
            help="somebody else prepares the database and collects the static files",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        require_free_port()
        if not options["prepared"]:
            call_command("prepare_database", verbosity=0)
        if settings.PRODUCTION and not options["prepared"]:
            call_command("collectstatic", interactive=False, verbosity=0)
        # The workers' metrics, of all of them together; gunicorn_hooks takes it away.
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="billing-portal-metrics-")
        self.stdout.write(f"The portal is at {address()} (Ctrl-C ends it).")
        self.stdout.flush()
        os.execv(sys.executable, gunicorn())  # noqa: S606 (our own interpreter)


def require_free_port() -> None:
    """Raises CommandError when somebody else serves there already."""
    family = socket.AF_INET6 if ":" in settings.API_HOST else socket.AF_INET
    try:
        with socket.create_server((settings.API_HOST, settings.API_PORT), family=family):
            pass
    except OSError as error:
        raise CommandError(
            f"Cannot listen on {settings.API_HOST}:{settings.API_PORT}: {error.strerror}. "
            "Set API_PORT (or API_HOST) to another one."
        ) from error


def gunicorn() -> list[str]:
    """The server's command line; it takes this process's place, so that signals reach it."""
    return [
        sys.executable,
        *("-m", "gunicorn", "billing_portal.wsgi"),
        "--config=python:billing_portal.gunicorn_hooks",
        f"--bind={_bracketed(settings.API_HOST)}:{settings.API_PORT}",
        f"--workers={WORKERS}",
        f"--threads={THREADS}",
        # Browsers open connections ahead; the end must not wait for what they never ask.
        "--graceful-timeout=2",
        # A report may name many things to filter by; this is the longest that gunicorn takes.
        "--limit-request-line=8190",
        # Nobody controls it so, and a container has no home to put a socket in.
        "--no-control-socket",
        "--log-level=warning",
    ]


def address() -> str:
    """Where a browser on this machine finds the portal."""
    everywhere = settings.API_HOST in ("0.0.0.0", "::")  # noqa: S104 (compared, not bound)
    host = "localhost" if everywhere else _bracketed(settings.API_HOST)
    return f"http://{host}:{settings.API_PORT}/"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
