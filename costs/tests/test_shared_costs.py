"""Charges that name no resource and no environment are shared by the policy of their line type."""

from decimal import Decimal

import pytest

from costs.allocation import allocate_days
from costs.tests.ownership import (
    cluster,
    environment,
    facts,
    line,
    october,
    organization,
    policy,
    rule,
    store,
    support,
)


@pytest.fixture
def acme(db):
    """Cost centers A, B and C own what the resources of their names cost."""
    acme = organization()
    for code in "ABC":
        rule(code, of=acme, cluster=cluster(code, of=acme))
    return acme


def cost_of(**direct):
    """cost_of(A=30) is a line of 30 USD that A owns; N is nobody's."""
    return [line(amount, resource=code) for code, amount in direct.items()]


def shared(acme, *lines):
    """(label, cost center, method, USD) of the shares of lines that have a label."""
    allocate_days(acme, store(acme, *lines))
    rows = facts("line", "cost_center", "allocation_method", "cost_usd")
    return [(label, owner, method, float(cost)) for label, owner, method, cost in rows if label]


def by(method, **shares):
    return [("support", code, method, share) for code, share in shares.items()]


def test_support_is_shared_by_direct_cost(acme):
    assert shared(acme, *cost_of(A=30, B=10), support(4)) == by("shared_proportional", A=3, B=1)


def test_unallocated_takes_part_like_any_cost_center(acme):
    assert shared(acme, *cost_of(A=30, N=10), support(4)) == by(
        "shared_proportional", A=3, Unallocated=1
    )


def test_a_negative_direct_cost_weighs_nothing(acme):
    assert shared(acme, *cost_of(A=30, B=-10, C=10), support(4)) == by(
        "shared_proportional", A=3, C=1
    )


def test_charges_and_credits_of_an_owner_weigh_together(acme):
    assert shared(acme, *cost_of(A=30), *cost_of(A=-20), *cost_of(B=10), support(4)) == by(
        "shared_proportional", A=2, B=2
    )


def test_a_base_of_nothing_is_shared_evenly(acme):
    assert shared(acme, *cost_of(A=0, B=-1), support(4)) == by("shared_even", A=2, B=2)


def test_without_any_cost_center_nobody_owns_it(acme):
    assert shared(acme, *cost_of(N=0), support(4)) == by("unallocated", Unallocated=4)
    assert facts("policy_id", "rule_id", line_type="SUPPORT") == [(None, None)]


def test_a_bill_of_nothing_else_is_owned_by_nobody(acme):
    assert shared(acme, support(4)) == by("unallocated", Unallocated=4)


def test_each_day_has_a_base_of_its_own(acme):
    first = [*cost_of(A=1), support(4)]
    second = [line(1, day=october(15), resource="B"), support(4, "tomorrow", day=october(15))]

    assert shared(acme, *first, *second) == [
        ("support", "A", "shared_proportional", 4),
        ("tomorrow", "B", "shared_proportional", 4),
    ]


def test_shared_charges_are_no_base_for_each_other(acme):
    policy("SUPPORT", "central", "C", of=acme)
    audit = line(8, "audit", line_type="AUDIT_LOG_READ")

    assert shared(acme, *cost_of(A=1), support(4), audit) == [
        ("audit", "A", "shared_proportional", 8),
        ("support", "C", "shared_central", 4),
    ]


def test_even_leaves_out_what_nobody_owns(acme):
    policy("SUPPORT", "even", of=acme)

    assert shared(acme, *cost_of(A=30, B=1, N=5), support(4)) == by("shared_even", A=2, B=2)


def test_even_without_a_cost_center_is_owned_by_nobody(acme):
    policy("SUPPORT", "even", of=acme)

    assert shared(acme, *cost_of(N=5), support(4)) == by("unallocated", Unallocated=4)


def test_fixed_percents_need_no_direct_cost(acme):
    policy("SUPPORT", "fixed", {"B": 25, "Z": 75}, of=acme)

    assert shared(acme, *cost_of(A=30), support(4)) == by("shared_fixed", B=1, Z=3)


