"""The demo's people show every way to allocate, over days that change, and are not obeyed twice."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Sum

from collector.management.demo_company import Days
from collector.models import CollectionRun
from costs.models import (
    AllocationRule,
    AllocationTarget,
    BillingDay,
    DailyCostFact,
    Method,
    SharedCostPolicy,
)
from dimensions.models import BusinessUnit, ClusterTag, CostCenterPlacement, Environment


def seed(days=90):
    said = StringIO()
    call_command("seed_demo", "--days", str(days), stdout=said)
    return said.getvalue()


def total(**filters):
    return DailyCostFact.objects.filter(**filters).aggregate(sum=Sum("cost_usd"))["sum"]


def days_of(**filters):
    facts = DailyCostFact.objects.filter(**filters)
    return set(facts.values_list("charge_date", flat=True))


def test_it_shows_each_way_to_allocate_and_proves_it(db):
    said = seed()

    methods = set(DailyCostFact.objects.values_list("allocation_method", flat=True))
    assert set(Method.values) - methods == {"shared_even", "shared_fixed"}
    allocated = 1 - total(cost_center="Unallocated") / total()
    assert 0.85 < allocated < 0.92
    assert "Allocated 90 days." in said
    assert not BillingDay.objects.pending().exists()
    call_command("reconcile", stdout=StringIO())


def test_it_shows_owners_that_change(db):
    seed(75)  # the whole month before this one, and days before it

    loyalty = {"cluster_id": "lkc-x4c9pt"}
    before = days_of(**loyalty, cost_center="4100")
    since = days_of(**loyalty, cost_center="4150")
    assert max(before) + timedelta(days=1) == min(since)
    assert min(since).day == 15
    assert len(since) >= 20
    erp = {"cost_center": "4410"}
    assert max(days_of(**erp, business_unit="STORES")) < min(
        days_of(**erp, business_unit="PLATFORM")
    )


def test_it_shows_what_inherits_splits_and_is_nobodys(db):
    seed(5)

    inherited = DailyCostFact.objects.filter(allocation_method="parent_cluster_rule")
    assert {"lcc-9ok2vw", "lksqlc-1wq8d"} <= set(inherited.values_list("cluster_id", flat=True))
    split = DailyCostFact.objects.filter(cluster_id="lkc-m5w02j")
    assert set(split.values_list("cost_center", flat=True)) == {"4100", "4120"}
    assert set(
        DailyCostFact.objects.filter(env_id="env-a5tz1c").values_list("cost_center", flat=True)
    ) == {"Unallocated"}
    assert Environment.objects.get(env_id="env-s3vn8q").stage == "non-production"


def test_everything_it_makes_has_a_history(db):
    seed(3)

    for model in (
        BusinessUnit, CostCenterPlacement, ClusterTag, AllocationRule, AllocationTarget,
        SharedCostPolicy,
    ):  # fmt: skip
        assert model.history.count() == model.objects.count() > 0
    assert Environment.history.count() == 5


def test_what_somebody_changed_stays_so(db):
    seed(3)
    AllocationRule.objects.filter(selector="environment").delete()
    BusinessUnit.objects.filter(code="STORES").update(name="Shops")
    rules = AllocationRule.objects.count()

    seed(3)

    assert not BillingDay.objects.pending().exists()
    assert AllocationRule.objects.count() == rules
    assert BusinessUnit.objects.get(code="STORES").name == "Shops"
    assert "Allocated" not in seed(3)


def test_a_portal_with_owners_of_its_own_gets_none_of_the_demos(db):
    BusinessUnit.objects.create(code="MINE")

    seed(3)

    assert BusinessUnit.objects.get().code == "MINE"
    assert not AllocationRule.objects.exists()
    assert CollectionRun.objects.exists()


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 3, 5), date(2026, 12, 31)])
def test_its_days_are_in_order_whenever_it_is_tried(today):
    days = Days.of(today - timedelta(days=89), today)

    assert days.began < days.units_changed < days.handed_over <= today - timedelta(days=20)
    assert days.handed_over > today - timedelta(days=89)
