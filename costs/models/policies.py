"""Shared cost policies: who pays the charges that name no resource and no environment."""

from django.db import models
from simple_history.models import HistoricalRecords

from costs.fields import PercentField
from dimensions.effective_dates import EffectiveDated, in_order, never_two
from dimensions.models import CostCenter, Organization


class SharedCostPolicy(EffectiveDated):
    """How the charges of one line type that name nobody are shared, between two UTC days.

    proportional: by each cost center's direct cost of the day, Unallocated among them;
    even: over the cost centers with direct cost that day; fixed: by the percents given;
    central: all to one cost center, or to Unallocated when none is named.
    """

    class Method(models.TextChoices):
        PROPORTIONAL = "proportional", "In proportion to direct cost"
        EVEN = "even", "Evenly over the cost centers with direct cost"
        FIXED = "fixed", "By fixed percents"
        CENTRAL = "central", "To one cost center"

    # Where no policy is stored for a line type; others are shared only by a policy.
    DEFAULTS = {
        "SUPPORT": Method.PROPORTIONAL,
        "AUDIT_LOG_READ": Method.PROPORTIONAL,
        "PROMO_CREDIT": Method.CENTRAL,
    }

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="policies")
    line_type = models.CharField(max_length=200, help_text="Such as SUPPORT or PROMO_CREDIT.")
    method = models.CharField(max_length=20, choices=Method)
    cost_center = models.ForeignKey(
        CostCenter,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Only of “to one cost center”; empty: Unallocated.",
    )
    notes = models.TextField(blank=True, default="")
    history = HistoricalRecords()

    class Meta:
        db_table = "shared_cost_policies"
        ordering = ["organization", "line_type", "-valid_from"]
        verbose_name_plural = "shared cost policies"
        constraints = [
            in_order("shared_cost_policies_in_order"),
            never_two(
                "organization",
                "line_type",
                name="shared_cost_policies_never_two",
                message="Another policy holds for this line type on some of these days.",
            ),
            models.CheckConstraint(
                condition=models.Q(method__in=["proportional", "even", "fixed", "central"]),
                name="shared_cost_policies_method_known",
            ),
            models.CheckConstraint(
                condition=models.Q(method="central") | models.Q(cost_center=None),
                name="shared_cost_policies_central_only",
                violation_error_message="Only “to one cost center” takes a cost center here.",
            ),
            models.CheckConstraint(
                condition=~models.Q(line_type=""), name="shared_cost_policies_line_type_named"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_type}: {self.get_method_display()}"


class SharedCostTarget(models.Model):
    """A cost center's percent of a policy by fixed percents; together they are 100."""

    policy = models.ForeignKey(SharedCostPolicy, models.CASCADE, related_name="targets")
    cost_center = models.ForeignKey(CostCenter, models.PROTECT, related_name="+")
    percent = PercentField()
    history = HistoricalRecords()

    class Meta:
        db_table = "shared_cost_targets"
        ordering = ["policy", "cost_center"]
        verbose_name = "target"
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "cost_center"],
                name="shared_cost_targets_once",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="The cost center is already a target of this policy.",
            ),
            models.CheckConstraint(
                condition=models.Q(percent__gt=0) & models.Q(percent__lte=100),
                name="shared_cost_targets_percent_in_range",
                violation_error_message="A percent is more than 0 and at most 100.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} % {self.cost_center}"
