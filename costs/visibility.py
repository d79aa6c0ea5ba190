"""Which costs a user sees: everybody's, or the shares of some business units.

Every report takes a Visibility and no report works without one, so that no door can forget it.
"""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User

from costs.models import DailyOwnerCost
from dimensions.access import limits_of
from dimensions.models import Organization


@dataclass(frozen=True, slots=True)
class Visibility:
    """organizations: keys of those whose days may be spoken of; business_units: None is all."""

    organizations: tuple[int, ...]
    business_units: tuple[str, ...] | None = None

    @property
    def is_limited(self) -> bool:
        """Whether only shares are seen: of lines, days and rules the whole stays hidden."""
        return self.business_units is not None


def visible_to(user: User | AnonymousUser) -> Visibility:
    """What the user sees now; a limited one only hears of organizations that charge its units."""
    units = limits_of(user)
    if units is None:
        return Visibility(tuple(Organization.objects.values_list("pk", flat=True)))
    owed = DailyOwnerCost.objects.filter(business_unit__in=units)
    keys = owed.order_by().values_list("organization", flat=True).distinct()
    return Visibility(tuple(sorted(keys)), units)
