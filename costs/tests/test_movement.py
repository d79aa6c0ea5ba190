"""What a change moves is said before it commits, and is what applying it then moves."""

from collections import Counter
from decimal import Decimal

import pytest

from costs import movement, reallocation
from costs.allocation import current_revision
from costs.models import DailyCostFact, HourlyCost
from costs.movement import movement_since
from costs.reallocation import reallocate_pending, rewrite_days
from costs.tests.ownership import (
    EVERY_COLUMN,
    center,
    cluster,
    facts,
    line,
    october,
    organization,
    pending,
    policy,
    rule,
    store,
    support,
)
from dimensions.models import BusinessUnit, CostCenterPlacement

DAYS = (13, 14, 15, 16)


@pytest.fixture
def acme(db):
    """Orders (4 USD), payments (2) and support (3) a day; orders is A's of Retail."""
    acme = organization()
    center("A", "Retail")
    center("B", "Finance")
    rule("A", of=acme, cluster=cluster("lkc-1", of=acme))
    for number in DAYS:
        day = october(number)
        orders = line(4, "orders", day=day, resource="lkc-1", name="orders")
        payments = line(2, "payments", day=day, resource="lkc-2", name="payments")
        store(acme, orders, payments, support(3, day=day))
    list(rewrite_days(acme, october(1), october(31)))
    return acme


def told(moved):
    """(business unit, cost center, before, after) of each owner that gains or loses."""
    return [
        (each.business_unit, each.cost_center, float(each.before), float(each.after))
        for each in moved.owners
    ]


def owned(days):
    """USD of the days by (business unit, cost center)."""
    total = Counter()
    rows = DailyCostFact.objects.filter(charge_date__in=days)
    for unit, code, cost in rows.values_list("business_unit", "cost_center", "cost_usd"):
        total[unit, code] += cost
    return total


def assert_comes_true(moved, days):
    """Applying the change turns the figures before into those after, and moves no other day."""
    before, others = owned(days), facts(*EVERY_COLUMN, charge_date__lt=days[0])
    list(reallocate_pending())
    after = owned(days)
    assert {(each.business_unit, each.cost_center): each.before for each in moved.owners} == {
        owner: before[owner] for owner in before | after if before[owner] != after[owner]
    }
    assert {(each.business_unit, each.cost_center): each.after for each in moved.owners} == {
        owner: after[owner] for owner in before | after if before[owner] != after[owner]
    }
    assert facts(*EVERY_COLUMN, charge_date__lt=days[0]) == others


def test_a_rule_says_what_each_owner_gains_and_loses(acme):
    revision = current_revision()
    rule("B", of=acme, pattern="payments", valid_from=october(15))

    moved = movement_since(revision)

    assert (moved.days, moved.first, moved.last) == (2, october(15), october(16))
    assert told(moved) == [
        ("Finance", "B", 0, 6),
        ("Unallocated", "Unallocated", 6, 0),
    ]
    assert (moved.moved, moved.moves_nothing, moved.days_left_out) == (6, False, 0)
    assert [each.change for each in moved.owners] == [6, -6]
    assert_comes_true(moved, [october(15), october(16)])


def test_a_split_says_what_moves(acme):
    revision = current_revision()
    acme.rules.get().delete()
    rule({"A": 50, "B": 50}, of=acme, cluster=acme.clusters.get(), valid_from=october(14))

    moved = movement_since(revision)

    assert moved.days == 4
    assert_comes_true(moved, [october(number) for number in DAYS])


def test_a_placement_says_what_moves_between_business_units(acme):
    revision = current_revision()
    home = CostCenterPlacement.objects.filter(cost_center__code="A")
    home.update(valid_to=october(16))
    center("A", "Finance", october(16))

    moved = movement_since(revision)

    assert moved.days == 1
    assert told(moved) == [("Finance", "A", 0, 6), ("Retail", "A", 6, 0)]
    assert_comes_true(moved, [october(16)])


