"""What the portal's pages have in common: who may open them, and how a refusal reads."""

import logging
from abc import ABC, abstractmethod
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import View
from rest_framework.permissions import SAFE_METHODS

from costs.api.errors import NO_DATABASE, TOO_LONG
from costs.api.permissions import Needs, may_without_login, why_refused
from costs.query_string import InvalidParameters, Reader
from costs.reports.snapshot import snapshot
from costs.visibility import Visibility, visible_to

logger = logging.getLogger(__name__)


class Guarded(View):
    """Lets in who may; a wrong address is answered in words, and so is a database that gives up.

    is_polled: it asks again by itself, and what goes wrong meanwhile is no reason to leave it.
    """

    needs: Needs
    is_polled = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_partial = "HX-Request" in request.headers and not self.is_polled
        try:
            if (login := turned_away(request, self.needs)) is None:
                return super().dispatch(request, *args, **kwargs)
            return _go_to(login["Location"]) if is_partial else login
        except PermissionDenied:
            if is_partial:
                return _go_to(request.get_full_path())
            raise
        except InvalidParameters as error:
            answer = render(request, "refused.html", {"errors": error.errors}, status=400)
        except OperationalError as error:
            logger.warning("The database gave up on a page: %s", error)
            said = TOO_LONG if "timeout" in str(error) else NO_DATABASE
            # Nothing on it may ask the database again: not even who asks.
            answer = HttpResponse(render_to_string("503.html", {"said": said}), status=503)
        if is_partial:
            # The part that was to be updated is not in it: it takes the whole page's place.
            answer["HX-Retarget"] = answer["HX-Reselect"] = "#content"
            answer["HX-Reswap"] = "outerHTML"
        return answer


class Page(Guarded, ABC):
    """A page that is read: its numbers are of one moment of the database.

    section: the part of the portal that the navigation marks as the current one. makes_tables:
    something on it is worked out in temporary tables.
    """

    template_name: str
    section = ""
    status = 200
    makes_tables = False
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **named: Any) -> HttpResponse:
        reader = Reader(self.parameters())
        with snapshot(makes_tables=self.makes_tables):
            visibility = visible_to(request.user)
            context = self.context(reader, visibility, **named)
            context |= {"section": self.section, "is_limited": visibility.is_limited}
            return render(request, self.template_name, context, status=self.status)

    def parameters(self) -> QueryDict:
        """The query string that the page is about."""
        return self.request.GET

    @abstractmethod
    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        """What the template shows. Raises Http404, PermissionDenied, InvalidParameters."""


def may_see(user: User | AnonymousUser, permission: str) -> bool:
    """Of a part of a page that needs more than the page; who got in without a login sees all."""
    return not user.is_authenticated or user.has_perm(permission)


def _go_to(address: str) -> HttpResponse:
    """Have the browser leave the page instead of updating a part of it."""
    return HttpResponse(headers={"HX-Redirect": address})


def turned_away(request: HttpRequest, needs: Needs) -> HttpResponse | None:
    """The way to the login for who has none; raises PermissionDenied for who may not."""
    reads = request.method in SAFE_METHODS
    user = request.user
    if not user.is_authenticated:
        if may_without_login(request) and (reads or needs.open_in_development):
            return None
        return redirect_to_login(request.get_full_path())
    if refused := why_refused(user, needs, reads=reads):
        raise PermissionDenied(refused)
    return None
