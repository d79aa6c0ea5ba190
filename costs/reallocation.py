"""Allocate stored days again: those that a change of rules may have moved, or all of a range.

A batch of days is one transaction: readers see each day before or after, never between. What is
interrupted stays pending and goes on with the next call, whoever makes it.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Q

from costs.allocation import Scope, Written, allocate_days, current_revision
from costs.day_lock import lock_days
from costs.models import AllocationChange, BillingDay
from dimensions.models import Organization

# What one transaction may hold: days when few of their lines are looked at, lines otherwise.
BATCH_DAYS = 31
BATCH_LINES = 50_000


@dataclass(frozen=True, slots=True)
class Batch:
    """The days of one transaction, and what it wrote."""

    organization: Organization
    days: list[date]
    written: Written


@dataclass(frozen=True, slots=True)
class Followed:
    """Days that were allocated again, those of them that changed, and those still pending."""

    days: int
    changed: int
    pending: int


def reallocate_pending() -> Iterator[Batch]:
    """Allocate every pending day again, newest first; each step is one committed batch.

    Stop asking and the rest stays pending. Days that become pending meanwhile are taken too.
    """
    while newest := BillingDay.objects.pending().order_by("-day").first():
        organization = newest.organization
        candidates = BillingDay.objects.pending().filter(organization=organization)
        with transaction.atomic(durable=True):
            revision = current_revision()
            days = list(candidates.order_by("-day")[:BATCH_DAYS])
            days = first_batch(days, scope_of(days))
            lock_days(organization, [day.day for day in days])
            # Somebody else may have been at them while we waited for the lock.
            days = list(candidates.filter(pk__in=[day.pk for day in days]).order_by("-day"))
            if days:
                days = first_batch(days, scope_of(days))
                chosen = [day.day for day in days]
                written = allocate_days(organization, chosen, scope_of(days), revision)
        if days:
            yield Batch(organization, chosen, written)
    _stamp_days_that_no_change_covers()


def reallocate_for(seconds: float) -> Followed:
    """Allocate pending days again until none is left or the time is over (a batch is finished)."""
    give_up_at = time.monotonic() + seconds
    days = changed = 0
    for batch in reallocate_pending():
        days += len(batch.days)
        changed += batch.written.days_changed
        if time.monotonic() >= give_up_at:
            break
    return Followed(days, changed, BillingDay.objects.pending().count())


def _stamp_days_that_no_change_covers() -> None:
    """Let days know of the changes that do not concern them, so that nobody looks at them again."""
    revision = current_revision()
    known = BillingDay.objects.filter(rules_revision__lt=revision)
    known.exclude(pk__in=BillingDay.objects.pending().values("pk")).update(rules_revision=revision)


def rewrite_days(organization: Organization, start: date, end: date) -> Iterator[Batch]:
    """Make all facts and hours of the stored days [start, end) anew, a day at a time.

    This also mends facts that disagree with the bill, whatever made them so.
    """
    days = BillingDay.objects.filter(organization=organization, day__gte=start, day__lt=end)
    for day in list(days.order_by("day").values_list("day", flat=True)):
        with transaction.atomic(durable=True):
            lock_days(organization, [day])
            _drop_facts(organization, day)
            written = allocate_days(organization, [day])
        yield Batch(organization, [day], written)


def scope_of(days: Sequence[BillingDay]) -> Scope:
    """What the changes since the days were allocated may have moved on any of them."""
    if not days:
        return Scope()
    return Scope.of(
        AllocationChange.objects.filter(
            Q(organization=None) | Q(organization=days[0].organization_id),
            Q(end_day=None) | Q(end_day__gt=min(day.day for day in days)),
            first_day__lte=max(day.day for day in days),
            pk__gt=min(day.rules_revision for day in days),
        )
    )


def first_batch(days: Sequence[BillingDay], scope: Scope) -> list[BillingDay]:
    """As many of the days, from the first on, as one transaction may hold; at least one."""
    batch: list[BillingDay] = []
    lines = 0
    for day in days[:BATCH_DAYS]:
        lines += day.line_count
        if batch and scope.is_wide and lines > BATCH_LINES:
            break
        batch.append(day)
    return batch


def _drop_facts(organization: Organization, day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM hourly_costs
            WHERE organization_id = %s AND "timestamp" >= %s::timestamp AT TIME ZONE 'UTC'
              AND "timestamp" < (%s::timestamp + interval '1 day') AT TIME ZONE 'UTC'
            """,
            [organization.pk, day, day],
        )
        for relation in ("daily_cost_facts", "daily_owner_costs", "daily_resource_costs"):
            cursor.execute(
                f"DELETE FROM {relation} WHERE organization_id = %s AND charge_date = %s",  # noqa: S608
                [organization.pk, day],
            )
