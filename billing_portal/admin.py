"""Users with their limits, and API tokens."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from billing_portal.tokens import LONGEST_DAYS, USUAL_DAYS, make_token
from dimensions.models import ApiToken, BusinessUnitScope, TokenScope


class BusinessUnitScopeInline(admin.StackedInline):  # type: ignore[type-arg]
    model = BusinessUnitScope
    filter_horizontal = ("business_units",)
    can_delete = True


class PortalUserAdmin(UserAdmin):  # type: ignore[type-arg]
    inlines = (BusinessUnitScopeInline,)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """A user is made first, then limited."""
        return self.inlines if obj else ()


admin.site.unregister(User)
admin.site.register(User, PortalUserAdmin)


class ApiTokenForm(forms.ModelForm):  # type: ignore[type-arg]
    scopes = forms.MultipleChoiceField(
        choices=TokenScope, widget=forms.CheckboxSelectMultiple, initial=[TokenScope.READ]
    )
    days = forms.IntegerField(
        label="Expires in (days)", min_value=1, max_value=LONGEST_DAYS, initial=USUAL_DAYS
    )

    class Meta:
        model = ApiToken
        fields = ("user", "name", "scopes", "days")


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Made, listed and revoked; what a token is, is shown when it is made and never again."""

    form = ApiTokenForm
    list_display = ("name", "user", "may", "created", "expiry")
    list_select_related = ("user",)
    list_filter = ("expiry",)
    search_fields = ("name", "user__username")
    fields = ("user", "name", "scopes", "days")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj is None else ("user", "name", "scopes", "created", "expiry")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only a superuser makes tokens for others: a token may do what its user may."""
        if db_field.name == "user" and not request.user.is_superuser:
            kwargs["queryset"] = get_user_model().objects.filter(username=request.user.username)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        tokens = super().get_queryset(request)
        return tokens if request.user.is_superuser else tokens.filter(user=request.user)

    def history_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied  # not a redirect, for what the list does not hold
        response: HttpResponse = super().history_view(request, *args, **kwargs)
        return response

    @admin.display(description="May")
    def may(self, token: ApiToken) -> str:
        return ", ".join(token.scopes)

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        said = form.cleaned_data
        made, text = make_token(
            said["user"], name=said["name"], scopes=said["scopes"], days=said["days"]
        )
        obj.pk, obj.expiry, obj.created = made.pk, made.expiry, made.created
        request.made_token = text  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: ApiToken, *args: Any) -> HttpResponse:
        """Shown in this answer; no redirect, which would have to carry it."""
        context = {
            **self.admin_site.each_context(request),
            "title": f"Token {obj.name}",
            "token": request.made_token,  # type: ignore[attr-defined]
            "made": obj,
            "opts": self.opts,
        }
        response = render(request, "admin/api_token.html", context)
        add_never_cache_headers(response)
        return response
