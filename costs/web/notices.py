"""What readers of costs should know beside the numbers: what is not sure, not there, nobody's."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.urls import reverse

from costs.filters import CostFilter
from costs.models import BillingDay
from costs.money import dollars
from costs.partitions import ONE_DAY
from costs.reports.coverage import Coverage
from costs.visibility import Visibility


class Weight(StrEnum):
    """Also the class of its style."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence, and where one does something about it."""

    weight: Weight
    words: str
    url: str = ""
    link: str = ""


def of_coverage(covered: Coverage) -> Iterator[Notice]:
    """Days of a range that are missing, incomplete or may still change."""
    quality = f"{reverse('quality')}#days"
    if covered.days_missing:
        words = f"Of {covered.days_in_range} days {covered.days_missing} are not collected."
        yield Notice(Weight.WARNING, words, quality, "See which")
    if covered.days_partial:
        words = f"{days(covered.days_partial)} without the bill of an organization."
        yield Notice(Weight.WARNING, words, quality, "See which")
    if covered.days_incomplete:
        words = f"{days(covered.days_incomplete)} incomplete: rows could not be read."
        yield Notice(Weight.WARNING, words, quality, "See them")
    if covered.days_provisional:
        words = (
            f"{days(covered.days_provisional)} provisional, since {covered.first_provisional}: "
            "Confluent restates a day for up to 72 hours after it ended."
        )
        yield Notice(Weight.INFO, words, quality, "See which")


def of_allocation(unallocated: Decimal, days: CostFilter) -> Iterator[Notice]:
    """Cost of the days that nobody owns."""
    if unallocated > 0:
        last = days.end - ONE_DAY
        words = f"{dollars(unallocated)} from {days.start} to {last} is owed by nobody yet."
        yield Notice(Weight.WARNING, words, f"{reverse('quality')}#unallocated", "Assign it")


def of_pending(visibility: Visibility) -> Iterator[Notice]:
    """Days whose owners still follow older rules; what others' rules do is not for everybody."""
    if visibility.is_limited:
        return
    pending = BillingDay.objects.pending().filter(organization__in=visibility.organizations)
    if count := pending.count():
        words = f"{days(count)} still to follow a change of who pays."
        yield Notice(Weight.INFO, words)


def days(count: int) -> str:
    return f"{count} day is" if count == 1 else f"{count} days are"
