"""The facts made of the bill: who owes what. allocation writes whole days of them by SQL.

Every key of a fact relation starts with the organization, and facts carry no foreign keys:
a check per row would cost more than the row, and billing_days already holds the reference.
"""

from django.db import models

from costs.fields import AmountField
from dimensions.models import Organization

UNALLOCATED = "Unallocated"


class Confidence(models.TextChoices):
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Method(models.TextChoices):
    """Who decided on the owner of a cost: a kind of rule, a shared cost policy, or nobody."""

    CLUSTER_RULE = "cluster_rule", "Rule of the resource"
    PARENT_CLUSTER_RULE = "parent_cluster_rule", "Rule of its Kafka cluster"
    PATTERN_RULE = "pattern_rule", "Rule for its name"
    TAG_RULE = "tag_rule", "Rule for its tag"
    ENVIRONMENT_RULE = "environment_rule", "Rule of its environment"
    ORGANIZATION_RULE = "organization_rule", "Rule of the organization"
    SHARED_PROPORTIONAL = "shared_proportional", "Shared in proportion to direct cost"
    SHARED_EVEN = "shared_even", "Shared evenly"
    SHARED_FIXED = "shared_fixed", "Shared by fixed percents"
    SHARED_CENTRAL = "shared_central", "Kept central"
    UNALLOCATED = "unallocated", "Unallocated"


CONFIDENCE = {
    Method.CLUSTER_RULE: Confidence.HIGH,
    Method.PARENT_CLUSTER_RULE: Confidence.MEDIUM,
    Method.PATTERN_RULE: Confidence.MEDIUM,
    Method.TAG_RULE: Confidence.MEDIUM,
    Method.ENVIRONMENT_RULE: Confidence.MEDIUM,
    Method.ORGANIZATION_RULE: Confidence.MEDIUM,
    Method.SHARED_PROPORTIONAL: Confidence.LOW,
    Method.SHARED_EVEN: Confidence.LOW,
    Method.SHARED_FIXED: Confidence.LOW,
    Method.SHARED_CENTRAL: Confidence.LOW,
    Method.UNALLOCATED: Confidence.LOW,
}
"""How sure an owner is, by what decided on it."""


class DailyCostFact(models.Model):
    """A current bill line or a share of one, and who owes it.

    The relation that reports of a day or coarser read.

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
    rule_id = models.BigIntegerField(null=True, help_text="The allocation rule that decided.")
    policy_id = models.BigIntegerField(null=True, help_text="The shared cost policy that decided.")
    cost_usd = AmountField()
    list_cost_usd = AmountField()

    class Meta:
        db_table = "daily_cost_facts"
        indexes = [
            models.Index(fields=["organization", "charge_date"], name="daily_cost_facts_by_day"),
            models.Index(fields=["organization", "line_item_id"], name="daily_cost_facts_by_line"),
            models.Index(
                fields=["organization", "cluster_id", "charge_date"],
                name="daily_cost_facts_by_resource",
            ),
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
            models.CheckConstraint(
                condition=models.Q(rule_id=None) | models.Q(policy_id=None),
                name="daily_cost_facts_decided_once",
            ),
        ]


class DailyOwnerCost(models.Model):
    """Sums of the daily facts by owner, kept in the same transaction; reconcile proves them.

    Shared costs and previews ask what each owner owes of a day, which would else be the sum of
    thousands of facts. names_nobody: the charges without a resource and an environment.
    """

    pk = models.CompositePrimaryKey(
        "organization", "charge_date", "business_unit", "cost_center", "names_nobody"
    )
    organization = models.ForeignKey(
        Organization, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    charge_date = models.DateField()
    business_unit = models.TextField()
    cost_center = models.TextField()
    names_nobody = models.BooleanField()
    facts = models.IntegerField(help_text="How many daily facts.")
    cost_usd = AmountField(max_digits=30)

    class Meta:
        db_table = "daily_owner_costs"


class DailyResourceCost(models.Model):
    """Sums of the daily facts by resource and owner, over line types; kept in the same transaction.

    Questions that do not name line types read it; reconcile proves it against the facts. The
    labels are those of the facts; their hash, made by the database, stands for them in the key.
    """

    pk = models.CompositePrimaryKey("organization", "charge_date", "labels_hash")
    organization = models.ForeignKey(
        Organization, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    charge_date = models.DateField()
    labels_hash = models.UUIDField()
    facts = models.IntegerField(help_text="How many daily facts.")
    org_id = models.TextField()
    env_id = models.TextField(null=True)  # noqa: DJ001
    cluster_id = models.TextField(null=True)  # noqa: DJ001
    product = models.TextField()
    business_unit = models.TextField()
    cost_center = models.TextField()
    allocation_confidence = models.TextField()
    allocation_method = models.TextField()
    cost_usd = AmountField(max_digits=30)
    usage_usd = AmountField(max_digits=30)
    credits_usd = AmountField(max_digits=30)
    list_cost_usd = AmountField(max_digits=30)

    class Meta:
        db_table = "daily_resource_costs"
        indexes = [
            models.Index(
                fields=["organization", "cluster_id", "charge_date"],
                name="resource_costs_by_resource",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(cost_usd=models.F("usage_usd") + models.F("credits_usd")),
                name="daily_resource_costs_split_by_sign",
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
