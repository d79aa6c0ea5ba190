"""Business units and cost centers, and which cost center belongs to which unit from when on."""

from django.core.validators import RegexValidator
from django.db import models
from simple_history.models import HistoricalRecords

from dimensions.effective_dates import EffectiveDated, in_order, never_two

# Facts and exports carry codes. A comma, colon or semicolon would break a list of targets.
CODE = r"^[A-Za-z0-9][A-Za-z0-9 ._/&-]*[A-Za-z0-9]$|^[A-Za-z0-9]$"
RESERVED = r"(?i)^unallocated$"


def _code(help_text: str) -> models.CharField:  # type: ignore[type-arg]
    return models.CharField(
        max_length=60,
        unique=True,
        help_text=help_text,
        validators=[
            RegexValidator(
                CODE, "Use letters, digits, spaces and . _ / & - (at the ends neither)."
            ),
            RegexValidator(
                RESERVED, "“Unallocated” stands for costs that nobody owns.", inverse_match=True
            ),
        ],
    )


def _code_is_clean(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(code__regex=CODE) & ~models.Q(code__iexact="unallocated"),
        name=name,
        violation_error_message="This code cannot be used.",
    )


class Owner(models.Model):
    """What business units and cost centers have in common."""

    name = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=200, blank=True, help_text="A person or mailbox.")
    notes = models.TextField(blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        code, name = self.code, self.name  # type: ignore[attr-defined]
        return f"{code} · {name}" if name else str(code)


class BusinessUnit(Owner):
    code = _code("As finance writes it; reports and facts carry it.")
    history = HistoricalRecords()

    class Meta:
        db_table = "dimensions_business_units"
        ordering = ["code"]
        constraints = [_code_is_clean("dimensions_business_units_code_clean")]


class CostCenter(Owner):
    """Who pays. Its business unit may change over time: see CostCenterPlacement."""

    code = _code("As finance writes it; rules charge to it, reports and facts carry it.")
    history = HistoricalRecords()

    class Meta:
        db_table = "dimensions_cost_centers"
        ordering = ["code"]
        constraints = [_code_is_clean("dimensions_cost_centers_code_clean")]


class CostCenterPlacement(EffectiveDated):
    """The business unit of a cost center from valid_from until before valid_to."""

    cost_center = models.ForeignKey(CostCenter, models.CASCADE, related_name="placements")
    business_unit = models.ForeignKey(BusinessUnit, models.PROTECT, related_name="placements")
    history = HistoricalRecords()

    class Meta:
        db_table = "dimensions_cost_center_placements"
        ordering = ["cost_center", "-valid_from"]
        verbose_name = "placement"
        constraints = [
            in_order("dimensions_placements_in_order"),
            never_two(
                "cost_center",
                name="dimensions_placements_never_two",
                message="The cost center already has a business unit on some of these days.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cost_center_id} in {self.business_unit_id} from {self.valid_from}"
