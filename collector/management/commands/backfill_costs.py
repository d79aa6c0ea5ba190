"""Collect up to a year of the bill, newest month first."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from collector.client import oldest_day
from collector.management.collecting import collect_and_report
from collector.management.reporting import ConfluentCommand, add_json_argument
from collector.windows import last_months


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
        add_json_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["months"] <= 12:
            raise CommandError("--months is a number from 1 to 12.", returncode=2)
        today = datetime.now(UTC).date()
        collect_and_report(
            self,
            last_months(options["months"], today, oldest_day(today)),
            trigger="backfill_costs",
            json=options["json"],
            leave_out_settled=not options["force"],
        )
