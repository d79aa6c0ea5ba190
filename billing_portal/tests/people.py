"""Who asks in tests of the API: people with their groups, limits and tokens."""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone

from billing_portal.groups import make_groups
from billing_portal.tokens import make_token
from dimensions.models import BusinessUnit, BusinessUnitScope, TokenScope


def person(name, *groups, limited_to=None):
    """A user in the groups; limited_to: codes of business units, None for no limit."""
    user = get_user_model().objects.create_user(name)
    if groups:
        make_groups()
        user.groups.set(Group.objects.filter(name__in=groups))
    if limited_to is not None:
        scope = BusinessUnitScope.objects.create(user=user)
        scope.business_units.set(BusinessUnit.objects.filter(code__in=limited_to))
    return user


def token_of(user, *scopes, expired=False):
    """The text of a new token; with every scope if none is said."""
    made, text = make_token(user, name="test", scopes=scopes or TokenScope.values, days=1)
    if expired:
        made.expiry = timezone.now() - timedelta(seconds=1)
        made.save()
    return text


def bearer(token):
    """The headers of a request with the token."""
    return {"authorization": f"Bearer {token}"}
