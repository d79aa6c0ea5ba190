"""What the proof of the stored days came to, each time the schedule made it."""

from django.db import models

from costs.fields import AmountField


class ReconciliationCheck(models.Model):
    """One proof of the UTC days [first_day, end_day) of every organization."""

    checked_at = models.DateTimeField()
    first_day = models.DateField()
    end_day = models.DateField(help_text="Exclusive.")
    days = models.PositiveIntegerField(help_text="Stored, of all organizations.")
    missing_days = models.PositiveIntegerField(help_text="Never collected.")
    doubtful_days = models.PositiveIntegerField(help_text="Incomplete or held.")
    pending_days = models.PositiveIntegerField(help_text="Owed as by rules that changed since.")
    differences = models.PositiveIntegerField(help_text="Where bill and facts disagree; 0 is good.")
    difference_usd = AmountField(
        "difference (USD)",
        max_digits=30,
        help_text="The largest by which a day's facts or lines are off its bill.",
    )

    class Meta:
        db_table = "reconciliation_checks"
        ordering = ["-checked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_day__gt=models.F("first_day")),
                name="reconciliation_checks_days_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_day} to {self.end_day}"
