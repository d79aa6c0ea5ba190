"""Why a charge is owed by whom: every rule that selects it, the one that decided, the shares."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from costs.allocation import decisions, rules
from costs.models import (
    UNALLOCATED,
    AllocationRule,
    BillingDay,
    DailyCostFact,
    Method,
    SharedCostPolicy,
)
from dimensions.models import Organization

# Rules of other days are shown too, with the reason why they do not hold on this one.
EVER = {"first": date.min, "last": date.max}

_OF_RESOURCE = "line.resource_id = %(cluster_id)s"
_EXPLAIN = f"""
    WITH {decisions.SHARED_LINES} {decisions.CANDIDATES}
    SELECT line.id, line.product, line.line_type, line.amount,
           shared_line.policy_id, shared_line.policy_method,
           candidate.rule_id, candidate.method, candidate.specificity, candidate.narrowness,
           candidate.priority, {decisions.IN_FORCE}, {decisions.NAMES_IT},
           {decisions.BEFORE_POLICY}
    FROM lines_at_work AS line
    LEFT JOIN shared_line USING (id)
    LEFT JOIN candidate ON {decisions.SAME_RESOURCE}
    ORDER BY line.id, {decisions.RANKING}
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule that selects the line's resource; verdict says why it decides or does not."""

    rule: AllocationRule
    method: Method
    decides: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """A current bill line, who pays it by the stored facts, and the rules weighed. USD."""

    line_item_id: int
    product: str
    line_type: str
    amount: Decimal
    facts: list[DailyCostFact]
    policy: str
    candidates: list[Candidate]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The lines of a resource on a UTC day; pending: rules changed, the facts are yet to follow."""

    is_pending: bool
    lines: list[ExplainedLine]


@dataclass(frozen=True, slots=True)
class _Weighed:
    line_item_id: int
    product: str
    line_type: str
    amount: Decimal
    policy_id: int | None
    policy_method: str | None
    rule_id: int | None
    method: str | None
    specificity: int
    narrowness: int
    priority: int
    in_force: bool
    names_it: bool
    before_policy: bool

    @property
    def may_decide(self) -> bool:
        return self.in_force and self.names_it and self.before_policy


def explain(organization: Organization, day: date, cluster_id: str = "") -> Explanation:
    """Why the lines of a resource on a UTC day are owed by whom; empty: of no resource."""
    weighed = _weigh(organization, day, cluster_id)
    by_line: dict[int, list[_Weighed]] = {}
    for row in weighed:
        by_line.setdefault(row.line_item_id, []).append(row)
    related = AllocationRule.objects.select_related("cluster", "environment")
    known = related.prefetch_related("targets__cost_center").in_bulk(
        {row.rule_id for row in weighed if row.rule_id}
    )
    facts: dict[int, list[DailyCostFact]] = {}
    charged = DailyCostFact.objects.filter(
        organization=organization, charge_date=day, line_item_id__in=by_line
    )
    for fact in charged.order_by("-cost_usd", "cost_center"):
        facts.setdefault(fact.line_item_id, []).append(fact)
    pending = BillingDay.objects.pending().filter(organization=organization, day=day)
    return Explanation(
        is_pending=pending.exists(),
        lines=[
            _explained(rows, facts.get(line_item_id, []), known)
            for line_item_id, rows in by_line.items()
        ],
    )


@transaction.atomic
def _weigh(organization: Organization, day: date, cluster_id: str) -> list[_Weighed]:
    parameters: dict[str, Any] = {
        "organization": organization.pk,
        "days": [day],
        "cluster_id": cluster_id,
        "default_policies": json.dumps(SharedCostPolicy.DEFAULTS),
        "unallocated": UNALLOCATED,
        **EVER,
    }
    with connection.cursor() as cursor:
        cursor.execute(rules.CREATE)
        cursor.execute(decisions.CREATE)
        cursor.execute(rules.COPY_RULES, parameters)
        cursor.execute(rules.COPY_POLICIES, parameters)
        cursor.execute(decisions.COPY_LINES.format(scope=_OF_RESOURCE), parameters)
        cursor.execute(_EXPLAIN, parameters)
        return [_Weighed(*row) for row in cursor.fetchall()]


def _explained(
    rows: list[_Weighed], facts: list[DailyCostFact], known: dict[int, AllocationRule]
) -> ExplainedLine:
    first = rows[0]
    winner = next((row for row in rows if row.rule_id and row.may_decide), None)
    return ExplainedLine(
        line_item_id=first.line_item_id,
        product=first.product,
        line_type=first.line_type,
        amount=first.amount,
        facts=facts,
        policy=_policy(first),
        candidates=[
            Candidate(
                known[row.rule_id],
                Method(row.method or ""),
                row is winner,
                _verdict(row, winner, known),
            )
            for row in rows
            if row.rule_id
        ],
    )


def _policy(row: _Weighed) -> str:
    if row.policy_method is None:
        return ""
    method = SharedCostPolicy.Method(row.policy_method).label
    named = f"Policy {row.policy_id}" if row.policy_id else "The portal's default"
    return f"{named} for {row.line_type}: {method[0].lower()}{method[1:]}."


def _verdict(row: _Weighed, winner: _Weighed | None, known: dict[int, AllocationRule]) -> str:
    """Why this rule decides or does not, as a sentence."""
    assert row.rule_id is not None
    rule = known[row.rule_id]
    if row is winner:
        return "Decides."
    if not row.in_force:
        return f"Holds only {_dates(rule)}."
    if not row.names_it:
        named = " ".join(filter(None, (rule.product, rule.line_type)))
        return f"Names {named} only."
    if not row.before_policy:
        return (
            "The line names no resource, so its policy decides unless a rule names its line type."
        )
    assert winner is not None
    if row.specificity > winner.specificity:
        return f"Less specific than rule {winner.rule_id}."
    if row.narrowness < winner.narrowness:
        return f"Rule {winner.rule_id} names the product or line type more closely."
    if row.priority < winner.priority:
        return f"Rule {winner.rule_id} has the higher priority."
    return f"Rule {winner.rule_id} is as specific and older."


def _dates(rule: AllocationRule) -> str:
    until = f" until before {rule.valid_to}" if rule.valid_to else " on"
    return f"from {rule.valid_from}{until}"
