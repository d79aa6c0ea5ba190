"""The steps of an allocation in their order."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from costs.allocation import decisions, facts, rules, shares
from costs.allocation.scope import EVERYTHING, Scope, current_revision
from costs.models import CONFIDENCE, UNALLOCATED, SharedCostPolicy
from dimensions.models import Organization

HOURS_PER_DAY = 24  # a UTC day has no other length


@dataclass(frozen=True, slots=True)
class Written:
    """Rows of facts and hours that an allocation wrote, and the days whose facts it changed."""

    facts_added: int = 0
    facts_removed: int = 0
    facts_relabelled: int = 0
    hours_added: int = 0
    days_changed: int = 0


def allocate_days(
    organization: Organization,
    days: Sequence[date],
    scope: Scope = EVERYTHING,
    revision: int | None = None,
) -> Written:
    """Make the facts of the days agree with their current lines and the rules in force.

    Call it in a transaction that holds the days (lock_days). The partitions must exist. revision:
    what the scope knows of; read before anything else when the scope is everything. An edit that
    commits after it leaves the day pending, never lost.
    """
    if revision is None:
        revision = current_revision()
    parameters = work_out(organization, days, scope) | {"revision": revision}
    with connection.cursor() as cursor:
        days_changed, removed, relabelled, added = _changes(cursor)
        if removed:
            cursor.execute(facts.REMOVE, parameters)
        if relabelled:
            cursor.execute(facts.RELABEL, parameters)
        cursor.execute(facts.ADD, parameters)
        hours = cursor.rowcount
        if days_changed:
            cursor.execute(facts.SUM_BY_OWNER, parameters)
            cursor.execute(facts.SUM_BY_RESOURCE, parameters)
        cursor.execute(facts.STAMP, parameters)
    return Written(added, removed, relabelled, hours, days_changed)


def work_out(organization: Organization, days: Sequence[date], scope: Scope) -> dict[str, Any]:
    """Fill the session's table fact_changes with what an allocation would write, and no fact."""
    parameters: dict[str, Any] = {
        "organization": organization.pk,
        "days": list(days),
        "first": min(days),
        "last": max(days),
        "is_wide": scope.is_wide,
        "unallocated": UNALLOCATED,
        "default_policies": json.dumps(SharedCostPolicy.DEFAULTS),
        "confidence": json.dumps(CONFIDENCE),
        "hours": HOURS_PER_DAY,
        **scope.parameters(),
    }
    with connection.cursor() as cursor:
        for step in (rules, decisions, shares, facts):
            cursor.execute(step.CREATE)
        cursor.execute(rules.COPY_RULES, parameters)
        cursor.execute(rules.COPY_POLICIES, parameters)
        cursor.execute(decisions.COPY_LINES.format(scope=scope.condition()), parameters)
        cursor.execute(decisions.DECIDE, parameters)
        cursor.execute(shares.SHARE_DIRECT, parameters)
        cursor.execute(shares.SHARE_SHARED, parameters)
        stored = facts.STORED_OF_DAYS if scope.is_wide else facts.STORED_OF_LINES
        cursor.execute(facts.COMPARE.format(stored=stored), parameters)
    return parameters


def _changes(cursor: Any) -> tuple[int, int, int, int]:
    """Days that change, facts to remove, to relabel, and to add."""
    cursor.execute(
        """
        SELECT count(DISTINCT day), count(*) FILTER (WHERE line_item_id IS NULL),
               count(*) FILTER (WHERE line_item_id IS NOT NULL AND fact_id IS NOT NULL),
               count(*) FILTER (WHERE fact_id IS NULL)
        FROM fact_changes
        """
    )
    days, removed, relabelled, added = cursor.fetchone()
    return days, removed, relabelled, added
