"""What resources and environments cost in the month of the newest billed day. Views, read only."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from costs.fields import AmountField
from dimensions.models import Cluster, Environment


class MonthCost(models.Model):
    """USD of the UTC days first_day..last_day, both included; a row only where there is a cost."""

    first_day = models.DateField()
    last_day = models.DateField()
    cost_usd = AmountField()
    unallocated_usd = AmountField()
    cost_centers = ArrayField(models.TextField(), help_text="Who pays, by code.")

    class Meta:
        abstract = True


class ClusterMonthCost(MonthCost):
    cluster = models.OneToOneField(
        Cluster, models.DO_NOTHING, primary_key=True, related_name="month_cost"
    )

    class Meta:
        managed = False
        db_table = "cluster_month_costs"


class EnvironmentMonthCost(MonthCost):
    environment = models.OneToOneField(
        Environment, models.DO_NOTHING, primary_key=True, related_name="month_cost"
    )

    class Meta:
        managed = False
        db_table = "environment_month_costs"
