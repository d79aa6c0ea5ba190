"""Who may ask what: the user's permissions, as far as a token's scopes go.

Development answers readers on this machine, and lets them start collections, without a login.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from dimensions.access import is_limited
from dimensions.models import TokenScope


@dataclass(frozen=True, slots=True)
class Needs:
    """What a view asks of its user.

    read, write: names of permissions. whole: nobody who is limited to business units, for it
    speaks of everybody. open_in_development: writing needs no login there, as documented.
    """

    read: str
    write: tuple[str, ...] = ()
    scope: TokenScope = TokenScope.CURATE
    whole: bool = False
    open_in_development: bool = False


Network = IPv4Network | IPv6Network

READ_COSTS = Needs(read="costs.view_dailycostfact")


class MayUse(BasePermission):
    """Holds for views with `needs`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        needs: Needs = view.needs
        reads = request.method in SAFE_METHODS
        if not request.user.is_authenticated:
            return may_without_login(request) and (reads or needs.open_in_development)
        if not token_allows(request, TokenScope.READ if reads else needs.scope):
            self.message = "The token's scopes do not include this."
            return False
        if refused := why_refused(request.user, needs, reads=reads):
            self.message = refused
            return False
        return True


def why_refused(user: User, needs: Needs, *, reads: bool) -> str:
    """Why somebody who is logged in may not do it, as a sentence; empty: may."""
    # What one changes is there for everybody.
    if (needs.whole or not reads) and is_limited(user):
        return "This concerns all business units; your login is limited to some."
    if not user.has_perms((needs.read,) if reads else needs.write):
        return "You do not have permission to perform this action."
    return ""


class MayRead(BasePermission):
    """Any login; for what says nothing of costs."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return may_without_login(request)
        return token_allows(request, TokenScope.READ)


def token_allows(request: Request, scope: TokenScope) -> bool:
    """A session may do all that its user may; a token only what its scopes say."""
    token: Any = request.auth
    return token is None or scope in token.scopes


def may_without_login(request: Request | HttpRequest) -> bool:
    """In development, from LOCAL_NETWORKS, unless a page of another origin has a browser ask."""
    if settings.PRODUCTION or not asks_from(request, settings.LOCAL_NETWORKS):
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin == f"{request.scheme}://{request.get_host()}"


def asks_from(request: Request | HttpRequest, networks: Iterable[Network]) -> bool:
    """Whether who asks is in the networks; a proxy's own address says nothing of who that is."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False  # a Unix socket has none
    return any(address in network for network in networks)
