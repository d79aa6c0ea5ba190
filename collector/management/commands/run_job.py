"""Do now what the schedule does."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import Error as DatabaseError

from collector import dispatch, jobs
from collector.client import ConfluentError
from collector.failures import CredentialsMissing
from collector.heartbeats import forget_dead_processes
from collector.management.reporting import ConfluentCommand, as_command_error, notices, summary
from collector.models import CollectionRun
from collector.runs import Cancelled

LOOK_AFTER_RUNS = "look_after_runs"


class Command(ConfluentCommand):
    help = (
        "Do a job of the schedule now, in this process. hourly: the inventory and the last 3 days. "
        "daily: the trailing 7 days, until the 7th the previous month, days that an outage left "
        "out, then the proof. look_after_runs: find runs whose process is gone. (The schedule's "
        "re-allocation is `reallocate`.)"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("job", choices=[jobs.HOURLY, jobs.DAILY, LOOK_AFTER_RUNS])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            match options["job"]:
                case jobs.HOURLY:
                    self._say(jobs.collect_hourly())
                case jobs.DAILY:
                    self._daily()
                case _:
                    dispatch.look_after_runs(resend_after_seconds=300)
                    forget_dead_processes()
        except Cancelled as cancelled:
            raise CommandError(str(cancelled)) from cancelled
        except (CredentialsMissing, ConfluentError, DatabaseError) as error:
            raise as_command_error(error) from error

    def _daily(self) -> None:
        runs, proof = jobs.collect_daily()
        self._say(runs)
        if proof.differences:
            raise CommandError(
                f"Differences: {len(proof.differences)}; bill and facts disagree. "
                "`manage.py reconcile` lists them."
            )
        self.stdout.write(
            self.style.SUCCESS(f"Proved. Days: {proof.days}, lines: {proof.lines:,}.")
        )

    def _say(self, runs: list[CollectionRun]) -> None:
        for run in runs:
            self.stdout.write(f"{run.trigger} {run.window_start} to {run.window_end} (excluded)")
            self.stdout.write(summary(run))
        for notice in notices(runs):
            self.stdout.write(self.style.WARNING(f"Notice: {notice}"))
