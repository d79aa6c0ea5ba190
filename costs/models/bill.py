"""The bill as received. The unit of work is one UTC day of one organization; bill.py writes it."""

from django.db import models

from costs.fields import AmountField, NumericField
from costs.models.changes import AllocationChange
from dimensions.models import Organization


class BillingDayQuerySet(models.QuerySet["BillingDay"]):
    def covered_by(self, changes: models.QuerySet[AllocationChange]) -> "BillingDayQuerySet":
        """Days on which one of the changes may have moved a charge."""
        return self.filter(
            models.Exists(
                changes.filter(
                    models.Q(organization=None)
                    | models.Q(organization=models.OuterRef("organization")),
                    models.Q(end_day=None) | models.Q(end_day__gt=models.OuterRef("day")),
                    first_day__lte=models.OuterRef("day"),
                )
            )
        )

    def pending(self) -> "BillingDayQuerySet":
        """Days that were allocated before a change which covers them."""
        later = AllocationChange.objects.filter(pk__gt=models.OuterRef("rules_revision"))
        return self.covered_by(later)


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
    rules_revision = models.PositiveBigIntegerField(
        default=0, help_text="The newest change of rules that its facts know of."
    )
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

    objects = BillingDayQuerySet.as_manager()

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


class BillingDayVersion(models.Model):
    """What a day came to in each of its versions, and when the portal came to know it.

    Written in the transaction that makes the version; nothing changes it afterwards.
    """

    pk = models.CompositePrimaryKey("organization", "day", "version")
    organization = models.ForeignKey(
        Organization, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    day = models.DateField()
    version = models.PositiveIntegerField()
    changed_at = models.DateTimeField(help_text="When the fetch that brought it began.")
    line_count = models.PositiveIntegerField()
    amount = AmountField(max_digits=30, help_text="USD, sum of its lines.")

    class Meta:
        db_table = "billing_day_versions"


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
    billed_name = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="The first name that the day's bill gave the resource; rules for names match it.",
    )
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
        indexes = [
            models.Index(fields=["organization", "day"], name="cost_line_items_by_day"),
            # A new owner of one resource looks at its lines alone, of however many days.
            models.Index(
                fields=["organization", "resource_id", "day"], name="cost_line_items_by_resource"
            ),
        ]
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
