"""assign: charge things to a cost center from a day on, and keep what was before."""

import pytest

from costs.assignment import assign
from costs.models import AllocationRule, AllocationTarget
from costs.reallocation import reallocate_pending
from costs.tests.ownership import (
    LONG_AGO,
    center,
    cluster,
    environment,
    facts,
    line,
    october,
    organization,
    pending,
    rule,
    sql,
    store,
)


@pytest.fixture
def acme(db):
    return organization()


@pytest.fixture
def orders(acme):
    return cluster("lkc-1", of=acme)


def rules():
    """(what, cost center, from, to before) of every rule, in the order of their days."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    targets = AllocationTarget.objects.order_by("rule__valid_from", "rule_id")
    return [
        (
            str(each.rule),
            each.cost_center.code,
            _day(each.rule.valid_from),
            _day(each.rule.valid_to),
        )
        for each in targets.select_related("rule__cluster", "rule__environment", "cost_center")
    ]


def _day(day):
    return None if day is None else "long ago" if day == LONG_AGO else day.day


def test_the_first_owner_pays_from_the_day_on(orders):
    assert assign([orders], center("A"), valid_from=october(15)) == 1

    assert rules() == [("lkc-1", "A", 15, None)]


def test_the_rule_in_force_ends_where_the_new_one_begins(acme, orders):
    rule("A", of=acme, cluster=orders)

    assign([orders], center("B"), valid_from=october(15))

    assert rules() == [("lkc-1", "A", "long ago", 15), ("lkc-1", "B", 15, None)]


def test_a_rule_that_had_ended_before_stays_as_it_was(acme, orders):
    rule("A", of=acme, cluster=orders, valid_to=october(10))

    assign([orders], center("B"), valid_from=october(15))

    assert rules() == [("lkc-1", "A", "long ago", 10), ("lkc-1", "B", 15, None)]


def test_a_rule_of_the_same_day_is_replaced(acme, orders):
    rule("A", of=acme, cluster=orders, valid_to=october(15))
    rule("B", of=acme, cluster=orders, valid_from=october(15))

    assign([orders], center("C"), valid_from=october(15))

    assert rules() == [("lkc-1", "A", "long ago", 15), ("lkc-1", "C", 15, None)]


def test_a_later_rule_still_begins(acme, orders):
    rule("A", of=acme, cluster=orders, valid_to=october(20))
    rule("B", of=acme, cluster=orders, valid_from=october(20), valid_to=october(25))
    rule("D", of=acme, cluster=orders, valid_from=october(25))

    assign([orders], center("C"), valid_from=october(15))

    assert rules() == [
        ("lkc-1", "A", "long ago", 15),
        ("lkc-1", "C", 15, 20),
        ("lkc-1", "B", 20, 25),
        ("lkc-1", "D", 25, None),
    ]


def test_before_the_first_rule_it_lasts_until_that_begins(acme, orders):
    rule("B", of=acme, cluster=orders, valid_from=october(20))

    assign([orders], center("A"), valid_from=october(15))

    assert rules() == [("lkc-1", "A", 15, 20), ("lkc-1", "B", 20, None)]


def test_what_is_already_charged_so_keeps_its_rule(acme, orders):
    made = rule("A", of=acme, cluster=orders)
    payments = cluster("lkc-2", of=acme)

    assert assign([orders, payments], center("A"), valid_from=october(15)) == 1

    assert rules() == [("lkc-1", "A", "long ago", None), ("lkc-2", "A", 15, None)]
    assert made.history.count() == 1


def test_a_split_becomes_one_cost_center(acme, orders):
    rule({"A": 60, "B": 40}, of=acme, cluster=orders)

    assign([orders], center("A"), valid_from=october(15))

    assert rules() == [
        ("lkc-1", "A", "long ago", 15),
        ("lkc-1", "B", "long ago", 15),
        ("lkc-1", "A", 15, None),
    ]


@pytest.mark.parametrize("named", [{"product": "KAFKA"}, {"line_type": "KAFKA_STORAGE"}])
def test_rules_for_one_product_or_line_type_are_left_alone(acme, orders, named):
    rule("A", of=acme, cluster=orders, **named)

    assign([orders], center("B"), valid_from=october(15))

    assert [(code, *days) for _, code, *days in rules()] == [
        ("A", "long ago", None),
        ("B", 15, None),
    ]


def test_environments_are_assigned_as_clusters_are(acme, orders):
    production, test = environment("env-1", of=acme), environment("env-2", of=acme)
    rule("A", of=acme, cluster=orders)
    rule("B", of=acme, environment=production)

    assert assign([production, test], center("C"), valid_from=october(15)) == 2

    assert rules() == [
        ("lkc-1", "A", "long ago", None),
        ("environment env-1", "B", "long ago", 15),
        ("environment env-1", "C", 15, None),
        ("environment env-2", "C", 15, None),
    ]


def test_things_of_several_organizations_get_rules_of_their_own(acme, orders):
    theirs = cluster("lkc-1", of=organization("o-2"))

    assign([orders, theirs], center("A"), valid_from=october(15))

    made = AllocationRule.objects.order_by("organization__org_id")
    assert list(made.values_list("organization__org_id", "cluster")) == [
        ("o-1", orders.pk),
        ("o-2", theirs.pk),
    ]


def test_nothing_chosen_changes_nothing(db):
    assert assign([], center("A"), valid_from=october(15)) == 0
    assert rules() == []


def test_every_change_is_in_the_history(acme, orders):
    rule("A", of=acme, cluster=orders, valid_to=october(15))
    rule("B", of=acme, cluster=orders, valid_from=october(15))
    assign([orders], center("C"), valid_from=october(14))
    assign([orders], center("D"), valid_from=october(14))

    kept = AllocationRule.history.order_by("history_id")
    said = [(each.history_type, _day(each.valid_from), _day(each.valid_to)) for each in kept]
    assert said == [
        ("+", "long ago", 15),
        ("+", 15, None),
        ("~", "long ago", 14),
        ("+", 14, 15),
    ]
    targets = AllocationTarget.history.order_by("history_id")
    assert [(each.history_type, each.cost_center.code) for each in targets] == [
        ("+", "A"), ("+", "B"), ("+", "C"), ("~", "D"),
    ]  # fmt: skip


def test_the_charges_follow_from_the_day_on(acme, orders):
    store(acme, *(line(1, day=october(day), resource="lkc-1") for day in (14, 15, 16)))
    rule("A", of=acme, cluster=orders)
    list(reallocate_pending())

    assign([orders], center("B"), valid_from=october(15))

    assert pending() == [15, 16]
    list(reallocate_pending())
    assert [owner for _, owner in facts("charge_date", "cost_center")] == ["A", "B", "B"]


def test_the_number_of_things_costs_few_statements_to_look_at(acme, django_assert_max_num_queries):
    things = [cluster(f"lkc-{n}", of=acme) for n in range(40)]
    payer = center("A")

    with django_assert_max_num_queries(20):
        assign(things, payer, valid_from=october(15))
