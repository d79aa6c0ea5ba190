"""Collect up to a year of the bill, newest month first."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import Error as DatabaseError

from collector.client import oldest_day
from collector.dispatch import ask_for_backfill
from collector.heartbeats import beat_is_alive, worker_is_alive
from collector.management.collecting import collect_and_report
from collector.management.reporting import (
    ConfluentCommand,
    add_json_argument,
    as_command_error,
    as_json,
)
from collector.queues import LONG
from collector.windows import Window, last_months

TRIGGER = "backfill_costs"


class Command(ConfluentCommand):
    help = (
        "Collect the last months of the bill, newest first, in windows of one month. Months whose "
        "days are all stored and settled are left out, so that it goes on where it was stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--months", type=int, default=12, metavar="N", help="how many, 1 to 12 (12)"
        )
        parser.add_argument("--force", action="store_true", help="also what is settled already")
        parser.add_argument(
            "--queue",
            action="store_true",
            help="leave it to the workers, which share the months; the runs tell how far they are",
        )
        add_json_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["months"] <= 12:
            raise CommandError("--months is a number from 1 to 12.", returncode=2)
        if options["queue"]:
            self._queue(options)
            return
        today = datetime.now(UTC).date()
        collect_and_report(
            self,
            last_months(options["months"], today, oldest_day(today)),
            trigger=TRIGGER,
            json=options["json"],
            leave_out_settled=not options["force"],
        )

    def _queue(self, options: dict[str, Any]) -> None:
        try:
            if not settings.CELERY_BROKER_URL and not beat_is_alive():
                raise CommandError(
                    "--queue leaves the months to workers, and there are none: set REDIS_URL or "
                    "run `make scheduler`; or leave --queue out."
                )
            runs = ask_for_backfill(
                options["months"], force=options["force"], trigger=TRIGGER, requested_by=None
            )
        except DatabaseError as error:
            raise as_command_error(error) from error
        if options["json"]:
            self.stdout.write(as_json(runs))
            return
        for run in runs:
            self.stdout.write(f"Queued: {Window(run.window_start, run.window_end)}")
        if not runs:
            self.stdout.write("Nothing to queue: every month is settled or being collected.")
        elif not worker_is_alive(LONG):
            self.stdout.write(
                self.style.WARNING(
                    "No worker of the queue “long” is alive; the runs wait for one "
                    "(make scheduler, or a worker of yours)."
                )
            )
