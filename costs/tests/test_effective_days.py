"""Rules, policies, placements and tags hold from a day on and until before another."""

import pytest

from costs.allocation import allocate_days
from costs.tests.ownership import (
    center,
    cluster,
    facts,
    line,
    october,
    organization,
    policy,
    rule,
    store,
    support,
    tag,
)


@pytest.fixture
def acme(db):
    return organization()


def owners(acme, make=line, **fields):
    """(day of October, cost center, business unit) of a line a day, 13th to 17th."""
    bill = [make(1, day=october(number), **fields) for number in range(13, 18)]
    allocate_days(acme, store(acme, *bill))
    rows = facts("charge_date", "cost_center", "business_unit")
    return [(day.day, *owner) for day, *owner in rows]


def paid_by(acme, make=line, **fields):
    return [owner for _, owner, _ in owners(acme, make, **fields)]


def test_a_rule_holds_from_its_first_day_until_before_its_last(acme):
    rule("A", of=acme, valid_from=october(14), valid_to=october(16))

    assert paid_by(acme, resource="lkc-1") == [
        "Unallocated",
        "A",
        "A",
        "Unallocated",
        "Unallocated",
    ]


def test_two_rules_meet_without_a_gap(acme):
    kafka = cluster("lkc-1", of=acme)
    rule("old", of=acme, cluster=kafka, valid_to=october(15))
    rule("new", of=acme, cluster=kafka, valid_from=october(15))

    assert paid_by(acme, resource="lkc-1") == ["old", "old", "new", "new", "new"]


def test_a_rule_of_one_day_holds_for_it(acme):
    rule("A", of=acme)
    kafka = cluster("lkc-1", of=acme)
    rule("B", of=acme, cluster=kafka, valid_from=october(15), valid_to=october(16))

    assert paid_by(acme, resource="lkc-1") == ["A", "A", "B", "A", "A"]


def test_a_tag_holds_from_its_first_day_until_before_its_last(acme):
    kafka = cluster("lkc-1", of=acme)
    tag(kafka, "team", "checkout", october(14), october(16))
    tag(kafka, "team", "payments", october(16))
    rule("C", of=acme, tagged=("team", "checkout"))
    rule("P", of=acme, tagged=("team", "payments"))

    assert paid_by(acme, resource="lkc-1") == ["Unallocated", "C", "C", "P", "P"]


def test_a_tag_and_its_rule_must_both_hold(acme):
    tag(cluster("lkc-1", of=acme), "team", "checkout", october(14), october(16))
    rule("C", of=acme, tagged=("team", "checkout"), valid_from=october(15))
    rule("rest", of=acme)

    assert paid_by(acme, resource="lkc-1") == ["rest", "rest", "C", "rest", "rest"]


def test_a_policy_holds_from_its_first_day_until_before_its_last(acme):
    policy("SUPPORT", "central", "old", of=acme, valid_from=october(14), valid_to=october(15))
    policy("SUPPORT", "central", "new", of=acme, valid_from=october(16))

    assert paid_by(acme, support) == ["Unallocated", "old", "Unallocated", "new", "new"]


def test_a_cost_center_moves_between_business_units_by_day(acme):
    center("A", "Retail", october(14), october(16))
    center("A", "Finance", october(17))
    rule("A", of=acme)

    assert owners(acme, resource="lkc-1") == [
        (13, "A", "Unallocated"),
        (14, "A", "Retail"),
        (15, "A", "Retail"),
        (16, "A", "Unallocated"),
        (17, "A", "Finance"),
    ]
