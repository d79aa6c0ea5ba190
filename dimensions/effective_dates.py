"""Ranges of UTC days: from, and to before; an empty end is open."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models


def valid_range() -> models.Func:
    """The days [valid_from, valid_to) as PostgreSQL's daterange."""
    return models.Func(
        "valid_from", "valid_to", function="daterange", output_field=DateRangeField()
    )


def in_order(name: str) -> models.CheckConstraint:
    """An end that is not after its beginning is refused."""
    return models.CheckConstraint(
        condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
        name=name,
        violation_error_message="The last day must come after the first: “valid to” is exclusive.",
    )


def never_two(*keys: str, name: str, message: str) -> ExclusionConstraint:
    """At most one row of the same keys on any day."""
    return ExclusionConstraint(
        name=name,
        # Looked at when the transaction ends, so that rows can change places in any order.
        deferrable=models.Deferrable.DEFERRED,
        expressions=[
            *((key, RangeOperators.EQUAL) for key in keys),
            (valid_range(), RangeOperators.OVERLAPS),
        ],
        violation_error_message=message,
    )


class EffectiveDated(models.Model):
    """Holds from valid_from until before valid_to, UTC days; an empty valid_to is open."""

    valid_from = models.DateField(help_text="First UTC day (charge date) it holds for.")
    valid_to = models.DateField(
        null=True, blank=True, help_text="The day it holds no more; empty: until changed."
    )

    class Meta:
        abstract = True
