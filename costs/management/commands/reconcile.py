"""Prove from the database that the facts say what the bill says."""

import json
from dataclasses import asdict
from datetime import date
from typing import IO, Any, cast

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.table import Table

from costs.management.arguments import add_range_arguments, chosen_range
from costs.partitions import ONE_DAY
from costs.reconciliation import Difference, Reconciliation, reconcile


class Command(BaseCommand):
    help = (
        "Compare, for every stored day, the bill with its lines, daily facts and hourly costs, to "
        "the last digit. Exit code 0: no difference; 1: differences, listed; 2: wrong arguments."
    )

    # It proves what is stored; a missing API key is another matter.
    requires_system_checks = [Tags.models]

    def add_arguments(self, parser: CommandParser) -> None:
        add_range_arguments(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON document instead")

    def handle(self, *args: Any, **options: Any) -> None:
        start, end = chosen_range(options)
        proof = reconcile(start, end)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(proof) | {"start": start, "end": end}, default=str))
        else:
            self._show(proof, start, end)
        if proof.differences:
            raise CommandError(f"Differences: {len(proof.differences)}; facts and bill disagree.")

    def _show(self, proof: Reconciliation, start: date, end: date) -> None:
        if proof.differences:
            # Wide enough for two amounts and an id where nobody tells how wide the terminal is.
            width = None if self.stdout.isatty() else 150
            Console(file=cast(IO[str], self.stdout), width=width).print(_table(proof.differences))
        self.stdout.write(
            f"{start} to {end - ONE_DAY} (UTC): days: {proof.days}, lines: {proof.lines:,}, "
            f"{proof.amount:,.10f} USD; rounding of amounts: {float(proof.rounding):.1e} USD."
        )
        if proof.missing_days or proof.doubtful_days:
            self.stdout.write(
                self.style.WARNING(
                    f"Days never collected: {proof.missing_days}; incomplete or held: "
                    f"{proof.doubtful_days} (see Billing days in the admin)."
                )
            )
        if proof.pending_days:
            self.stdout.write(
                self.style.WARNING(
                    f"Days owed as by rules that have changed since: {proof.pending_days}; "
                    "run `manage.py reallocate`."
                )
            )
        if proof.archived_days:
            self.stdout.write(
                f"Days whose hours are archived: {proof.archived_days}, proven to their daily "
                "facts; the archive to the bill by month, where no day was restated since."
            )
        if not proof.differences:
            self.stdout.write(
                self.style.SUCCESS("Bill = lines = daily facts = hourly costs: no difference.")
            )


def _table(differences: list[Difference]) -> Table:
    table = Table("Day", "Organization", "What", title="Differences")
    for name in ("Bill", "Found", "Difference"):
        table.add_column(name, justify="right")
    for item in differences:
        table.add_row(
            str(item.day),
            item.org_id,
            item.what,
            f"{item.bill:f}",
            f"{item.found:f}",
            f"{item.found - item.bill:+f}",
        )
    return table
