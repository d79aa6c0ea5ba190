"""Which of two rules decides on a line: the most specific, the narrowest, the higher, the older."""

from itertools import combinations, permutations

import pytest

from costs.allocation import allocate_days
from costs.tests.ownership import (
    cluster,
    environment,
    facts,
    line,
    organization,
    rule,
    store,
    tag,
)

# In the order in which they win; the two names of one place are equal.
CONNECTOR, KAFKA, ENVIRONMENT, ORGANIZATION = "connector", "kafka", "environment", "organization"
PATTERN, TAG = "pattern", "tag"
RANK = {CONNECTOR: 1, KAFKA: 2, PATTERN: 3, TAG: 3, ENVIRONMENT: 4, ORGANIZATION: 5}
DECIDED = {
    CONNECTOR: ("cluster_rule", "high"),
    KAFKA: ("parent_cluster_rule", "medium"),
    PATTERN: ("pattern_rule", "medium"),
    TAG: ("tag_rule", "medium"),
    ENVIRONMENT: ("environment_rule", "medium"),
    ORGANIZATION: ("organization_rule", "medium"),
}
NARROWNESS = [
    {"product": "KAFKA", "line_type": "KAFKA_STORAGE"},
    {"line_type": "KAFKA_STORAGE"},
    {"product": "KAFKA"},
    {},
]


@pytest.fixture
def acme(db):
    """A connector on a Kafka cluster, tagged, in an environment: every kind of rule may hold."""
    acme = organization()
    cluster("lkc-1", of=acme)
    environment("env-1", of=acme)
    tag(cluster("lcc-1", of=acme, parent="lkc-1"), "team", "checkout")
    return acme


def selecting(kind, acme):
    """What a rule of the kind says to select the connector. Its cost center is named like it."""
    match kind:
        case "connector":
            return {"cluster": acme.clusters.get(cluster_id="lcc-1")}
        case "kafka":
            return {"cluster": acme.clusters.get(cluster_id="lkc-1")}
        case "pattern":
            return {"pattern": "sink$"}
        case "tag":
            return {"tagged": ("team", "checkout")}
        case "environment":
            return {"environment": acme.environments.get()}
    return {}


def decided(acme):
    """(cost center, method, confidence) of the connector's only line."""
    bill = line(1, resource="lcc-1", name="orders-sink", env="env-1")
    allocate_days(acme, store(acme, bill))
    (only,) = facts("cost_center", "allocation_method", "allocation_confidence")
    return only


@pytest.mark.parametrize("kind", RANK)
def test_each_kind_of_rule_decides_with_its_method_and_confidence(acme, kind):
    rule(kind, of=acme, **selecting(kind, acme))

    assert decided(acme) == (kind, *DECIDED[kind])


def test_without_a_rule_nobody_owns_it(acme):
    assert decided(acme) == ("Unallocated", "unallocated", "low")


@pytest.mark.parametrize(
    ("winner", "loser"), [pair for pair in combinations(RANK, 2) if RANK[pair[0]] < RANK[pair[1]]]
)
def test_the_more_specific_wins_over_one_that_is_older_higher_and_narrower(acme, winner, loser):
    rule(loser, of=acme, priority=100, **NARROWNESS[0], **selecting(loser, acme))
    rule(winner, of=acme, **selecting(winner, acme))

    assert decided(acme) == (winner, *DECIDED[winner])


@pytest.mark.parametrize(("older", "newer"), list(permutations([PATTERN, TAG])))
def test_a_pattern_and_a_tag_are_equally_specific_so_the_older_wins(acme, older, newer):
    rule(older, of=acme, **selecting(older, acme))
    rule(newer, of=acme, **selecting(newer, acme))

    assert decided(acme) == (older, *DECIDED[older])


@pytest.mark.parametrize("kind", RANK)
@pytest.mark.parametrize(
    ("narrower", "wider"), list(combinations(NARROWNESS, 2)), ids=lambda named: "+".join(named)
)
def test_the_narrower_wins_over_one_that_is_older_and_higher(acme, kind, narrower, wider):
    rule("wider", of=acme, priority=100, **wider, **selecting(kind, acme))
    rule("narrower", of=acme, **narrower, **selecting(kind, acme))

    assert decided(acme) == ("narrower", *DECIDED[kind])


