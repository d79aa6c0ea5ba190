"""Allocate stored days again: what changed rules left pending, or a whole range."""

from typing import Any

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandParser

from costs.management.arguments import add_range_arguments, chosen_range
from costs.models import BillingDay
from costs.reallocation import Batch, reallocate_pending, rewrite_days
from dimensions.models import Organization


class Command(BaseCommand):
    help = (
        "Without arguments: allocate the days again that a changed rule, policy, placement or tag "
        "may have moved; safe to repeat and to interrupt. With --start or --end: make all facts of "
        "the days anew, which also mends facts that reconcile complains of."
    )

    requires_system_checks = [Tags.models]

    def add_arguments(self, parser: CommandParser) -> None:
        add_range_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        is_range = options["start"] or options["end"]
        batches = self._rewrite(options) if is_range else self._sweep()
        days = sum(len(batch.days) for batch in batches)
        changed = sum(batch.written.days_changed for batch in batches)
        facts = sum(batch.written.facts_added + batch.written.facts_relabelled for batch in batches)
        self.stdout.write(
            self.style.SUCCESS(
                f"Allocated. Days: {days:,}, of them changed: {changed:,}; "
                f"daily facts written: {facts:,}."
            )
        )

    def _sweep(self) -> list[Batch]:
        self.stdout.write(f"Pending days: {BillingDay.objects.pending().count():,}")
        return [self._told(batch) for batch in reallocate_pending()]

    def _rewrite(self, options: dict[str, Any]) -> list[Batch]:
        start, end = chosen_range(options)
        return [
            self._told(batch)
            for organization in Organization.objects.all()
            for batch in rewrite_days(organization, start, end)
        ]

    def _told(self, batch: Batch) -> Batch:
        first, last = min(batch.days), max(batch.days)
        days = str(first) if first == last else f"{first} to {last}"
        self.stdout.write(
            f"  {batch.organization} {days}: changed days {batch.written.days_changed:,}, "
            f"daily facts added {batch.written.facts_added:,}, "
            f"relabelled {batch.written.facts_relabelled:,}, "
            f"removed {batch.written.facts_removed:,}"
        )
        return batch
