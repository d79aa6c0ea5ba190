"""Move the hours of months of long ago into files."""

from argparse import ArgumentTypeError
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from costs.archiving import (
    MONTHS_KEPT,
    ArchivedMonth,
    CannotArchive,
    archive_hours,
    hours_to_archive,
)


def utc_month(text: str) -> date:
    """A month as people write it for a command: YYYY-MM."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a month; write it as YYYY-MM.") from None


class Command(BaseCommand):
    help = (
        "Write the hourly costs of every month before the one that is said into a file a month "
        "(gzip, CSV, with all labels), compare it with the database, and drop them there. Bill "
        "lines and daily facts stay; hourly questions about these months are refused from then "
        "on. May be interrupted and repeated. Exit code 0: done; 1: refused, with what to do; 2: "
        "wrong arguments."
    )

    requires_system_checks = [Tags.models]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--before",
            type=utc_month,
            required=True,
            metavar="YYYY-MM",
            help=f"first month to keep; the current one and the {MONTHS_KEPT} before it stay",
        )
        parser.add_argument(
            "--to", type=Path, required=True, metavar="FOLDER", help="where the files go"
        )
        parser.add_argument(
            "--with-doubtful",
            action="store_true",
            help="also months with incomplete or held days, which Confluent may not give again",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be archived")

    def handle(self, *args: Any, **options: Any) -> None:
        folder, is_dry = options["to"], options["dry_run"]
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder; make it first.", returncode=2)
        act = hours_to_archive if is_dry else archive_hours
        try:
            done = act(
                before=options["before"], folder=folder, with_doubtful=options["with_doubtful"]
            )
            months = [self._told(month) for month in done]
        except CannotArchive as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(
                f"The database did not let go of a month: {str(error).strip()}. Somebody reads or "
                "writes its hours for long; run this again, it goes on where it stopped."
            ) from error
        except OSError as error:
            raise CommandError(f"{folder} cannot be used: {error}") from error
        self.stdout.write(self.style.SUCCESS(_summary(months, is_dry=is_dry)))

    def _told(self, archived: ArchivedMonth) -> ArchivedMonth:
        self.stdout.write(
            f"  {archived.month:%Y-%m}: {archived.hours:,} hours, {archived.cost_usd:,.10f} USD, "
            f"{archived.file}"
        )
        return archived


def _summary(months: list[ArchivedMonth], *, is_dry: bool) -> str:
    if not months:
        return "Nothing to archive: no hours are stored of months before that."
    hours = sum(month.hours for month in months)
    cost = sum((month.cost_usd for month in months), Decimal(0))
    done = "Would be archived" if is_dry else "Archived"
    return f"{done}. Months: {len(months)}, hours: {hours:,}, {cost:,.10f} USD."
