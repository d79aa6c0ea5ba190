"""Routes of who pays: allocation rules, changed as in the admin, and shared cost policies."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from costs.api import schema
from costs.api.base import ApiView
from costs.api.bodies import Strict
from costs.api.errors import Conflict, by_field
from costs.api.lists import DetailView, Filter, Kind, Listing, ListView
from costs.api.rule_rows import ChangedRule, PolicyRow, RuleRow
from costs.curation import Change, RulesChanged, change_rules, store_rule
from costs.models import AllocationRule, SharedCostPolicy
from costs.money import exact
from costs.movement import Movement
from costs.query_string import Reader
from costs.visibility import Visibility

CREATED = 201
LARGEST_REVISION = 10**12 - 1


class CloseRequest(Strict):
    valid_to = serializers.DateField(help_text="The UTC day on which the rule holds no more.")


class InForceOn(Filter):
    """What holds on a UTC day."""

    def parameter(self, name: str) -> Any:
        return schema.day(name, self.says)

    def apply(self, reader: Reader, name: str, things: QuerySet[Any]) -> QuerySet[Any]:
        day = reader.day(name)
        if day is None:
            return things
        is_open = Q(valid_to=None) | Q(valid_to__gt=day)
        return things.filter(is_open, valid_from__lte=day)


class PaidBy(Filter):
    """A rule that several of the values pay for is one rule."""

    def apply(self, reader: Reader, name: str, things: QuerySet[Any]) -> QuerySet[Any]:
        paid = super().apply(reader, name, things.model._default_manager.all())
        return things.filter(pk__in=paid.values("pk")) if reader.has(name) else things


def _rules(visibility: Visibility) -> QuerySet[Any]:
    rules = AllocationRule.objects.filter(organization__in=visibility.organizations)
    things = rules.select_related("organization", "cluster", "environment")
    return things.prefetch_related("targets__cost_center")


def _policies(visibility: Visibility) -> QuerySet[Any]:
    policies = SharedCostPolicy.objects.filter(organization__in=visibility.organizations)
    things = policies.select_related("organization", "cost_center")
    return things.prefetch_related("targets__cost_center")


_DATES = {"valid_from": "valid_from", "valid_to": "valid_to", "id": "pk"}
_OF_ORG = Filter("organization__org_id", "Of these organizations.")
_PAID_BY = PaidBy("targets__cost_center__code", "Paid by these cost centers.")
RULES = Kind(
    "rule",
    row=RuleRow,
    things=_rules,
    id_field="pk",
    is_whole=True,
    writes=(
        "costs.view_dailycostfact",  # a preview shows dollars
        *(f"costs.{verb}_allocationrule" for verb in ("add", "change")),
        *(f"costs.{verb}_allocationtarget" for verb in ("add", "change", "delete")),
    ),
    listing=Listing(
        search=(
            *("cluster__cluster_id", "cluster__display_name", "environment__env_id"),
            *("environment__display_name", "name_pattern", "tag_value", "notes"),
        ),
        filters={
            "org": _OF_ORG,
            "selector": Filter(
                "selector", "By what it selects.", tuple(AllocationRule.Selector.values)
            ),
            "cluster": Filter("cluster__cluster_id", "For these resources."),
            "env": Filter("environment__env_id", "For these environments."),
            "cost_center": _PAID_BY,
            "in_force_on": InForceOn("", "Rules that hold on this UTC day."),
        },
        usual="id",
        orders=_DATES | {"priority": "priority"},
    ),
)
POLICIES = Kind(
    "policy",
    row=PolicyRow,
    things=_policies,
    id_field="pk",
    is_whole=True,
    listing=Listing(
        search=("line_type", "notes"),
        filters={
            "org": _OF_ORG,
            "line_type": Filter("line_type", "For these line types."),
            "method": Filter("method", "Shared so.", tuple(SharedCostPolicy.Method.values)),
            "in_force_on": InForceOn("", "Policies that hold on this UTC day."),
        },
        usual="id",
        orders=_DATES | {"line_type": "line_type"},
    ),
)
_WRITING = [
    schema.one(
        "dry_run",
        "Say what the change would move, and change nothing.",
        allowed=("true", "false"),
        default="false",
    ),
    schema.number(
        "revision",
        "meta.revision of the preview: 409 if who pays was changed since.",
        low=0,
        high=LARGEST_REVISION,
    ),
    schema.JSON_ONLY,
]
_REFUSED = {
    409: OpenApiResponse(schema.ErrorSerializer, "Who pays was changed since the revision.")
}


class ChangesRules(ApiView):
    """Stores a rule as the admin does: preview, then exactly the affected days follow."""

    def changed(self, act: Callable[[], AllocationRule], *, status: int = 200) -> Response:
        reader = self.reader()
        dry_run = reader.flag("dry_run", default=False)
        revision = reader.optional_number("revision", low=0, high=LARGEST_REVISION)
        reader.finish()

        def shown() -> Any:
            rule = _rules(self.visibility()).get(pk=act().pk)
            return dict(RuleRow(rule).data)

        try:
            change = change_rules(shown, dry_run=dry_run, revision=revision)
        except RulesChanged as error:
            raise Conflict(str(error)) from error
        data = change.result
        if dry_run and status == CREATED:
            data["id"] = None  # it has none
        return Response({"meta": _meta(change), "data": data}, status=200 if dry_run else status)


class RulesView(ChangesRules, ListView):
    described_by_kind = ("GET",)

    @extend_schema(
        operation_id="rules_create",
        summary="Make a rule, or see what it would move",
        parameters=_WRITING,
        request=RuleRow,
        responses={200: ChangedRule, 201: ChangedRule, **_REFUSED},
    )
    def post(self, request: Request) -> Response:
        return self.changed(lambda: stored(AllocationRule(), request.data), status=CREATED)


class RuleView(ChangesRules, DetailView):
    described_by_kind = ("GET",)

    @extend_schema(
        operation_id="rules_change",
        summary="Change a rule, or see what that would move",
        parameters=_WRITING,
        request=RuleRow,
        responses={200: ChangedRule, **_REFUSED},
    )
    def patch(self, request: Request, id: str | int) -> Response:
        return self.changed(lambda: stored(rule_to_change(int(id)), request.data))


class CloseRuleView(ChangesRules):
    needs = RULES.needs

    @extend_schema(
        operation_id="rules_close",
        summary="Let a rule hold no more from a day on, or see what that would move",
        parameters=_WRITING,
        request=CloseRequest,
        responses={200: ChangedRule, **_REFUSED},
    )
    def post(self, request: Request, id: int) -> Response:
        asked = CloseRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        day = asked.validated_data["valid_to"]
        return self.changed(lambda: closed(rule_to_change(id), day))


def rule_to_change(id: int) -> AllocationRule:
    """Raises Http404 if there is none."""
    try:
        return AllocationRule.objects.select_for_update().get(pk=id)
    except AllocationRule.DoesNotExist:
        raise Http404 from None


def closed(rule: AllocationRule, day: date) -> AllocationRule:
    """The rule, ended where the day begins."""
    if rule.valid_to and rule.valid_to < day:
        raise ValidationError({"valid_to": f"It holds until before {rule.valid_to} already."})
    return stored(rule, {"valid_to": day})


def stored(rule: AllocationRule, said: Any) -> AllocationRule:
    """The rule with what is said of it, stored; raises ValidationError by the API's names."""
    row = RuleRow(rule, data=said, partial=not rule._state.adding)
    row.is_valid(raise_exception=True)
    changes = dict(row.validated_data)
    targets = changes.pop("targets", None)
    is_changed = rule._state.adding
    for name, value in changes.items():
        is_changed |= getattr(rule, name, None) != value
        setattr(rule, name, value)
    thing = rule.cluster or rule.environment
    if thing and rule.organization_id is None:
        rule.organization = thing.organization
    if rule.organization_id is None:
        raise ValidationError({"org_id": "Needed where no cluster or environment is named."})
    try:
        shares = None if targets is None else _shares(targets)
        return store_rule(rule, shares, is_changed=is_changed)
    except ValidationError as error:
        raise ValidationError(_in_api_names(error)) from error


