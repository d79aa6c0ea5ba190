"""Which edits make which days pending, and how much of them; the database notes it by itself."""

import pytest

from costs.models import AllocationChange, AllocationRule, BillingDay
from costs.reallocation import reallocate_pending
from costs.tests.ownership import (
    center,
    cluster,
    environment,
    line,
    october,
    organization,
    pending,
    policy,
    rule,
    sql,
    store,
    tag,
)
from dimensions.models import (
    BusinessUnit,
    Cluster,
    ClusterTag,
    CostCenter,
    CostCenterPlacement,
    Environment,
)

DAYS = [13, 14, 15, 16, 17]


@pytest.fixture
def acme(db):
    acme = organization()
    store(acme, *(line(1, day=october(number), resource="lkc-1") for number in DAYS))
    return acme


def settled():
    """From here on only what comes counts."""
    list(reallocate_pending())
    assert pending() == []
    return AllocationChange.objects.count()


def noted(before):
    """(wide, clusters, environments, patterns, cost centers) of each change since, oldest first."""
    changes = AllocationChange.objects.order_by("id").values_list(
        "is_wide", "cluster_ids", "env_ids", "name_patterns", "cost_centers"
    )
    return list(changes)[before:]


def test_a_new_rule_makes_its_days_pending(acme):
    rule("A", of=acme, pattern="orders", valid_from=october(14), valid_to=october(16))

    assert pending() == [14, 15]


def test_a_rule_without_an_end_makes_every_later_day_pending(acme):
    rule("A", of=acme, valid_from=october(15))

    assert pending() == [15, 16, 17]


@pytest.mark.parametrize(
    ("selector", "scope"),
    [
        ("organization", (True, [], [], [], [])),
        ("cluster", (False, ["lkc-1"], [], [], [])),
        ("environment", (False, [], ["env-1"], [], [])),
        ("pattern", (False, [], [], ["^orders"], [])),
        ("tag", (False, ["lkc-1"], [], [], [])),
    ],
)
def test_a_rule_may_move_what_it_selects(acme, selector, scope):
    orders = cluster("lkc-1", of=acme)
    tag(orders, "team", "checkout")
    named = {
        "organization": {}, "cluster": {"cluster": orders}, "pattern": {"pattern": "^orders"},
        "environment": {"environment": environment("env-1", of=acme)},
        "tag": {"tagged": ("team", "checkout")},
    }  # fmt: skip
    before = settled()

    rule("A", of=acme, **named[selector])

    assert noted(before) == [scope]


def test_a_note_on_anything_makes_no_day_pending(acme):
    orders = cluster("lkc-1", of=acme)
    tag(orders, "team", "checkout")
    center("A", "Retail")
    for made in (rule("A", of=acme, cluster=orders), policy("SUPPORT", "even", of=acme)):
        settled()
        made.notes = "Asked by Ms Okafor."
        made.save()
        assert pending() == []
    BusinessUnit.objects.update(name="Retail stores", contact="a@example.com")
    CostCenter.objects.update(name="Checkout", notes="?")
    Environment.objects.update(stage="production")
    Cluster.objects.update(name="orders", name_override="Orders", notes="!")

    assert pending() == []


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "days"),
    [
        (14, 16, []),
        (13, 16, [13]),
        (15, 16, [14]),
        (14, 17, [16]),
        (14, 15, [15]),
        (14, None, [16, 17]),
        (13, 17, [13, 16]),
        (16, 17, [14, 15, 16]),
    ],
)
def test_new_dates_make_only_the_days_between_pending(acme, valid_from, valid_to, days):
    made = [
        rule("A", of=acme, valid_from=october(14), valid_to=october(16)),
        policy("SUPPORT", "even", of=acme, valid_from=october(14), valid_to=october(16)),
    ]
    center("A", "Retail", october(14), october(16))
    for each in [*made, CostCenterPlacement.objects.get()]:
        settled()
        each.valid_from, each.valid_to = october(valid_from), valid_to and october(valid_to)
        each.save()
        assert pending() == days


@pytest.mark.parametrize(
    "change",
    [
        {"priority": 5},
        {"product": "KAFKA"},
        {"line_type": "KAFKA_STORAGE"},
        {"name_pattern": "payments"},
    ],
    ids=str,
)
def test_another_selection_makes_all_days_of_the_rule_pending(acme, change):
    made = rule("A", of=acme, pattern="orders", valid_from=october(14), valid_to=october(16))
    settled()

    AllocationRule.objects.filter(pk=made.pk).update(**change)

    assert pending() == [14, 15]


def test_another_target_makes_all_days_of_the_rule_pending(acme):
    made = rule("A", of=acme, valid_from=october(14), valid_to=october(16))
    settled()

    made.targets.update(cost_center=center("B"))

    assert pending() == [14, 15]


def test_the_same_target_again_makes_none_pending(acme):
    made = rule("A", of=acme)
    settled()

    made.targets.get().save()

    assert pending() == []


