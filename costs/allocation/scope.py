"""Which lines of a day an allocation looks at: all of them, or those that a change may move."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Max

from costs.models import AllocationChange


@dataclass(frozen=True, slots=True)
class Scope:
    """A set of bill lines, never smaller than what a change of rules may move.

    Lines that name no resource and no environment always belong to it: their shares depend on
    everything else.
    """

    is_wide: bool = False
    cluster_ids: frozenset[str] = field(default_factory=frozenset)
    env_ids: frozenset[str] = field(default_factory=frozenset)
    name_patterns: frozenset[str] = field(default_factory=frozenset)
    cost_centers: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, changes: Iterable[AllocationChange]) -> "Scope":
        """Everything that one of the changes may move."""
        changes = list(changes)
        if any(change.is_wide for change in changes):
            return EVERYTHING
        return cls(
            cluster_ids=frozenset(each for change in changes for each in change.cluster_ids),
            env_ids=frozenset(each for change in changes for each in change.env_ids),
            name_patterns=frozenset(each for change in changes for each in change.name_patterns),
            cost_centers=frozenset(each for change in changes for each in change.cost_centers),
        )

    def condition(self) -> str:
        """SQL that is true for the rows of cost_line_items `line` in the scope."""
        if self.is_wide:
            return "true"
        conditions = ["line.resource_id = '' AND line.env_id = ''"]
        if self.cluster_ids:
            conditions.append(_OF_CLUSTERS)
        if self.env_ids:
            conditions.append("line.env_id = ANY (%(env_ids)s)")
        if self.name_patterns:
            conditions.append(_NAMED_LIKE)
        if self.cost_centers:
            conditions.append(_PAID_BY_COST_CENTERS)
        return f"({' OR '.join(conditions)})"

    def parameters(self) -> dict[str, Any]:
        """What `condition` refers to."""
        return {
            "cluster_ids": sorted(self.cluster_ids),
            "env_ids": sorted(self.env_ids),
            "name_patterns": sorted(self.name_patterns),
            "cost_centers": sorted(self.cost_centers),
        }


EVERYTHING = Scope(is_wide=True)


def lock_edits() -> int:
    """Let nobody else edit who pays until the transaction ends; returns the revision then.

    Waits for who is at it. Edits take the same lock by themselves, but only with their first
    change: who looks first and edits then must not have looked at what is changed meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT lock_allocation_changes()")
    return current_revision()


def current_revision() -> int:
    """The newest change of who pays; 0 before the first."""
    return AllocationChange.objects.aggregate(newest=Max("pk"))["newest"] or 0


_OF_CLUSTERS = """line.resource_id = ANY (ARRAY(
        SELECT cluster_id FROM dimensions_clusters
        WHERE organization_id = %(organization)s AND parent_cluster_id = ANY (%(cluster_ids)s)
        UNION ALL SELECT unnest(%(cluster_ids)s)
    ))"""

# A name is matched once a pattern: OFFSET 0 keeps the pattern compiled, of which PostgreSQL
# remembers some thirty; in turns, hundreds would be compiled anew for every line.
_NAMED_LIKE = """line.billed_name IN (
        WITH name AS MATERIALIZED (
            SELECT DISTINCT billed_name FROM cost_line_items
            WHERE organization_id = %(organization)s AND day = ANY (%(days)s::date[])
              AND last_version IS NULL
        )
        SELECT matched.billed_name
        FROM unnest(%(name_patterns)s) AS pattern
        CROSS JOIN LATERAL (
            SELECT billed_name FROM name WHERE billed_name ~ pattern OFFSET 0
        ) AS matched
    )"""

_PAID_BY_COST_CENTERS = """line.id IN (
        SELECT line_item_id FROM daily_cost_facts
        WHERE organization_id = %(organization)s AND charge_date = ANY (%(days)s::date[])
          AND cost_center = ANY (%(cost_centers)s)
    )"""
