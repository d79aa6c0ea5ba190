"""Make the rows of the schedule that the settings ask for."""

from typing import Any

from django.core.management.base import BaseCommand

from billing_portal.schedule import make_schedule


class Command(BaseCommand):
    help = (
        "Make the rows of the schedule that SCHEDULER_ENABLED, HOURLY_JOB_ENABLED and "
        "DAILY_JOB_ENABLED ask for, and switch them on or off; times that were edited stay. beat, "
        "`serve` and `scheduler` do it by themselves."
    )

    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for name, is_on in make_schedule().items():
            if options["verbosity"]:
                self.stdout.write(f"{name}: {'on' if is_on else 'off'}")
