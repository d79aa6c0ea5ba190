"""What was changed about who pays: the rules revision. Written by the database's own triggers."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from dimensions.models import Organization


class AllocationChange(models.Model):
    """A change of rules, policies, placements or tags: which charges of which days it may move.

    The newest id is the rules revision. A billing day that was allocated before a change that
    covers it is pending until it is allocated again. Whoever changes a rule, by whatever way,
    cannot forget this row: triggers write it in the same transaction, ids in order of commit.
    """

    organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, related_name="+", help_text="Empty: all of them."
    )
    what = models.TextField(help_text="The table and the kind of change.")
    first_day = models.DateField()
    end_day = models.DateField(null=True, help_text="Exclusive; empty: every later day.")
    is_wide = models.BooleanField(help_text="May move any charge of its days.")
    cluster_ids = ArrayField(models.TextField(), help_text="Charges of these, and on these.")
    env_ids = ArrayField(models.TextField())
    name_patterns = ArrayField(models.TextField())
    cost_centers = ArrayField(models.TextField(), help_text="Charges they pay now, by code.")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "allocation_changes"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.what} from {self.first_day}"
