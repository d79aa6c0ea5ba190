"""What collect_costs and backfill_costs share: collect windows, show them, report failures."""

from collections.abc import Sequence
from contextlib import closing

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError

from collector.account import client_from_settings
from collector.client import ConfluentError
from collector.failures import CredentialsMissing
from collector.management.reporting import (
    Bar,
    Lines,
    Quiet,
    as_command_error,
    as_json,
    notices,
    on_terminal,
)
from collector.models import CollectionRun
from collector.pipeline import collect
from collector.windows import Window


def collect_and_report(
    command: BaseCommand,
    windows: Sequence[Window],
    *,
    trigger: str,
    json: bool,
    leave_out_settled: bool = False,
) -> list[CollectionRun]:
    """Collect the windows with the configured key; a failure ends the command with its code."""
    bar = Bar() if on_terminal() and not json else None
    progress = bar or (Quiet() if json else Lines(command.stdout))
    try:
        with closing(client_from_settings()) as client:
            runs = collect(
                client,
                windows,
                organization_id=settings.CONFLUENT_ORGANIZATION_ID,
                trigger=trigger,
                progress=progress,
                leave_out_settled=leave_out_settled,
            )
    except (CredentialsMissing, ConfluentError, DatabaseError) as error:
        raise as_command_error(error) from error
    finally:
        if bar:
            bar.close()
    if json:
        command.stdout.write(as_json(runs))
    else:
        if len(runs) < len(windows):
            command.stdout.write(f"Settled months left out: {len(windows) - len(runs)}.")
        _say(command, runs)
    return runs


def _say(command: BaseCommand, runs: Sequence[CollectionRun]) -> None:
    for notice in notices(runs):
        command.stdout.write(command.style.WARNING(f"Notice: {notice}"))
    days = sum(run.days_changed + run.days_unchanged for run in runs)
    changed = sum(run.days_changed for run in runs)
    lines = sum(run.lines_added for run in runs)
    command.stdout.write(
        command.style.SUCCESS(
            f"Collected. Days: {days}, of them new or changed: {changed}; lines added: {lines:,}."
        )
    )
