"""See a collection through that was asked for elsewhere."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import Error as DatabaseError

from collector.client import ConfluentError
from collector.failures import CredentialsMissing
from collector.management.reporting import ConfluentCommand, as_command_error, summary
from collector.requested import run_requested
from collector.runs import Cancelled, NotQueued


class Command(ConfluentCommand):
    help = (
        "Start a queued collection run and see it through. The API starts this command by itself; "
        "by hand it is of use for a run whose process did not begin."
    )
    # Whoever asked for the run has passed them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", type=int, help="the run's id")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = run_requested(options["run"])
        except (Cancelled, NotQueued) as error:
            raise CommandError(str(error)) from error
        except (CredentialsMissing, ConfluentError, DatabaseError) as error:
            raise as_command_error(error) from error
        self.stdout.write(summary(run))
