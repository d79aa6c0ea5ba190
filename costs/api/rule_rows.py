"""How rules and policies stand in requests and answers."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from costs.api.answers import amount, envelope
from costs.api.bodies import Strict, StrictFields
from costs.models import AllocationRule, SharedCostPolicy
from dimensions.models import Cluster, Environment, Organization


class TargetRow(Strict):
    cost_center = serializers.CharField(source="cost_center.code", help_text="Its code.")
    percent = serializers.DecimalField(
        max_digits=7, decimal_places=4, min_value=Decimal("0.0001"), max_value=Decimal(100)
    )


class ById(serializers.SlugRelatedField[Any]):
    """Something of the rule's organization, by Confluent's id."""

    def to_internal_value(self, data: Any) -> Any:
        row: Any = self.root
        rule: AllocationRule = row.instance
        said = row.initial_data.get("org_id")
        org_id = said or (rule.organization_id and rule.organization.org_id)
        queryset = self.get_queryset()
        assert queryset is not None
        found = queryset.filter(**{str(self.slug_field): str(data)})
        if isinstance(org_id, str):
            found = found.filter(organization__org_id=org_id)
        try:
            things = list(found[:2])
        except ValueError:  # NUL, or half a character
            things = []
        if not things:
            self.fail("does_not_exist", slug_name=self.slug_field, value=str(data))
        if len(things) > 1:
            raise serializers.ValidationError("Several organizations have it; say org_id, too.")
        return things[0]


class RuleRow(StrictFields, serializers.ModelSerializer[Any]):
    """The most specific rule decides; see the portal's documentation."""

    org_id = serializers.SlugRelatedField(
        slug_field="org_id",
        source="organization",
        queryset=Organization.objects.all(),
        required=False,
        help_text="May be left out beside a cluster or environment.",
    )
    cluster_id = ById(
        slug_field="cluster_id",
        source="cluster",
        queryset=Cluster.objects.select_related("organization"),
        allow_null=True,
        required=False,
    )
    env_id = ById(
        slug_field="env_id",
        source="environment",
        queryset=Environment.objects.select_related("organization"),
        allow_null=True,
        required=False,
    )
    selects = serializers.CharField(source="selected", read_only=True, help_text="In words.")
    targets = TargetRow(many=True, help_text="The percents add up to 100.")

    class Meta:
        model = AllocationRule
        fields = [
            *("id", "selects", "org_id", "selector", "cluster_id", "env_id", "name_pattern"),
            *("tag_key", "tag_value", "product", "line_type", "priority"),
            *("valid_from", "valid_to", "targets", "notes"),
        ]
        extra_kwargs = {"id": {"allow_null": True, "help_text": "Null of one that is only tried."}}
        # What holds between fields is said by store_rule, as for everybody who stores rules.
        validators: list[Any] = []


class PolicyRow(serializers.ModelSerializer[Any]):
    org_id = serializers.CharField(source="organization.org_id")
    cost_center = serializers.CharField(
        source="cost_center.code", allow_null=True, default=None, help_text="Of a central policy."
    )
    targets = TargetRow(many=True, help_text="Of a policy by fixed percents.")

    class Meta:
        model = SharedCostPolicy
        fields = [
            *("id", "org_id", "line_type", "method", "cost_center", "targets"),
            *("valid_from", "valid_to", "notes"),
        ]


class MovedRow(serializers.Serializer[Any]):
    business_unit = serializers.CharField()
    cost_center = serializers.CharField()
    before_usd = amount()
    after_usd = amount()
    change_usd = amount()


class MovementRow(serializers.Serializer[Any]):
    days = serializers.IntegerField(help_text="Stored days on which something moves.")
    first = serializers.DateField(allow_null=True)
    last = serializers.DateField(allow_null=True)
    days_left_out = serializers.IntegerField(help_text="May move too; it would take too long.")
    owners = MovedRow(many=True, help_text="What each owes for those days.")


class ChangeMeta(serializers.Serializer[Any]):
    dry_run = serializers.BooleanField()
    revision = serializers.IntegerField(help_text="Of the rules, before the change.")
    movement = MovementRow(allow_null=True, help_text="With dry_run: what would move.")
    days_allocated = serializers.IntegerField()
    days_changed = serializers.IntegerField()
    days_pending = serializers.IntegerField(
        help_text="They follow with the next change or collection. With dry_run: left by earlier "
        "changes, whose dollars are in movement, too."
    )


ChangedRule = envelope("ChangedRule", ChangeMeta(), RuleRow())