def test_central_goes_to_the_named_cost_center(acme):
    policy("SUPPORT", "central", "Z", of=acme)

    assert shared(acme, *cost_of(A=30), support(4)) == by("shared_central", Z=4)


def test_central_without_a_name_is_unallocated(acme):
    policy("SUPPORT", "central", of=acme)

    assert shared(acme, *cost_of(A=30), support(4)) == by("shared_central", Unallocated=4)


@pytest.mark.parametrize(
    ("line_type", "method", "owner"),
    [
        ("SUPPORT", "shared_proportional", "A"),
        ("AUDIT_LOG_READ", "shared_proportional", "A"),
        ("PROMO_CREDIT", "shared_central", "Unallocated"),
        ("WAND", "unallocated", "Unallocated"),
    ],
)
def test_without_a_policy_the_default_of_the_line_type_holds(acme, line_type, method, owner):
    assert shared(acme, *cost_of(A=1), line(2, "it", product="", line_type=line_type)) == [
        ("it", owner, method, 2)
    ]


def test_a_policy_may_share_any_line_type(acme):
    made = policy("WAND", "proportional", of=acme)

    assert shared(acme, *cost_of(A=1), line(2, "wand", product="MAGIC", line_type="WAND")) == [
        ("wand", "A", "shared_proportional", 2)
    ]
    assert facts("policy_id", "allocation_confidence", line_type="WAND") == [(made.pk, "low")]


@pytest.mark.parametrize("place", [{"resource": "lkc-9"}, {"env": "env-9"}])
def test_a_policy_leaves_alone_what_names_a_resource_or_an_environment(acme, place):
    policy("SUPPORT", "central", "C", of=acme)

    assert shared(acme, line(4, "support", line_type="SUPPORT", **place)) == by(
        "unallocated", Unallocated=4
    )


@pytest.mark.parametrize(
    ("named", "decided"),
    [
        ({}, ("A", "shared_proportional")),
        ({"product": "SUPPORT"}, ("A", "shared_proportional")),
        ({"line_type": "SUPPORT"}, ("whole", "organization_rule")),
        ({"product": "SUPPORT", "line_type": "SUPPORT"}, ("whole", "organization_rule")),
    ],
)
def test_only_a_rule_that_names_the_line_type_comes_before_the_policy(acme, named, decided):
    rule("whole", of=acme, **named)
    owner, method = decided

    assert shared(acme, *cost_of(A=1), support(4)) == by(method, **{owner: 4})


def test_what_a_rule_decides_of_shared_charges_is_direct_cost(acme):
    rule("B", of=acme, line_type="AUDIT_LOG_READ")
    audit = line(3, line_type="AUDIT_LOG_READ")

    assert shared(acme, *cost_of(A=1), audit, support(4)) == by("shared_proportional", A=1, B=3)


def test_without_a_policy_a_rule_for_everything_decides(acme):
    rule("whole", of=acme)
    rule("env", of=acme, environment=environment("env-1", of=acme))

    assert shared(acme, line(2, "wand", product="MAGIC", line_type="WAND")) == [
        ("wand", "whole", "organization_rule", 2)
    ]


def test_a_policy_of_another_organization_shares_nothing(acme):
    policy("SUPPORT", "central", "C", of=organization("o-2"))

    assert shared(acme, *cost_of(A=1), support(4)) == by("shared_proportional", A=4)


def test_the_list_cost_is_shared_by_the_same_weights(acme):
    bill = [*cost_of(A=30, B=10), line(4, "support", line_type="SUPPORT", list_amount=8)]
    allocate_days(acme, store(acme, *bill))

    assert facts("cost_center", "cost_usd", "list_cost_usd", line_type="SUPPORT") == [
        ("A", Decimal("3.0000000000"), Decimal("6.0000000000")),
        ("B", Decimal("1.0000000000"), Decimal("2.0000000000")),
    ]
