"""Assign resources or environments to one cost center from a day on, keeping what was before."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from costs.models import AllocationRule, AllocationTarget
from costs.models.rules import HUNDRED
from dimensions.models import Cluster, CostCenter, Environment


def assign(
    things: Sequence[Cluster] | Sequence[Environment],
    cost_center: CostCenter,
    *,
    valid_from: date,
) -> int:
    """Charge the things to the cost center from valid_from (UTC day) on; how many were not yet.

    Only rules for all products and line types are touched: the one in force ends where the new
    one begins, one that begins on the same day gets the new target, and one that begins later still
    begins: the new rule lasts until then. A thing that is already charged so keeps its rule.
    """
    made: list[AllocationRule] = []
    changed = 0
    with transaction.atomic():
        rules = _general_rules(things)
        for thing in things:
            before = [rule for rule in rules if _is_of(rule, thing)]
            if _already_charged(before, cost_center, valid_from):
                continue
            changed += 1
            if same_day := next((rule for rule in before if rule.valid_from == valid_from), None):
                _charge(same_day, cost_center)
            else:
                _end(before, valid_from)
                made.append(_rule(thing, valid_from, _next_beginning(before, valid_from)))
        bulk_create_with_history(made, AllocationRule)
        targets = [AllocationTarget(rule=rule, cost_center=cost_center) for rule in made]
        bulk_create_with_history(targets, AllocationTarget)
    return changed


def _general_rules(things: Sequence[Cluster] | Sequence[Environment]) -> list[AllocationRule]:
    keys = [thing.pk for thing in things]
    selected = (
        AllocationRule.objects.filter(cluster__in=keys)
        if things and isinstance(things[0], Cluster)
        else AllocationRule.objects.filter(environment__in=keys)
    )
    general = selected.filter(product="", line_type="")
    return list(general.select_for_update().prefetch_related("targets").order_by("valid_from"))


def _is_of(rule: AllocationRule, thing: Cluster | Environment) -> bool:
    named = rule.cluster_id if isinstance(thing, Cluster) else rule.environment_id
    return named == thing.pk


def _covers(rule: AllocationRule, day: date) -> bool:
    return rule.valid_from <= day and (rule.valid_to is None or rule.valid_to > day)


def _already_charged(rules: Sequence[AllocationRule], center: CostCenter, day: date) -> bool:
    """Whether the rule in force charges it so for as long as the new one would."""
    return any(
        [target.cost_center_id for target in rule.targets.all()] == [center.pk]
        for rule in rules
        if _covers(rule, day) and rule.valid_to == _next_beginning(rules, day)
    )


def _charge(rule: AllocationRule, center: CostCenter) -> None:
    """Make the cost center the only target."""
    kept, *others = rule.targets.all()
    for target in others:
        target.delete()
    kept.cost_center, kept.percent = center, HUNDRED
    kept.save()


def _end(rules: Iterable[AllocationRule], day: date) -> None:
    """End the rule in force where the new one begins."""
    for rule in rules:
        if _covers(rule, day):
            rule.valid_to = day
            bulk_update_with_history([rule], AllocationRule, ["valid_to"])


def _next_beginning(rules: Iterable[AllocationRule], day: date) -> date | None:
    return min((rule.valid_from for rule in rules if rule.valid_from > day), default=None)


def _rule(thing: Cluster | Environment, valid_from: date, valid_to: date | None) -> AllocationRule:
    if isinstance(thing, Cluster):
        selected = {"selector": AllocationRule.Selector.CLUSTER, "cluster": thing}
    else:
        selected = {"selector": AllocationRule.Selector.ENVIRONMENT, "environment": thing}
    return AllocationRule(
        organization_id=thing.organization_id, valid_from=valid_from, valid_to=valid_to, **selected
    )
