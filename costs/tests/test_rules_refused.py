"""What the database itself refuses about rules and policies, by the name of its constraint."""

from contextlib import contextmanager

import pytest
from django.db import DataError, IntegrityError, transaction

from costs.models import AllocationRule, AllocationTarget, SharedCostPolicy, SharedCostTarget
from costs.tests.ownership import (
    center,
    cluster,
    environment,
    october,
    organization,
    policy,
    rule,
    sql,
)


@pytest.fixture
def acme(db):
    return organization()


@contextmanager
def until_the_end():
    yield
    sql("SET CONSTRAINTS ALL IMMEDIATE")


@contextmanager
def refused(constraint, error=IntegrityError):
    """What stands in it fails by that constraint, at the latest when it would commit."""
    with pytest.raises(error, match=constraint), transaction.atomic(), until_the_end():
        yield


SELECTED_TWICE = {
    "cluster": lambda acme: {"cluster": cluster("lkc-1", of=acme)},
    "environment": lambda acme: {"environment": environment("env-1", of=acme)},
    "pattern": lambda acme: {"pattern": "^orders"},
    "tag": lambda acme: {"tagged": ("team", "checkout")},
    "organization": lambda acme: {},
    "narrowed": lambda acme: {"product": "KAFKA", "line_type": "KAFKA_STORAGE"},
}


@pytest.mark.parametrize("kind", SELECTED_TWICE)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((14, None), (14, None)),
        ((14, None), (20, None)),
        ((14, 16), (15, 17)),
        ((15, 16), (14, 17)),
        ((14, 16), (1, 15)),
    ],
)
def test_two_rules_for_the_same_charges_on_the_same_day(acme, kind, first, second):
    named = SELECTED_TWICE[kind](acme)
    rule("A", of=acme, **dated(*first), **named)

    with refused("allocation_rules_never_two"):
        rule("B", of=acme, **dated(*second), priority=7, **named)


@pytest.mark.parametrize("kind", SELECTED_TWICE)
def test_rules_that_meet_are_taken(acme, kind):
    named = SELECTED_TWICE[kind](acme)
    rule("A", of=acme, **dated(14, 15), **named)
    rule("B", of=acme, **dated(15, 16), **named)
    rule("C", of=acme, **dated(16, None), **named)
    sql("SET CONSTRAINTS ALL IMMEDIATE")

    assert AllocationRule.objects.count() == 3


def dated(first, end):
    return {"valid_from": october(first), "valid_to": end and october(end)}


def test_rules_that_select_something_else_may_hold_at_once(acme):
    rule("A", of=acme, pattern="orders")
    rule("B", of=acme, pattern="orders", product="KAFKA")
    rule("C", of=acme, pattern="orders", line_type="KAFKA")
    rule("D", of=acme, tagged=("a b", "c"))
    rule("E", of=acme, tagged=("a", "b c"))
    rule("F", of=acme)
    rule("G", of=organization("o-2"))
    sql("SET CONSTRAINTS ALL IMMEDIATE")

    assert AllocationRule.objects.count() == 7


@pytest.mark.parametrize("last", [13, 14])
def test_an_end_that_is_not_after_the_beginning(acme, last):
    with refused("allocation_rules_in_order"):
        rule("A", of=acme, **dated(14, last))
    with refused("shared_cost_policies_in_order"):
        policy("SUPPORT", "even", of=acme, **dated(14, last))


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "a{2,1}", "\\"])
def test_a_pattern_that_is_no_expression(acme, pattern):
    with refused("invalid regular expression", DataError):
        rule("A", of=acme, pattern=pattern)


@pytest.mark.parametrize(
    "fields",
    [
        {"selector": "cluster"},
        {"selector": "environment"},
        {"selector": "pattern"},
        {"selector": "tag", "tag_key": "team"},
        {"selector": "tag", "tag_value": "checkout"},
        {"selector": "pattern", "name_pattern": "a", "tag_key": "team"},
        {"selector": "organization", "name_pattern": "a"},
        {"selector": "organization", "tag_value": "checkout"},
    ],
    ids=str,
)
def test_a_selector_that_names_too_little_or_too_much(acme, fields):
    with refused(f"allocation_rules_{fields['selector']}_named"):
        AllocationRule.objects.create(organization=acme, valid_from=october(1), **fields)


def test_a_selector_with_a_second_thing_beside_it(acme):
    both = {"cluster": cluster("lkc-1", of=acme), "environment": environment("env-1", of=acme)}
    for selector in both:
        with refused(f"allocation_rules_{selector}_named"):
            AllocationRule.objects.create(
                organization=acme, valid_from=october(1), selector=selector, **both
            )


def test_an_unknown_selector(acme):
    with refused("allocation_rules_selector_known"):
        AllocationRule.objects.create(organization=acme, valid_from=october(1), selector="moon")


