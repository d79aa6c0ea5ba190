"""Which business units a user is limited to."""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User

from dimensions.models import BusinessUnitScope


def limits_of(user: User | AnonymousUser) -> tuple[str, ...] | None:
    """The codes of the business units whose shares the user sees; None: everybody's.

    Without a login everything is seen in development, as documented, and nothing in production. A
    superuser, who could lift any limit, has none.
    """
    if not user.is_authenticated:
        return () if settings.PRODUCTION else None
    if user.is_superuser:
        return None
    try:
        scope: BusinessUnitScope = user.business_unit_scope
    except BusinessUnitScope.DoesNotExist:
        return None
    return tuple(scope.business_units.order_by("code").values_list("code", flat=True))


def is_limited(user: User | AnonymousUser) -> bool:
    """Whether the user sees shares only."""
    return limits_of(user) is not None