def test_a_deleted_rule_makes_its_days_pending(acme):
    made = rule("A", of=acme, valid_from=october(14), valid_to=october(16))
    settled()

    made.delete()

    assert pending() == [14, 15]


@pytest.mark.parametrize("first", ["allocation_rules", "allocation_targets"])
def test_a_rule_deleted_by_hand_makes_its_days_pending(acme, first):
    """In either order: the foreign key is looked at when the transaction ends."""
    rule("A", of=acme, pattern="^orders", valid_from=october(14), valid_to=october(16))
    before = settled()
    deletes = {name: f"DELETE FROM {name}" for name in ("allocation_rules", "allocation_targets")}

    sql(deletes.pop(first))
    sql(*deletes.values())
    sql("SET CONSTRAINTS ALL IMMEDIATE")

    assert pending() == [14, 15]
    assert (False, [], [], ["^orders"], []) in noted(before)


def test_sql_by_hand_counts_too(acme):
    rule("A", of=acme, pattern="orders", valid_from=october(14), valid_to=october(16))
    settled()

    sql("UPDATE allocation_rules SET valid_to = '2026-10-17'")

    assert pending() == [16]


def test_policies_and_their_targets_make_their_days_pending(acme):
    dates = {"valid_from": october(14), "valid_to": october(16)}
    made = policy("SUPPORT", "fixed", {"A": 60, "B": 40}, of=acme, **dates)
    assert pending() == [14, 15]
    settled()

    made.targets.filter(percent=60).update(cost_center=center("C"))
    assert pending() == [14, 15]
    before = settled()
    made.delete()
    assert pending() == [14, 15]
    assert set(map(str, noted(before))) == {"(False, [], [], [], [])"}


def test_a_placement_makes_its_days_pending_and_moves_what_its_cost_center_pays(acme):
    before = settled()
    center("A", "Retail", october(14), october(16))
    assert (pending(), noted(before)) == ([14, 15], [(False, [], [], [], ["A"])])

    settled()
    CostCenterPlacement.objects.update(business_unit=BusinessUnit.objects.create(code="Finance"))
    assert pending() == [14, 15]

    settled()
    CostCenterPlacement.objects.all().delete()
    assert pending() == [14, 15]


def test_a_placement_given_to_another_cost_center_moves_what_both_pay(acme):
    center("A", "Retail", october(14), october(16))
    before = settled()

    CostCenterPlacement.objects.update(cost_center=center("B"))

    assert [sorted(codes) for *_, codes in noted(before)] == [["A", "B"], ["A", "B"]]


def test_a_new_code_makes_every_day_pending(acme):
    center("A", "Retail", october(14), october(16))
    before = settled()
    CostCenter.objects.update(code="A2")
    assert (pending(), noted(before)) == (DAYS, [(False, [], [], [], ["A"])])

    before = settled()
    BusinessUnit.objects.update(code="Stores")
    assert (pending(), noted(before)) == (DAYS, [(False, [], [], [], ["A2"])])


def test_a_tag_makes_its_days_pending(acme):
    before = settled()
    tag(cluster("lkc-1", of=acme), "team", "checkout", october(14), october(16))
    assert (pending(), noted(before)) == ([14, 15], [(False, ["lkc-1"], [], [], [])])

    settled()
    ClusterTag.objects.update(value="payments")
    assert pending() == [14, 15]

    settled()
    ClusterTag.objects.all().delete()
    assert pending() == [14, 15]


def test_a_kafka_cluster_learnt_makes_days_pending_only_with_a_rule_of_it(acme):
    rule("A", of=acme, cluster=cluster("lkc-1", of=acme))
    before = settled()

    cluster("lcc-2", of=acme, parent="lkc-2")
    cluster("lcc-0", of=acme)
    assert pending() == []

    cluster("lcc-1", of=acme, parent="lkc-1")
    assert (pending(), noted(before)) == (DAYS, [(False, ["lcc-1"], [], [], [])])

    for parent, days in ((None, DAYS), ("lkc-2", []), ("lkc-1", DAYS), ("lkc-1", [])):
        settled()
        Cluster.objects.filter(cluster_id="lcc-1").update(parent_cluster_id=parent)
        assert pending() == days


def test_only_days_of_the_organization_become_pending(acme):
    other = organization("o-2")
    store(other, line(1, day=october(14), resource="lkc-1"))
    settled()

    rule("A", of=other)
    assert list(BillingDay.objects.pending().values_list("organization", flat=True)) == [other.pk]

    settled()
    center("A", "Retail")
    assert BillingDay.objects.pending().count() == 6


def test_a_change_undone_makes_nothing_pending(acme):
    sql("SAVEPOINT before_the_edit")
    rule("A", of=acme)
    sql("ROLLBACK TO SAVEPOINT before_the_edit")

    assert pending() == []
