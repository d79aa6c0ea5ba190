"""What the routes of costs answer with, as OpenAPI describes it."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from costs.filters import DIMENSIONS, CostType, Period
from costs.models import AmountSource, Confidence, Method
from costs.reports.charges import Granularity
from costs.reports.query import Compare

Field = serializers.Field[Any, Any, Any, Any]


def amount(**options: Any) -> serializers.DecimalField:
    """USD as a string with all ten decimal places."""
    return serializers.DecimalField(max_digits=30, decimal_places=10, **options)


def number(**options: Any) -> serializers.DecimalField:
    """A number as received, as a string."""
    return serializers.DecimalField(max_digits=None, decimal_places=None, **options)


def envelope(name: str, meta: Field | None, data: Field) -> serializers.Serializer[Any]:
    """An answer: its data, and what is to be said of them."""
    fields = {"data": data} if meta is None else {"meta": meta, "data": data}
    return inline_serializer(name, fields)


class Described(serializers.Serializer):  # type: ignore[type-arg]
    """Of the answer as a whole."""

    currency = serializers.ChoiceField(["USD"])
    data_through = serializers.DateField(
        allow_null=True, help_text="The last UTC day with at least one bill line."
    )
    days = inline_serializer(
        "Days",
        {
            "in_range": serializers.IntegerField(),
            "stored": serializers.IntegerField(),
            "missing": serializers.IntegerField(help_text="Not collected."),
            "provisional": serializers.IntegerField(help_text="Confluent may restate them."),
            "incomplete": serializers.IntegerField(help_text="Not every answer could be used."),
            "first_provisional": serializers.DateField(allow_null=True),
        },
    )


def _labels() -> dict[str, Field]:
    """The columns that group_by adds to a row."""
    fields: dict[str, Field] = {}
    for dimension in DIMENSIONS.values():
        for key in filter(None, (dimension.key, dimension.name_key)):
            fields[key] = serializers.CharField(required=False, allow_null=True)
    return fields


GroupedRow = inline_serializer(
    "CostRow",
    {
        "period_start": serializers.CharField(help_text="UTC day, or hour: ISO 8601."),
        "period_end": serializers.CharField(help_text="Exclusive."),
        **_labels(),
        "is_others": serializers.BooleanField(
            required=False, help_text="With top: what the kept groups leave out."
        ),
        "cost_usd": amount(),
        "previous_cost_usd": amount(required=False),
        "change_usd": amount(required=False),
        "change_percent": number(
            required=False, allow_null=True, help_text="Null where there was no cost before."
        ),
    },
    many=True,
)


def _values() -> serializers.DictField:
    return serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class Understood(serializers.Serializer):  # type: ignore[type-arg]
    """The question as the portal read it."""

    start_date = serializers.DateField()
    end_date = serializers.DateField(help_text="Exclusive.")
    period = serializers.ChoiceField(list(Period), allow_null=True)
    cost_type = serializers.ChoiceField(list(CostType))
    include = _values()
    exclude = _values()
    granularity = serializers.ChoiceField(list(Granularity), required=False)
    group_by = serializers.ListField(child=serializers.CharField(), required=False)
    order_by = serializers.ListField(child=serializers.CharField(), required=False)
    top = serializers.IntegerField(allow_null=True, required=False)
    compare = serializers.ChoiceField(list(Compare), required=False)


class Links(serializers.Serializer):  # type: ignore[type-arg]
    next = serializers.URLField(allow_null=True, required=False)
    previous = serializers.URLField(allow_null=True, required=False)
    csv = serializers.URLField(required=False)
    xlsx = serializers.URLField(required=False)

    def get_fields(self) -> Any:
        return {"self": serializers.URLField(), **super().get_fields()}


class PageMeta(serializers.Serializer):  # type: ignore[type-arg]
    count = serializers.IntegerField(help_text="Rows of the whole answer, not of this page.")
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()
    links = Links()


class CursorMeta(Described):
    limit = serializers.IntegerField()
    next_cursor = serializers.CharField(allow_null=True, help_text="Null on the last page.")
    filter = Understood()
    links = Links()


class CostTotals(serializers.Serializer):  # type: ignore[type-arg]
    cost_usd = amount()
    previous_cost_usd = amount(required=False)
    change_usd = amount(required=False)
    change_percent = number(required=False, allow_null=True)


class CostsMeta(Described):
    total = CostTotals(help_text="Of all rows, not only of this page.")
    count = serializers.IntegerField(help_text="Rows of the whole answer, not of this page.")
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()
    groups_in_others = serializers.IntegerField(help_text="How many groups top leaves out.")
    compared_with = inline_serializer(
        "ComparedDays",
        {"start_date": serializers.DateField(), "end_date": serializers.DateField()},
        allow_null=True,
    )
    filter = Understood()
    links = Links()


Costs = envelope("Costs", CostsMeta(), GroupedRow)


class Part(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.CharField(allow_null=True, help_text="Null: charges that name none.")
    name = serializers.CharField(allow_null=True)
    net_usd = amount()
    usage_usd = amount()
    credits_usd = amount()


class SummaryMeta(Described):
    filter = Understood()
    links = Links()


class SummaryData(serializers.Serializer):  # type: ignore[type-arg]
    total_usd = amount(help_text="What is owed: usage and credits together, as net_usd.")
    net_usd = amount()
    usage_usd = amount(help_text="Charges above zero.")
    credits_usd = amount(help_text="Charges below zero.")
    list_usd = amount(help_text="Before discounts.")
    unallocated_usd = amount(help_text="Net cost that nobody owes yet.")
    allocated_percent = number(
        allow_null=True, help_text="Of the usage, what a cost center owes; null without usage."
    )
    days_covered = serializers.IntegerField(help_text="Stored days of the range.")
    records = serializers.IntegerField(help_text="Daily facts.")
    by_product = Part(many=True)
    by_environment = Part(many=True)
    by_business_unit = Part(many=True)
    top_clusters = Part(many=True, help_text="The ten billed resources with the highest net cost.")
    other_clusters_usd = amount(help_text="Net cost of the rest, of no resource among it.")


Summary = envelope("Summary", SummaryMeta(), SummaryData())


class HourlyFact(serializers.Serializer):  # type: ignore[type-arg]
    timestamp = serializers.DateTimeField(help_text="Begin of the hour, UTC.")
    org_id = serializers.CharField()
    org_name = serializers.CharField(allow_null=True)
    env_id = serializers.CharField(allow_null=True)
    env_name = serializers.CharField(allow_null=True)
    cluster_id = serializers.CharField(allow_null=True)
    cluster_name = serializers.CharField(allow_null=True)
    product = serializers.CharField()
    line_type = serializers.CharField()
    business_unit = serializers.CharField()
    cost_center = serializers.CharField()
    allocation_confidence = serializers.ChoiceField(Confidence.values)
    allocation_method = serializers.ChoiceField(Method.values)
    cost_usd = amount()


Facts = envelope("Facts", CursorMeta(), HourlyFact(many=True))


class LineItem(serializers.Serializer):  # type: ignore[type-arg]
    """Null where the login is limited to business units and others pay a share of the line."""

    day = serializers.DateField()
    org_id = serializers.CharField()
    org_name = serializers.CharField()
    env_id = serializers.CharField(allow_null=True)
    env_name = serializers.CharField(allow_null=True)
    cluster_id = serializers.CharField(allow_null=True)
    cluster_name = serializers.CharField(allow_null=True, help_text="As billed.")
    product = serializers.CharField()
    line_type = serializers.CharField()
    network_access_type = serializers.CharField()
    description = serializers.CharField()
    is_share = serializers.BooleanField(help_text="The amounts are your share of a larger line.")
    amount_usd = amount()
    list_amount_usd = amount(help_text="Before discounts.")
    line_item_id = serializers.IntegerField(allow_null=True)
    provider_id = serializers.CharField(allow_null=True, help_text="Confluent's own.")
    unit = serializers.CharField(allow_null=True)
    price = number(allow_null=True)
    quantity = number(allow_null=True)
    original_amount = number(allow_null=True)
    discount_amount = number(allow_null=True)
    amount_received = number(allow_null=True, help_text="Before the one rounding to 10 places.")
    amount_source = serializers.ChoiceField(AmountSource.values, allow_null=True)
    tier_dimensions = serializers.DictField(allow_null=True)
    other_fields = serializers.DictField(
        allow_null=True, help_text="What this version of the portal does not know."
    )
    first_version = serializers.IntegerField(allow_null=True)
    last_version = serializers.IntegerField(
        allow_null=True, help_text="Null while the line is on the current bill."
    )


LineItems = envelope("LineItems", CursorMeta(), LineItem(many=True))


class BillingDay(serializers.Serializer):  # type: ignore[type-arg]
    """What is said of the whole day is null where the login is limited to business units."""

    day = serializers.DateField()
    org_id = serializers.CharField()
    org_name = serializers.CharField()
    is_settled = serializers.BooleanField(help_text="Fetched 72 hours after the day, or later.")
    is_incomplete = serializers.BooleanField(help_text="Has rows that could not be read.")
    is_held = serializers.BooleanField(help_text="The newest answer is not believed yet.")
    fetched_at = serializers.DateTimeField()
    first_collected_at = serializers.DateTimeField()
    last_collected_at = serializers.DateTimeField()
    version = serializers.IntegerField(
        allow_null=True, help_text="Raised when the bill of the day changes."
    )
    last_changed_at = serializers.DateTimeField(allow_null=True)
    is_pending = serializers.BooleanField(
        allow_null=True, help_text="Who pays has changed, the facts follow."
    )
    line_count = serializers.IntegerField(allow_null=True)
    amount_usd = amount(allow_null=True)


class DaysMeta(Described, PageMeta):
    filter = Understood()


BillingDays = envelope("BillingDays", DaysMeta(), BillingDay(many=True))


class Difference(serializers.Serializer):  # type: ignore[type-arg]
    org_id = serializers.CharField()
    day = serializers.DateField()
    what = serializers.CharField()
    bill = number()
    found = number()


class Proof(serializers.Serializer):  # type: ignore[type-arg]
    is_proven = serializers.BooleanField(help_text="No relation differs from another.")
    days = serializers.IntegerField()
    missing_days = serializers.IntegerField(help_text="Never collected.")
    doubtful_days = serializers.IntegerField(help_text="Incomplete, or their answer is held.")
    pending_days = serializers.IntegerField(help_text="Owed as by rules that have changed since.")
    archived_days = serializers.IntegerField(
        help_text="Whose hours are archived; they are proven to their daily facts."
    )
    lines = serializers.IntegerField()
    amount_usd = amount()
    rounding_usd = number(help_text="The one rounding, of received amounts to 10 places.")
    differences = Difference(many=True)


class ReconciliationMeta(Described):
    filter = Understood()
    links = Links()


Reconciliation = envelope("Reconciliation", ReconciliationMeta(), Proof())