def test_a_policy_says_what_moves(acme):
    revision = current_revision()
    policy("SUPPORT", "fixed", {"A": 50, "B": 50}, of=acme, valid_from=october(16))

    moved = movement_since(revision)

    assert told(moved) == [
        ("Finance", "B", 0, 1.5),
        ("Retail", "A", 6, 5.5),
        ("Unallocated", "Unallocated", 3, 2),
    ]
    assert_comes_true(moved, [october(16)])


def test_a_new_name_of_a_business_unit_moves_it_whole(acme):
    revision = current_revision()
    BusinessUnit.objects.filter(code="Retail").update(code="Stores")

    moved = movement_since(revision)

    assert told(moved) == [("Retail", "A", 24, 0), ("Stores", "A", 0, 24)]


def test_a_change_that_moves_nothing_says_so(acme):
    revision = current_revision()
    rule("B", of=acme, pattern="orders")

    moved = movement_since(revision)

    assert (moved.days, moved.first, moved.last, moved.owners) == (0, None, None, [])
    assert (moved.moves_nothing, moved.moved) == (True, 0)


def test_no_change_moves_nothing(acme):
    moved = movement_since(current_revision())

    assert (moved.moves_nothing, moved.days, moved.days_left_out) == (True, 0, 0)


def test_a_change_that_is_only_told_is_a_change_of_labels(acme):
    """The same cost center by another rule: days are written, no dollar moves."""
    revision = current_revision()
    rule("A", of=acme, cluster=acme.clusters.get(), product="KAFKA")

    moved = movement_since(revision)

    assert (moved.days, moved.owners, moved.moved) == (4, [], 0)
    assert not moved.moves_nothing


def test_it_counts_only_changes_after_the_revision(acme):
    rule("B", of=acme, pattern="payments", valid_to=october(14))
    revision = current_revision()
    rule("B", of=acme, pattern="payments", valid_from=october(16))

    moved = movement_since(revision)

    assert (moved.days, moved.first) == (1, october(16))


def test_it_leaves_out_what_takes_too_long_and_says_how_much(acme):
    revision = current_revision()
    rule("B", of=acme, pattern="payments", valid_from=october(14))

    moved = movement_since(revision, patience=0)

    assert (moved.days, moved.owners, moved.days_left_out) == (0, [], 3)
    assert not moved.moves_nothing


def test_it_writes_no_fact_and_leaves_the_days_pending(acme):
    before = (facts("id", *EVERY_COLUMN), list(HourlyCost.objects.values_list()))
    revision = current_revision()
    rule("B", of=acme, pattern="payments")

    movement_since(revision)

    assert (facts("id", *EVERY_COLUMN), list(HourlyCost.objects.values_list())) == before
    assert pending() == list(DAYS)


def test_it_adds_up_organizations(acme):
    other = organization("o-2")
    store(other, line(10, day=october(16), resource="lkc-1", name="payments"))
    list(rewrite_days(other, october(1), october(31)))
    revision = current_revision()
    for each in (acme, other):
        rule("B", of=each, pattern="payments", valid_from=october(16))

    assert told(movement_since(revision)) == [
        ("Finance", "B", 0, 13),
        ("Unallocated", "Unallocated", 13, 0),
    ]


def test_an_owner_that_moves_on_some_of_the_days_counts_on_all_of_them(acme, monkeypatch):
    """However the days are cut into batches, the figures are those of all moved days."""
    revision = current_revision()
    orders = acme.clusters.get()
    rule("B", of=acme, pattern="payments")
    rule("B", of=acme, cluster=orders, product="KAFKA", valid_from=october(16))
    at_once = told(movement_since(revision))

    monkeypatch.setattr(reallocation, "BATCH_DAYS", 1)
    monkeypatch.setattr(movement, "BATCH_DAYS", 1)

    assert ("Retail", "A", 24, 18) in at_once
    assert told(movement_since(revision)) == at_once


def test_its_figures_are_exact(acme):
    revision = current_revision()
    thirds = {"A": "33.3333", "B": "33.3333", "C": "33.3334"}
    rule(thirds, of=acme, pattern="payments", valid_from=october(16))

    moved = movement_since(revision)

    assert sum(each.change for each in moved.owners) == Decimal(0)
    assert_comes_true(moved, [october(16)])