def _shares(targets: list[dict[str, Any]]) -> dict[str, Decimal]:
    shares: dict[str, Decimal] = {}
    for target in targets:
        code = target["cost_center"]["code"]
        if code in shares:
            raise ValidationError({"targets": f"{code} stands there twice."})
        shares[code] = target["percent"]
    return shares


_API_NAMES = {"organization": "org_id", "cluster": "cluster_id", "environment": "env_id"}


def _in_api_names(error: ValidationError) -> dict[str, list[str]]:
    return {_API_NAMES.get(name, name): messages for name, messages in by_field(error).items()}


def _meta(change: Change[Any]) -> dict[str, Any]:
    followed = change.followed
    return {
        "dry_run": change.movement is not None,
        "revision": change.revision,
        "movement": change.movement and _movement(change.movement),
        "days_allocated": followed.days,
        "days_changed": followed.changed,
        "days_pending": followed.pending,
    }


def _movement(movement: Movement) -> dict[str, Any]:
    return {
        "days": movement.days,
        "first": movement.first,
        "last": movement.last,
        "days_left_out": movement.days_left_out,
        "owners": [
            {
                "business_unit": owner.business_unit,
                "cost_center": owner.cost_center,
                "before_usd": exact(owner.before),
                "after_usd": exact(owner.after),
                "change_usd": exact(owner.change),
            }
            for owner in movement.owners
        ],
    }
