"""What a change of rules moves: worked out in the transaction that makes it, before it commits."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Q, QuerySet

from costs.allocation import Scope, work_out
from costs.models import AllocationChange, BillingDay
from costs.money import CENT, in_cents_together
from costs.reallocation import BATCH_DAYS, first_batch
from dimensions.models import Organization

ZERO = Decimal(0)
Totals = defaultdict[tuple[str, str], list[Decimal]]
# A person waits for it: what a longer history would need is left out, and said.
PATIENCE = 15.0  # seconds

_MOVED_DAYS = "SELECT DISTINCT day FROM fact_changes"
_BY_OWNER = f"""
    WITH before AS (
        SELECT business_unit, cost_center, sum(cost_usd) AS amount
        FROM daily_owner_costs
        WHERE organization_id = %s AND charge_date IN ({_MOVED_DAYS})
        GROUP BY business_unit, cost_center
    ),
    moved AS (
        SELECT business_unit, cost_center, sum(cost_usd) AS amount
        FROM (
            SELECT business_unit, cost_center, cost_usd
            FROM fact_changes WHERE line_item_id IS NOT NULL
            UNION ALL
            SELECT old_business_unit, old_cost_center, -old_cost_usd
            FROM fact_changes WHERE fact_id IS NOT NULL
        ) AS change
        GROUP BY business_unit, cost_center
    )
    SELECT business_unit, cost_center,
           coalesce(before.amount, 0), coalesce(before.amount, 0) + coalesce(moved.amount, 0)
    FROM moved FULL JOIN before USING (business_unit, cost_center)
"""


@dataclass(frozen=True, slots=True)
class OwnerMoved:
    """What a cost center in its business unit owes of the moved days, before and after. USD."""

    business_unit: str
    cost_center: str
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Movement:
    """The effect of a change on stored days; owners that gain or lose nothing are left out.

    days_left_out: days that may move too and were not looked at, for want of time.
    """

    days: int
    first: date | None
    last: date | None
    owners: list[OwnerMoved]
    days_left_out: int = 0

    @property
    def moves_nothing(self) -> bool:
        return not self.days and not self.days_left_out

    def in_cents(self) -> list[OwnerMoved]:
        """The owners whose dollars move visibly, in cents that add up to the same sum twice."""
        visible = [each for each in self.owners if abs(each.change) * 2 >= CENT]
        before = in_cents_together(*(each.before for each in visible))
        after = in_cents_together(*(each.after for each in visible))
        return [
            OwnerMoved(each.business_unit, each.cost_center, was, will_be)
            for each, was, will_be in zip(visible, before, after, strict=True)
        ]

    @property
    def moved(self) -> Decimal:
        """USD that change their owner, in cents as the owners' own."""
        return sum((each.change for each in self.in_cents() if each.change > 0), ZERO)


def movement_since(revision: int, *, patience: float = PATIENCE) -> Movement:
    """What the changes after the revision move on the days that they cover.

    Call it in the transaction that made them; it writes nothing but its session's own tables.
    """
    changes = AllocationChange.objects.filter(pk__gt=revision)
    pending = list(BillingDay.objects.covered_by(changes).order_by("organization", "-day"))
    give_up_at = time.monotonic() + patience
    moved_days: set[tuple[int, date]] = set()
    totals: Totals = defaultdict(lambda: [ZERO, ZERO])
    while pending and time.monotonic() < give_up_at:
        organization = pending[0].organization
        batch = [day for day in pending[:BATCH_DAYS] if day.organization_id == organization.pk]
        scope = _scope(changes, organization)
        batch = first_batch(batch, scope)
        moved_days |= {
            (organization.pk, day) for day in _work_out(organization, batch, scope, totals)
        }
        pending = pending[len(batch) :]
    days = sorted(day for _, day in moved_days)
    return Movement(
        days=len(days),
        first=days[0] if days else None,
        last=days[-1] if days else None,
        owners=[
            OwnerMoved(*owner, before, after)
            for owner, (before, after) in sorted(totals.items())
            if before != after
        ],
        days_left_out=len(pending),
    )


def check_deferred_constraints() -> None:
    """Raise now what would be raised at the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _scope(changes: QuerySet[AllocationChange], organization: Organization) -> Scope:
    return Scope.of(changes.filter(Q(organization=None) | Q(organization=organization)))


def _work_out(
    organization: Organization,
    batch: Sequence[BillingDay],
    scope: Scope,
    totals: Totals,
) -> list[date]:
    """Add the batch to the totals by owner (before, after); the days that move."""
    work_out(organization, [day.day for day in batch], scope)
    with connection.cursor() as cursor:
        cursor.execute(_BY_OWNER, [organization.pk])
        for unit, center, before, after in cursor.fetchall():
            totals[unit, center][0] += before
            totals[unit, center][1] += after
        cursor.execute(_MOVED_DAYS)
        return [day for (day,) in cursor.fetchall()]
