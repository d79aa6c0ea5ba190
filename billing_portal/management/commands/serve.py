"""Bring the database up to date and serve the portal on API_HOST:API_PORT."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Apply missing migrations, then serve on API_HOST:API_PORT (for one machine)."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(f"The portal is at {address()} (Ctrl-C ends it).")
        self.stdout.flush()
        call_command(
            "runserver",
            f"{settings.API_HOST}:{settings.API_PORT}",
            use_reloader=False,
            skip_checks=True,
            verbosity=0,
        )


def address() -> str:
    """Where a browser on this machine finds the portal."""
    everywhere = settings.API_HOST in ("0.0.0.0", "::")  # noqa: S104 (compared, not bound)
    return f"http://{'localhost' if everywhere else settings.API_HOST}:{settings.API_PORT}/"
