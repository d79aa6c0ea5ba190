"""Everything that a database needs before the portal uses it."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

# Nobody else of the portal's takes a lock with these two numbers.
_LOCK = "-1, 1"


class Command(BaseCommand):
    help = (
        "Apply missing migrations, make the groups and the schedule, and let grafana_reader log in "
        "when GRAFANA_READER_PASSWORD is set. Who comes at the same time waits. `serve`, "
        "`scheduler` and `demo` do it by themselves."
    )

    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        quietly = {"verbosity": options["verbosity"]}
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_lock({_LOCK})")
            try:
                call_command("migrate", interactive=False, **quietly)
                call_command("setup_groups", **quietly)
                call_command("setup_schedule", **quietly)
                if settings.GRAFANA_READER_PASSWORD:
                    call_command("setup_grafana_reader", **quietly)
            finally:
                cursor.execute(f"SELECT pg_advisory_unlock({_LOCK})")