def test_a_resource_or_environment_of_another_organization(acme):
    other = organization("o-2")
    with refused("allocation_rules_one_organization|another organization"):
        rule("A", of=acme, cluster=cluster("lkc-1", of=other))
    with refused("allocation_rules_one_organization|another organization"):
        rule("A", of=acme, environment=environment("env-1", of=other))
    made = rule("A", of=acme, cluster=cluster("lkc-2", of=acme))
    with refused("allocation_rules_one_organization|another organization"):
        AllocationRule.objects.filter(pk=made.pk).update(organization=other)


@pytest.mark.parametrize(
    "pays", [{}, {"A": "99.9999"}, {"A": 60, "B": 41}, {"A": 50, "B": "49.9999"}], ids=str
)
def test_percents_that_are_not_100_together(acme, pays):
    with refused("The percents of allocation rule"):
        rule(pays, of=acme)


@pytest.mark.parametrize("percent", [0, "-1", "100.0001"])
def test_a_percent_that_is_no_share(acme, percent):
    with refused("allocation_targets_percent_in_range"):
        rule({"A": percent}, of=acme)
    with refused("shared_cost_targets_percent_in_range"):
        policy("SUPPORT", "fixed", {"A": percent}, of=acme)


def test_taking_a_target_away_or_changing_it_alone(acme):
    rule({"A": 60, "B": 40}, of=acme)
    with refused("The percents of allocation rule"):
        AllocationTarget.objects.get(percent=40).delete()
    with refused("The percents of allocation rule"):
        sql("UPDATE allocation_targets SET percent = 39 WHERE percent = 40")


def test_moving_a_target_to_another_rule(acme):
    rule("A", of=acme, pattern="a")
    other = rule("B", of=acme, pattern="b")
    with refused("The percents of allocation rule"):
        AllocationTarget.objects.filter(cost_center__code="A").update(rule=other)


def test_targets_may_be_exchanged_one_by_one_before_the_end(acme):
    made = rule({"A": 60, "B": 40}, of=acme)
    made.targets.all().delete()
    AllocationTarget.objects.create(rule=made, cost_center=center("C"))
    sql("SET CONSTRAINTS ALL IMMEDIATE")

    assert list(made.targets.values_list("cost_center__code", "percent")) == [("C", 100)]


def test_one_cost_center_twice(acme):
    made = rule({"A": 50, "B": 50}, of=acme)
    with refused("allocation_targets_once"):
        made.targets.update(percent=40)
        AllocationTarget.objects.create(rule=made, cost_center=center("A"), percent=20)


def test_two_policies_for_a_line_type_on_the_same_day(acme):
    policy("SUPPORT", "even", of=acme, **dated(14, 16))
    policy("SUPPORT", "central", of=acme, **dated(16, None))
    policy("PROMO_CREDIT", "even", of=acme)
    policy("SUPPORT", "even", of=organization("o-2"))

    with refused("shared_cost_policies_never_two"):
        policy("SUPPORT", "central", of=acme, **dated(15, 16))
    assert SharedCostPolicy.objects.count() == 4


@pytest.mark.parametrize("pays", [{}, {"A": 99}, {"A": 60, "B": 60}], ids=str)
def test_a_fixed_policy_whose_percents_are_not_100(acme, pays):
    with refused("The percents of shared cost policy"):
        policy("SUPPORT", "fixed", pays, of=acme)


@pytest.mark.parametrize("method", ["proportional", "even", "central"])
def test_percents_on_a_policy_that_is_not_fixed(acme, method):
    made = policy("SUPPORT", method, of=acme)
    with refused("The percents of shared cost policy"):
        SharedCostTarget.objects.create(policy=made, cost_center=center("A"), percent=100)


def test_a_policy_that_stops_to_be_fixed_and_keeps_its_percents(acme):
    made = policy("SUPPORT", "fixed", {"A": 100}, of=acme)
    with refused("The percents of shared cost policy"):
        SharedCostPolicy.objects.filter(pk=made.pk).update(method="even")


@pytest.mark.parametrize("method", ["proportional", "even", "fixed"])
def test_a_cost_center_on_a_policy_that_is_not_central(acme, method):
    with refused("shared_cost_policies_central_only"):
        SharedCostPolicy.objects.create(
            organization=acme, line_type="SUPPORT", method=method, cost_center=center("A"),
            valid_from=october(1),
        )  # fmt: skip


def test_a_policy_of_no_line_type_or_an_unknown_method(acme):
    with refused("shared_cost_policies_line_type_named"):
        policy("", "even", of=acme)
    with refused("shared_cost_policies_method_known"):
        policy("SUPPORT", "by dice", of=acme)
