"""Allocation rules: which charges a rule selects, from when to when, and who pays them."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import DataError, connection, models, transaction
from simple_history.models import HistoricalRecords

from costs.fields import PercentField
from dimensions.effective_dates import EffectiveDated, in_order, never_two
from dimensions.models import Cluster, CostCenter, Environment, Organization

HUNDRED = Decimal(100)
# What names the charges of each kind of selector, beside the organization.
SELECTING_FIELDS = {
    "cluster": ("cluster",),
    "pattern": ("name_pattern",),
    "tag": ("tag_key", "tag_value"),
    "environment": ("environment",),
    "organization": (),
}


def _selector_key() -> models.GeneratedField:
    """One text for what a rule selects; never null, so that the database can compare it."""
    names = (
        "organization",
        "selector",
        "cluster",
        "environment",
        "name_pattern",
        "tag_key",
        "tag_value",
        "product",
        "line_type",
    )
    return models.GeneratedField(
        expression=models.Func(
            *names,
            template="quote_nullable(%(expressions)s::text)",
            arg_joiner="::text) || ' ' || quote_nullable(",
            output_field=models.TextField(),
        ),
        output_field=models.TextField(),
        db_persist=True,
    )


def _selects_by(*named: str) -> models.Q:
    """Exactly the named ones of the selecting fields say something."""
    empty = {
        "cluster": models.Q(cluster=None),
        "environment": models.Q(environment=None),
        "name_pattern": models.Q(name_pattern=""),
        "tag_key": models.Q(tag_key=""),
        "tag_value": models.Q(tag_value=""),
    }
    condition = models.Q()
    for name, is_empty in empty.items():
        condition &= ~is_empty if name in named else is_empty
    return condition


class AllocationRule(EffectiveDated):
    """Charges that it selects are paid by its targets, from valid_from until before valid_to.

    The most specific rule decides: resource, its Kafka cluster, name pattern or tag, environment,
    organization; then the one that names the line type or product; then the higher priority;
    then the older rule.
    """

    class Selector(models.TextChoices):
        CLUSTER = "cluster", "A resource, and what runs on it"
        PATTERN = "pattern", "Resources by name pattern"
        TAG = "tag", "Resources by tag"
        ENVIRONMENT = "environment", "An environment"
        ORGANIZATION = "organization", "The whole organization"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="rules")
    selector = models.CharField("selects", max_length=20, choices=Selector)
    cluster = models.ForeignKey(
        Cluster,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rules",
        verbose_name="resource",
        help_text="A Kafka cluster's rule also holds for the connectors and ksqlDB on it.",
    )
    environment = models.ForeignKey(
        Environment, models.PROTECT, null=True, blank=True, related_name="rules"
    )
    name_pattern = models.CharField(
        max_length=500,
        blank=True,
        default="",
        help_text="Regular expression, found anywhere in the name on the bill; ^ and $ anchor it.",
    )
    tag_key = models.CharField(max_length=100, blank=True, default="")
    tag_value = models.CharField(max_length=200, blank=True, default="")
    product = models.CharField(
        max_length=200, blank=True, default="", help_text="Only this product; empty: every one."
    )
    line_type = models.CharField(
        max_length=200, blank=True, default="", help_text="Only this line type; empty: every one."
    )
    priority = models.SmallIntegerField(
        default=0, help_text="Between rules that are equally specific the higher one decides."
    )
    notes = models.TextField(blank=True, default="")
    selector_key = _selector_key()
    history = HistoricalRecords(excluded_fields=["selector_key"])

    class Meta:
        db_table = "allocation_rules"
        ordering = ["organization", "selector", "cluster", "environment", "-valid_from"]
        constraints = [
            in_order("allocation_rules_in_order"),
            never_two(
                "selector_key",
                name="allocation_rules_never_two",
                message="Another rule selects the same charges on some of these days.",
            ),
            *(
                models.CheckConstraint(
                    condition=~models.Q(selector=selector) | _selects_by(*fields),
                    name=f"allocation_rules_{selector}_named",
                    violation_error_message="Say what is selected, and nothing else beside it.",
                )
                for selector, fields in SELECTING_FIELDS.items()
            ),
            models.CheckConstraint(
                condition=models.Q(selector__in=list(SELECTING_FIELDS)),
                name="allocation_rules_selector_known",
            ),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.selected(), self.product, self.line_type)))

    def clean(self) -> None:
        """Raise ValidationError for what the database would refuse, by field and in words."""
        thing = self.cluster or self.environment
        if thing and not self.organization_id:
            self.organization = thing.organization
        errors: dict[str, str] = self._selecting_errors()
        if thing and thing.organization_id != self.organization_id:
            name = "cluster" if self.cluster else "environment"
            errors[name] = f"{thing} belongs to {thing.organization}."
        if self.name_pattern and (refused := _why_refused(self.name_pattern)):
            errors["name_pattern"] = f"PostgreSQL does not take this expression: {refused}."
        if errors:
            raise ValidationError(errors)

    def _selecting_errors(self) -> dict[str, str]:
        needed = SELECTING_FIELDS.get(self.selector, ())
        errors: dict[str, str] = {}
        for name in ("cluster", "environment", "name_pattern", "tag_key", "tag_value"):
            is_said = bool(getattr(self, name))
            if name in needed and not is_said:
                errors[name] = "Needed for what the rule selects."
            if is_said and name not in needed:
                errors[name] = "Leave it empty for what the rule selects."
        return errors

    def others_at_once(self) -> models.QuerySet["AllocationRule"]:
        """Stored rules that select the same charges on some of the same days."""
        same = AllocationRule.objects.exclude(pk=self.pk).filter(
            models.Q(valid_to=None) | models.Q(valid_to__gt=self.valid_from),
            organization=self.organization,
            selector=self.selector,
            cluster=self.cluster,
            environment=self.environment,
            name_pattern=self.name_pattern,
            tag_key=self.tag_key,
            tag_value=self.tag_value,
            product=self.product,
            line_type=self.line_type,
        )
        return same.filter(valid_from__lt=self.valid_to) if self.valid_to else same

    def payers(self) -> str:
        """Who pays, as of the targets at hand: a code, or codes with their percents."""
        targets = list(self.targets.all())
        if len(targets) == 1:
            return str(targets[0].cost_center.code)
        return ", ".join(
            f"{target.percent.normalize():f} % {target.cost_center.code}" for target in targets
        )

    def selected(self) -> str:
        """What it selects, in words."""
        match self.selector:
            case self.Selector.CLUSTER:
                return str(self.cluster)
            case self.Selector.ENVIRONMENT:
                return f"environment {self.environment}"
            case self.Selector.PATTERN:
                return f"names like {self.name_pattern}"
            case self.Selector.TAG:
                return f"tag {self.tag_key} = {self.tag_value}"
        return "whole organization"


def _why_refused(pattern: str) -> str:
    """What PostgreSQL says against a regular expression; empty when it takes it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT '' ~ %s", [pattern])
    except DataError as error:
        return str(error).strip().removeprefix("invalid regular expression: ")
    return ""


class AllocationTarget(models.Model):
    """A cost center's percent of what a rule selects; the percents of a rule are 100 together."""

    rule = models.ForeignKey(AllocationRule, models.CASCADE, related_name="targets")
    cost_center = models.ForeignKey(CostCenter, models.PROTECT, related_name="+")
    percent = PercentField(default=HUNDRED)
    history = HistoricalRecords()

    class Meta:
        db_table = "allocation_targets"
        ordering = ["rule", "cost_center"]
        verbose_name = "target"
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "cost_center"],
                name="allocation_targets_once",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="The cost center is already a target of this rule.",
            ),
            models.CheckConstraint(
                condition=models.Q(percent__gt=0) & models.Q(percent__lte=HUNDRED),
                name="allocation_targets_percent_in_range",
                violation_error_message="A percent is more than 0 and at most 100.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent.normalize():f} % {self.cost_center}"
