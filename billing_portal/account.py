"""The account pages: who is logged in and what that login sees, its API tokens, its password.

They are for sessions: no token opens them, and also development asks for a login here.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.views import View

from billing_portal.tokens import LONGEST_DAYS, USUAL_DAYS, make_token
from collector.api.collections import CANCEL, COLLECTIONS, START
from costs.api.bill import PROVE, READ_DAYS, READ_LINES
from costs.api.dimensions import (
    BUSINESS_UNITS,
    CLUSTERS,
    COST_CENTERS,
    ENVIRONMENTS,
    ORGANIZATIONS,
)
from costs.api.permissions import READ_COSTS, Needs, why_refused
from costs.api.rules import POLICIES, RULES
from dimensions.access import limits_of
from dimensions.models import ApiToken, BusinessUnit, TokenScope

logger = logging.getLogger(__name__)

SOON = timedelta(days=7)
CHANGED = "Your password is changed. Wherever else you were logged in, you no longer are."
NO_USE = "Your login may not use the API, so that a token of it could do nothing."
_CHANGED_BY_PATCH = (ORGANIZATIONS, ENVIRONMENTS, CLUSTERS, BUSINESS_UNITS, COST_CENTERS, RULES)
# What the API lets somebody do with each scope; one of them is enough to make the scope useful.
USES: dict[TokenScope, tuple[Needs, ...]] = {
    TokenScope.READ: (
        *(READ_COSTS, READ_LINES, READ_DAYS, PROVE, START, CANCEL),
        *(kind.needs for kind in (*_CHANGED_BY_PATCH, POLICIES, COLLECTIONS)),
    ),
    TokenScope.CURATE: tuple(kind.needs for kind in _CHANGED_BY_PATCH),
    TokenScope.COLLECT: (START, CANCEL),
}
# Who has the permissions that a scope needs, unless an operator gave them to others too.
GROUP_FOR = {
    TokenScope.READ: "Viewer",
    TokenScope.CURATE: "FinOps",
    TokenScope.COLLECT: "Operator",
}


def usable_scopes(user: User) -> list[TokenScope]:
    """The scopes with which a token of the user could do something."""
    return [
        scope
        for scope, uses in USES.items()
        if any(not why_refused(user, needs, reads=scope == TokenScope.READ) for needs in uses)
    ]


class NewTokenForm(forms.Form):
    name = forms.CharField(
        max_length=100,
        help_text="What it is for, such as “nightly export”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label="It may", widget=forms.CheckboxSelectMultiple, initial=[TokenScope.READ]
    )
    days = forms.IntegerField(
        label="Expires in (days)",
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=USUAL_DAYS,
        help_text=f"From 1 to {LONGEST_DAYS}.",
    )

    def __init__(self, user: User, scopes: Sequence[TokenScope], data: Any = None) -> None:
        super().__init__(data)
        self.user = user
        field = self.fields["scopes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(scope.value, scope.label) for scope in scopes]

    def clean_name(self) -> str:
        """Its name tells one's tokens apart; and a form that is sent again makes no second one."""
        name: str = self.cleaned_data["name"]
        if ApiToken.objects.filter(user=self.user, name=name).exists():
            raise ValidationError("You have a token of this name already.")
        return name


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said beside the end of a token, and how urgent that is."""

    kind: str
    says: str


def remark_on(expiry: datetime, now: datetime) -> Remark | None:
    """None while there is time enough."""
    left = expiry - now
    if left <= timedelta():
        return Remark("bad", "expired")
    if left > SOON:
        return None
    days = left.days
    says = "less than a day left" if days == 0 else f"{days} day{'s' if days > 1 else ''} left"
    return Remark("open", says)


class Account(LoginRequiredMixin, View):
    """Who is logged in. POST makes a token and shows it: no redirect, which had to carry it."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return account_page(request, None)

    def post(self, request: HttpRequest) -> HttpResponse:
        user = user_of(request)
        if not (scopes := usable_scopes(user)):
            raise PermissionDenied(NO_USE)
        form = NewTokenForm(user, scopes, request.POST)
        if not form.is_valid():
            return account_page(request, form)
        token, text = make_token(user, **form.cleaned_data)
        logger.info("User %s made an API token: %s", user.pk, ", ".join(token.scopes))
        context = {
            "section": "account",
            "token": token,
            "text": text,
            "asks": _address_to_try(user, token),
        }
        response = render(request, "account/token.html", context)
        add_never_cache_headers(response)
        return response


class RevokeToken(LoginRequiredMixin, View):
    """Asks first, then deletes the token; of nobody else's token does it say that there is one."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, digest: str) -> HttpResponse:
        context = {"section": "account", "token": own_token(request, digest)}
        return render(request, "account/revoke.html", context)

    def post(self, request: HttpRequest, digest: str) -> HttpResponse:
        token = own_token(request, digest)
        token.delete()
        logger.info("User %s revoked an API token.", token.user_id)
        says = format_html("The token <bdi>{}</bdi> is revoked.", token.name)
        messages.success(request, says)
        return redirect("account")


class ChangePassword(PasswordChangeView):
    template_name = "account/password.html"
    success_url = reverse_lazy("account")
    extra_context = {"section": "account"}

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, CHANGED)
        return answer


class Login(LoginView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Who was sent here from a page may log in as somebody else; others have a login."""
        if request.user.is_authenticated and not request.GET.get(self.redirect_field_name):
            return redirect("front-door")
        return super().get(request, *args, **kwargs)


def user_of(request: HttpRequest) -> User:
    """Whom LoginRequiredMixin let in."""
    assert request.user.is_authenticated
    return request.user


def own_token(request: HttpRequest, digest: str) -> ApiToken:
    """Raises Http404 also for a superuser who names somebody else's; those are in the admin."""
    return get_object_or_404(ApiToken, pk=digest, user=user_of(request))


def account_page(request: HttpRequest, form: NewTokenForm | None) -> HttpResponse:
    """The account page; form: what was sent and is not right, None for a new one."""
    user, now = user_of(request), timezone.now()
    scopes = usable_scopes(user)
    if form is None and scopes:
        form = NewTokenForm(user, scopes)
    units = limits_of(user)
    tokens = ApiToken.objects.filter(user=user).order_by("name", "created")
    context = {
        "section": "account",
        "groups": user.groups.order_by("name"),
        "may_open_admin": admin.site.has_permission(request),
        "may_see_costs": user.has_perm(READ_COSTS.read),
        "is_limited": units is not None,
        "units": BusinessUnit.objects.filter(code__in=units or ()).order_by("code"),
        "tokens": [(token, remark_on(token.expiry, now)) for token in tokens],
        "form": form,
        "not_offered": [
            (scope.label.partition(":")[0], GROUP_FOR[scope])
            for scope in USES
            if scope not in scopes
        ],
        "no_use": NO_USE,
    }
    return render(request, "account/account.html", context)


def _address_to_try(user: User, token: ApiToken) -> str:
    """A route that the token is answered by whatever is stored; empty: there is none."""
    may_ask = TokenScope.READ in token.scopes and user.has_perm(READ_COSTS.read)
    return reverse("costs-summary") if may_ask else ""
