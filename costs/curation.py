"""Change who pays, as a program does: the same validation, preview and consequences as by hand."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, OperationalError, transaction

from costs.allocation import lock_edits
from costs.models import AllocationRule, AllocationTarget, BillingDay
from costs.models.rules import HUNDRED
from costs.movement import Movement, check_deferred_constraints, movement_since
from costs.reallocation import Followed, reallocate_for
from dimensions.models import CostCenter

logger = logging.getLogger(__name__)

# What somebody waits for while days are allocated again; the rest stays pending.
PATIENCE = 3.0  # seconds

Result = TypeVar("Result")


class RulesChanged(Exception):
    """Somebody changed who pays since the revision that the caller has looked at."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"Who pays has changed meanwhile; the revision is {revision} now.")
        self.revision = revision


@dataclass(frozen=True, slots=True)
class Change(Generic[Result]):
    """What a change made; revision: of the rules before it.

    movement: what a tried change would move, None of a made one. followed: days that were
    allocated again after a made one, and those still pending; of a tried one those that earlier
    changes left, whose dollars are in its movement, too.
    """

    result: Result
    revision: int
    movement: Movement | None
    followed: Followed


def change_rules(
    act: Callable[[], Result], *, dry_run: bool, revision: int | None = None
) -> Change[Result]:
    """Do what `act` does to rules; with dry_run say what it would move, and do nothing.

    revision: the one that the caller's preview was made with. Raises RulesChanged if it is not
    the newest any more, and ValidationError for what the database refuses.
    """
    pending = BillingDay.objects.pending().count() if dry_run else 0
    try:
        with transaction.atomic():
            before = lock_edits()
            if revision not in (None, before):
                raise RulesChanged(before)
            result = act()
            check_deferred_constraints()
            movement = movement_since(before) if dry_run else None
            if dry_run:
                transaction.set_rollback(True)
    except (IntegrityError, DataError) as error:
        raise ValidationError(_in_words(error)) from error
    return Change(result, before, movement, Followed(0, 0, pending) if dry_run else _follow())


def _follow() -> Followed:
    """Take the days along; the change is stored, whatever becomes of that."""
    try:
        return reallocate_for(PATIENCE)
    except OperationalError as error:
        logger.warning("The days follow later, the rules are stored: %s", error)
        return Followed(0, 0, BillingDay.objects.pending().count())


def store_rule(
    rule: AllocationRule, shares: Mapping[str, Decimal] | None, *, is_changed: bool
) -> AllocationRule:
    """Store the rule; shares: percents by cost center code, None to leave its targets alone.

    is_changed: whether more than its targets is; an unchanged rule gets no entry in its history.
    Raises ValidationError by field for what is refused.
    """
    centers = _centers(shares or {})
    if shares is not None and (total := sum(shares.values(), Decimal(0))) != HUNDRED:
        raise ValidationError(
            {"targets": f"The percents are {total.normalize():f} together; they must be 100."}
        )
    rule.full_clean(validate_constraints=False)
    if refused := overlap(rule):
        raise ValidationError(refused)
    rule.validate_constraints()
    if is_changed:
        rule.save()
    if shares is not None:
        charge(rule, shares, centers)
    return rule


def overlap(rule: AllocationRule) -> str:
    """The stored rule that keeps this one from being stored, in words; empty if there is none."""
    other = rule.others_at_once().first()
    if other is None:
        return ""
    until = f"until before {other.valid_to}" if other.valid_to else "with no end"
    return (
        f"Rule {other.pk} selects the same charges from {other.valid_from} {until}. "
        "End it first, or choose other days."
    )


def charge(
    rule: AllocationRule,
    shares: Mapping[str, Decimal],
    centers: Mapping[str, CostCenter],
    reason: str = "",
) -> None:
    """Make the cost centers the rule's targets, leaving alone what stays; reason: for the history.

    shares: percents by code; centers: by code.
    """
    missing = dict(shares)
    changed = []
    for stored in rule.targets.all():
        stored._change_reason = reason  # type: ignore[attr-defined]
        percent = missing.pop(stored.cost_center.code, None)
        if percent is None:
            stored.delete()
        elif percent != stored.percent:
            stored.percent = percent
            changed.append(stored)
    changed += [
        AllocationTarget(rule=rule, cost_center=centers[code], percent=percent)
        for code, percent in missing.items()
    ]
    for target in changed:
        target._change_reason = reason  # type: ignore[attr-defined]
        target.save()


def _centers(shares: Mapping[str, Decimal]) -> dict[str, CostCenter]:
    found = {center.code: center for center in CostCenter.objects.filter(code__in=shares)}
    if unknown := sorted(shares.keys() - found.keys()):
        raise ValidationError({"targets": f"There is no cost center “{unknown[0]}”."})
    return found


def _in_words(error: Exception) -> str:
    cause = error.__cause__
    message = getattr(getattr(cause, "diag", None), "message_primary", None)
    return f"The database refused it, nothing was saved: {message or error}"
