"""The bill and the facts made of it. The unit of work is one UTC day of one organization.

Writers: bill.py (days and lines) and allocation.py (facts); both write whole days by SQL.
Every key of a fact relation starts with the organization, and facts carry no foreign keys:
a check per row would cost more than the row, and billing_days already holds the reference.
"""

from django.db import models

from costs.fields import AmountField, NumericField
from dimensions.models import Organization

UNALLOCATED = "Unallocated"


class Confidence(models.TextChoices):
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Method(models.TextChoices):
    """Who decided on the owner of a cost; methods that need rules join with the rules."""

    UNALLOCATED = "unallocated", "Unallocated"


class BillingDay(models.Model):
    """One UTC day of one organization's bill: which version is stored and how sure it is."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="billing_days")
    day = models.DateField()
    version = models.PositiveIntegerField(
        default=0, help_text="Raised when the bill changes; 0 before its first line."
    )
    content_hash = models.UUIDField(help_text="Of the billed content, in no order.")
    labels_hash = models.UUIDField(help_text="Of the names and provider ids on the lines.")
    line_count = models.PositiveIntegerField()
    # Wider than a line's, so that no day of readable lines can overflow it.
    amount = AmountField(max_digits=30, help_text="USD, sum of the current lines.")
    fetched_at = models.DateTimeField(help_text="When the fetch that this day holds began.")
    first_collected_at = models.DateTimeField()
    last_collected_at = models.DateTimeField()
    last_changed_at = models.DateTimeField()
    rules_revision = models.PositiveIntegerField(default=0)
    is_incomplete = models.BooleanField(
        "incomplete", default=False, help_text="Has quarantined rows."
    )
    held_since = models.DateTimeField(
        null=True, blank=True, help_text="First of the empty answers for a day that has lines."
    )
    # Confluent restates a day for up to 72 hours after it ended:
    # https://docs.confluent.io/cloud/current/billing/overview.html
    is_settled = models.GeneratedField(
        verbose_name="settled",
        expression=models.Func(
            "fetched_at",
            "day",
            template="(%(expressions)s)",
            arg_joiner=" AT TIME ZONE 'UTC' >= INTERVAL '1 day 72 hours' + ",
            output_field=models.BooleanField(),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        db_table = "billing_days"
        ordering = ["-day", "organization"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "day"], name="billing_days_once"),
            models.CheckConstraint(
                condition=models.Q(last_collected_at__gte=models.F("first_collected_at")),
                name="billing_days_collected_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} v{self.version}"


class AmountSource(models.TextChoices):
    """Which of the received numbers a line's amount was taken from."""

    BILLED = "billed", "As billed"
    ORIGINAL_LESS_DISCOUNT = "original_less_discount", "Original less discount"
    QUANTITY_TIMES_PRICE = "quantity_times_price", "Quantity times price"


class CostLineItem(models.Model):
    """A line of a day's bill, everything Confluent said; a line that vanished keeps its row.

    The lines of a day are a multiset: equal lines are separate charges (price tiers).
    Texts are empty, not null, where the bill says nothing.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    day = models.DateField()
    product = models.TextField(blank=True)
    line_type = models.TextField(blank=True)
    resource_id = models.TextField(blank=True)
    resource_name = models.TextField(blank=True)
    env_id = models.TextField(blank=True)
    network_access_type = models.TextField(blank=True)
    unit = models.TextField(blank=True)
    price = NumericField(null=True)
    quantity = NumericField(null=True)
    original_amount = NumericField(null=True)
    discount_amount = NumericField(null=True)
    amount_received = NumericField(help_text="USD, before the one rounding to 10 places.")
    amount = AmountField(help_text="USD")
    amount_source = models.TextField(choices=AmountSource)
    list_amount = AmountField(help_text="USD, before discounts.")
    description = models.TextField(blank=True)
    tier_dimensions = models.JSONField(default=dict)
    granularity = models.TextField(blank=True)
    provider_id = models.TextField(blank=True, help_text="Confluent's; may be missing or repeated.")
    other_fields = models.JSONField(default=dict, help_text="What this version does not know.")
    content_hash = models.UUIDField()
    first_version = models.PositiveIntegerField()
    last_version = models.PositiveIntegerField(
        null=True, blank=True, help_text="Empty while the line is on the current bill."
    )

    class Meta:
        db_table = "cost_line_items"
        ordering = ["-day", "id"]
        indexes = [models.Index(fields=["organization", "day"], name="cost_line_items_by_day")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_version__isnull=True)
                | models.Q(last_version__gte=models.F("first_version")),
                name="cost_line_items_versions_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(amount_source__in=AmountSource.values),
                name="cost_line_items_amount_source_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.line_type or 'line'} {self.resource_id}".strip()


class DailyCostFact(models.Model):
    """A current bill line and who owes it: the relation that reports of a day or coarser read.

    `cluster_id` is the bill's resource id of any kind; null where the bill names none.
    """

    pk = models.CompositePrimaryKey("organization", "id")
    organization = models.ForeignKey(
        Organization, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    id = models.BigIntegerField()
    org_id = models.TextField()
    charge_date = models.DateField()
    line_item_id = models.BigIntegerField()
    env_id = models.TextField(null=True)  # noqa: DJ001 (null is the documented "none")
    cluster_id = models.TextField(null=True)  # noqa: DJ001
    product = models.TextField()
    line_type = models.TextField()
    business_unit = models.TextField(default=UNALLOCATED)
    cost_center = models.TextField(default=UNALLOCATED)
    allocation_confidence = models.TextField(choices=Confidence, default=Confidence.LOW)
    allocation_method = models.TextField(choices=Method, default=Method.UNALLOCATED)
    cost_usd = AmountField()
    list_cost_usd = AmountField()

    class Meta:
        db_table = "daily_cost_facts"
        indexes = [
            models.Index(fields=["organization", "charge_date"], name="daily_cost_facts_by_day")
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(allocation_confidence__in=Confidence.values),
                name="daily_cost_facts_confidence_known",
            ),
            models.CheckConstraint(
                condition=models.Q(allocation_method__in=Method.values),
                name="daily_cost_facts_method_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(business_unit="") & ~models.Q(cost_center=""),
                name="daily_cost_facts_owner_never_empty",
            ),
        ]


class HourlyCost(models.Model):
    """One hour of a daily fact. Partitioned by month; labels are on the daily fact.

    The table has no unique index (it would triple the cost of writing): the key below only
    tells Django how a row is named.
    """

    pk = models.CompositePrimaryKey("organization", "daily_cost_fact_id", "timestamp")
    organization = models.ForeignKey(Organization, models.DO_NOTHING, related_name="+")
    timestamp = models.DateTimeField()
    daily_cost_fact_id = models.BigIntegerField()
    cost_usd = AmountField()

    class Meta:
        managed = False
        db_table = "hourly_costs"


class HourlyCostFact(models.Model):
    """The documented view: hours with their labels. Read only."""

    pk = models.CompositePrimaryKey("org_id", "daily_cost_fact_id", "timestamp")
    timestamp = models.DateTimeField()
    org_id = models.TextField()
    env_id = models.TextField(null=True)  # noqa: DJ001
    cluster_id = models.TextField(null=True)  # noqa: DJ001
    product = models.TextField()
    line_type = models.TextField()
    cost_usd = AmountField()
    business_unit = models.TextField()
    cost_center = models.TextField()
    allocation_confidence = models.TextField()
    allocation_method = models.TextField()
    daily_cost_fact_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "hourly_cost_facts"
