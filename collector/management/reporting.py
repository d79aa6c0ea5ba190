"""How a command shows a collection: a bar on a terminal, plain lines otherwise, JSON if asked."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, OutputWrapper
from django.db import Error as DatabaseError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from collector.client import ConfluentError, CredentialsRefused, OrganizationUnclear
from collector.failures import CredentialsMissing
from collector.models import CollectionRun
from collector.windows import Window
from costs.bill import KeptDay, Outcome

EXIT_CODES = """exit codes: 0 done; 1 wrong setting or failure of the database; 2 wrong arguments;
3 Confluent refused the API key; 4 Confluent could not be reached or kept failing.
What was stored before a failure stays; run the same command again to go on."""


class ConfluentCommand(BaseCommand):
    """A command that asks Confluent; its help tells the exit codes."""

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(*args, **kwargs)
        parser.epilog = EXIT_CODES
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        return parser


def add_json_argument(parser: CommandParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document instead")


def as_command_error(error: Exception) -> CommandError:
    """The failure as a sentence with the documented exit code."""
    match error:
        case CredentialsRefused():
            return CommandError(str(error), returncode=3)
        case OrganizationUnclear():
            return CommandError(str(error), returncode=1)
        case ConfluentError():
            return CommandError(str(error), returncode=4)
        case CredentialsMissing():
            return CommandError(str(error), returncode=1)
        case DatabaseError():
            return CommandError(f"The database failed: {error}".strip(), returncode=1)
    raise error


class Quiet:
    """Watches without a word (--json)."""

    def window_begins(self, window: Window, run: CollectionRun) -> None: ...
    def rows_fetched(self, rows: int) -> None: ...
    def day_kept(self, kept: KeptDay) -> None: ...
    def window_ends(self, run: CollectionRun) -> None: ...


class Lines(Quiet):
    """One plain line a window: for logs and pipes."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out

    def window_begins(self, window: Window, run: CollectionRun) -> None:
        self._out.write(f"Collecting {window}")

    def window_ends(self, run: CollectionRun) -> None:
        self._out.write(summary(run))


class Bar(Quiet):
    """A moving bar: rows while they are fetched, days while they are kept."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("days"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[said]}"),
            console=Console(stderr=True),
        )
        self._task = TaskID(0)
        self._rows = 0

    def window_begins(self, window: Window, run: CollectionRun) -> None:
        if not self._bar.live.is_started:
            self._bar.start()
        self._rows = 0
        self._task = self._bar.add_task(str(window), total=window.days_long, said="asking")

    def rows_fetched(self, rows: int) -> None:
        self._rows += rows
        self._bar.update(self._task, said=f"{self._rows:,} rows fetched")

    def day_kept(self, kept: KeptDay) -> None:
        changed = "stored" if kept.outcome is Outcome.CHANGED else str(kept.outcome)
        self._bar.update(self._task, advance=1, said=f"{kept.day} {changed}")

    def window_ends(self, run: CollectionRun) -> None:
        self._bar.update(self._task, said=f"{run.days_changed} changed, {run.days_unchanged} same")

    def close(self) -> None:
        self._bar.stop()


def summary(run: CollectionRun) -> str:
    """What a run came to, in one line; what did not happen is not mentioned."""
    counts = (
        ("days new or changed", run.days_changed),
        ("days unchanged", run.days_unchanged),
        ("days already stored by a newer fetch", run.days_superseded),
        ("days held", run.days_held),
        ("rows in quarantine", run.rows_quarantined),
        ("lines added", run.lines_added),
        ("lines closed", run.lines_closed),
        ("hourly costs written", run.hours_written),
        ("retries", run.retries),
    )
    happened = (f"{what}: {count:,}" for what, count in counts if count)
    return f"  {', '.join((f'rows: {run.lines_received:,}', *happened))}; {run.seconds or 0:.1f} s"


def notices(runs: Sequence[CollectionRun]) -> list[str]:
    """What the operator must know, each sentence once, in the order of the runs."""
    return list(dict.fromkeys(notice for run in runs for notice in run.notices))


def as_json(runs: Sequence[CollectionRun]) -> str:
    return json.dumps({"runs": [_document(run) for run in runs]}, indent=2)


def _document(run: CollectionRun) -> dict[str, Any]:
    return {
        "id": run.pk,
        "organization": run.organization and run.organization.org_id,
        "trigger": run.trigger,
        "start": run.window_start.isoformat(),
        "end": run.window_end.isoformat(),
        "state": run.state,
        **{name: getattr(run, name) for name in CollectionRun.COUNTS},
        "seconds": run.seconds,
        "notices": run.notices,
    }


def on_terminal() -> bool:
    return sys.stderr.isatty()
