"""Months whose hours were written to a file and dropped; their daily facts stay."""

from datetime import date

from django.db import models

from costs.fields import AmountField
from dimensions.models import Organization


class ArchivedHoursQuerySet(models.QuerySet["ArchivedHours"]):
    def of_days(self, start: date, end: date) -> "ArchivedHoursQuerySet":
        """The months that have one of the UTC days [start, end)."""
        return self.filter(month__gte=start.replace(day=1), month__lt=end)


class ArchivedHours(models.Model):
    """A month of an organization as it stood when its hours were archived.

    A month is archived for every organization at once, since they share its partition; one that
    is billed in it for the first time later on has daily facts only, and no row.
    """

    pk = models.CompositePrimaryKey("organization", "month")
    organization = models.ForeignKey(
        Organization, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    month = models.DateField(help_text="Its first day.")
    days = models.PositiveIntegerField(help_text="Stored days of the bill.")
    day_versions = models.PositiveBigIntegerField(
        help_text="Sum of the versions of these days; another one now tells of a restatement since."
    )
    hours = models.PositiveBigIntegerField(help_text="Rows of the organization in the file.")
    cost_usd = AmountField(max_digits=30, help_text="Sum of these rows.")
    archived_at = models.DateTimeField()
    file_name = models.TextField()

    objects = ArchivedHoursQuerySet.as_manager()

    class Meta:
        db_table = "archived_hours"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(month__day=1), name="archived_hours_of_a_whole_month"
            )
        ]
