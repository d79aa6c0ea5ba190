"""API tokens: made for a user, shown once."""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser

from dimensions.models import ApiToken, TokenScope

LONGEST_DAYS, USUAL_DAYS = 366, 90


def make_token(
    user: AbstractBaseUser, *, name: str, scopes: Sequence[TokenScope | str], days: int
) -> tuple[ApiToken, str]:
    """The stored token, and its text, which is kept nowhere. days: until it expires."""
    token: ApiToken
    token, text = ApiToken.objects.create(
        user, expiry=timedelta(days=days), name=name, scopes=[str(scope) for scope in scopes]
    )
    return token, text