@pytest.mark.parametrize("named", [{"product": "FLINK"}, {"line_type": "KAFKA_BASE"}])
def test_a_rule_for_something_else_does_not_decide(acme, named):
    rule("other", of=acme, **named, **selecting(CONNECTOR, acme))
    rule("organization", of=acme)

    assert decided(acme) == ("organization", *DECIDED[ORGANIZATION])


def test_the_higher_priority_wins_over_the_older(acme):
    rule("older", of=acme, pattern="sink")
    rule("higher", of=acme, pattern="orders", priority=1)

    assert decided(acme) == ("higher", *DECIDED[PATTERN])


def test_the_older_wins_when_nothing_else_tells_them_apart(acme):
    rule("older", of=acme, pattern="sink")
    rule("newer", of=acme, pattern="orders")

    assert decided(acme) == ("older", *DECIDED[PATTERN])


def test_a_rule_of_another_organization_does_not_decide(acme):
    rule("stranger", of=organization("o-2"))

    assert decided(acme) == ("Unallocated", "unallocated", "low")


def test_a_tag_rule_needs_both_key_and_value(acme):
    rule("payments", of=acme, tagged=("team", "payments"))
    rule("stage", of=acme, tagged=("stage", "checkout"))

    assert decided(acme) == ("Unallocated", "unallocated", "low")


def test_a_kafka_cluster_pays_only_for_what_runs_on_it(acme):
    cluster("lcc-2", of=acme, parent="lkc-2")
    rule("kafka", of=acme, cluster=acme.clusters.get(cluster_id="lkc-1"))
    bill = [line(1, each, resource=each) for each in ("lkc-1", "lcc-1", "lcc-2", "lcc-unknown")]

    allocate_days(acme, store(acme, *bill))

    assert facts("line", "cost_center", "allocation_method") == [
        ("lcc-1", "kafka", "parent_cluster_rule"),
        ("lcc-2", "Unallocated", "unallocated"),
        ("lcc-unknown", "Unallocated", "unallocated"),
        ("lkc-1", "kafka", "cluster_rule"),
    ]


def test_the_rule_of_what_runs_on_a_connector_does_not_reach_its_kafka_cluster(acme):
    rule("connector", of=acme, **selecting(CONNECTOR, acme))

    allocate_days(acme, store(acme, line(1, resource="lkc-1")))

    assert facts("cost_center") == [("Unallocated",)]


def test_a_pattern_needs_a_name_and_a_resource(acme):
    rule("named", of=acme, pattern="orders")
    bill = [
        line(1, "named", resource="lkc-1", name="all-orders-eu"),
        line(1, "nameless", resource="lkc-1"),
        line(1, "no resource", name="orders", env="env-1"),
        line(1, "in another case", resource="lkc-1", name="Orders"),
    ]

    allocate_days(acme, store(acme, *bill))

    assert facts("line", "cost_center") == [
        ("in another case", "Unallocated"),
        ("named", "named"),
        ("nameless", "Unallocated"),
        ("no resource", "Unallocated"),
    ]


def test_an_environment_pays_for_lines_without_a_resource(acme):
    rule("environment", of=acme, **selecting(ENVIRONMENT, acme))
    bill = [line(1, "inside", env="env-1"), line(1, "outside", env="env-2"), line(1, "nowhere")]

    allocate_days(acme, store(acme, *bill))

    assert facts("line", "cost_center", "allocation_method") == [
        ("inside", "environment", "environment_rule"),
        ("nowhere", "Unallocated", "unallocated"),
        ("outside", "Unallocated", "unallocated"),
    ]


def test_a_line_without_a_product_is_found_by_its_label(acme):
    rule("labelled", of=acme, product="WAND")
    rule("unknown", of=acme, product="UNKNOWN", line_type="UNKNOWN")
    bill = [
        line(1, "by line type", product="", line_type="WAND"),
        line(1, "by nothing", product="", line_type=""),
    ]

    allocate_days(acme, store(acme, *bill))

    assert facts("line", "product", "line_type", "cost_center") == [
        ("by line type", "WAND", "WAND", "labelled"),
        ("by nothing", "UNKNOWN", "UNKNOWN", "unknown"),
    ]
