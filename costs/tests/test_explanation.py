"""explain: for every rule that selects a charge a sentence why it decides or does not."""

import pytest

from costs.allocation import allocate_days
from costs.explanation import explain
from costs.reallocation import reallocate_pending
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
    tag,
)

DAY = october(14)


@pytest.fixture
def acme(db):
    return organization()


def charged(acme, *lines):
    lines = lines or [line(1, resource="lkc-1", name="orders", env="env-1")]
    allocate_days(acme, store(acme, *lines))


def verdicts(acme, cluster_id="lkc-1"):
    """(rule, decides, verdict) of each rule weighed for the only line, best first."""
    (only,) = explain(acme, DAY, cluster_id).lines
    return [(each.rule, each.decides, each.verdict) for each in only.candidates]


def test_the_rule_that_decides_says_so(acme):
    made = rule("A", of=acme)
    charged(acme)

    assert verdicts(acme) == [(made, True, "Decides.")]


def test_a_less_specific_rule_loses(acme):
    wide = rule("A", of=acme)
    winner = rule("B", of=acme, cluster=cluster("lkc-1", of=acme))
    charged(acme)

    assert verdicts(acme) == [
        (winner, True, "Decides."),
        (wide, False, f"Less specific than rule {winner.pk}."),
    ]


def test_a_rule_that_names_less_loses(acme):
    plain = rule("A", of=acme)
    by_product = rule("B", of=acme, product="KAFKA")
    winner = rule("C", of=acme, line_type="KAFKA_STORAGE")
    charged(acme)

    names_more = f"Rule {winner.pk} names the product or line type more closely."
    assert verdicts(acme) == [
        (winner, True, "Decides."),
        (by_product, False, names_more),
        (plain, False, names_more),
    ]


def test_a_lower_priority_and_then_a_newer_rule_lose(acme):
    lower = rule("A", of=acme, pattern="or")
    winner = rule("B", of=acme, pattern="ord", priority=1)
    newer = rule("C", of=acme, pattern="orders", priority=1)
    charged(acme)

    assert verdicts(acme) == [
        (winner, True, "Decides."),
        (newer, False, f"Rule {winner.pk} is as specific and older."),
        (lower, False, f"Rule {winner.pk} has the higher priority."),
    ]


def test_rules_of_other_days_or_things_say_what_they_hold_for(acme):
    orders = cluster("lkc-1", of=acme)
    past = rule("A", of=acme, cluster=orders, valid_to=DAY)
    future = rule("B", of=acme, cluster=orders, valid_from=october(15))
    flink = rule("C", of=acme, cluster=orders, product="FLINK")
    both = rule("D", of=acme, cluster=orders, product="KAFKA", line_type="KAFKA_BASE")
    charged(acme)

    assert {each.pk: verdict for each, _, verdict in verdicts(acme)} == {
        past.pk: "Holds only from 2026-01-01 until before 2026-10-14.",
        future.pk: "Holds only from 2026-10-15 on.",
        flink.pk: "Names FLINK only.",
        both.pk: "Names KAFKA KAFKA_BASE only.",
    }
    assert not any(decides for _, decides, _ in verdicts(acme))


def test_a_policy_decides_before_a_rule_that_does_not_name_the_line_type(acme):
    wide = rule("A", of=acme)
    charged(acme, support(1))

    (only,) = explain(acme, DAY).lines

    assert only.policy == "The portal's default for SUPPORT: in proportion to direct cost."
    assert [(each.rule, each.decides, each.verdict) for each in only.candidates] == [
        (
            wide,
            False,
            "The line names no resource, so its policy decides unless a rule names its line type.",
        )
    ]


def test_a_stored_policy_is_named(acme):
    made = policy("SUPPORT", "central", "A", of=acme)
    charged(acme, support(1))

    (only,) = explain(acme, DAY).lines

    assert only.policy == f"Policy {made.pk} for SUPPORT: to one cost center."
    assert [fact.policy_id for fact in only.facts] == [made.pk]


def test_a_charge_that_nothing_selects_has_no_candidate(acme):
    rule("A", of=acme, pattern="payments")
    charged(acme)

    (only,) = explain(acme, DAY, "lkc-1").lines

    assert (only.policy, only.candidates) == ("", [])
    assert [fact.cost_center for fact in only.facts] == ["Unallocated"]


def test_what_it_says_decides_is_what_the_facts_say(acme):
    """With a rule of every kind: on a connector, a Kafka cluster, support, and a promotion."""
    kafka = cluster("lkc-1", of=acme)
    tag(cluster("lcc-1", of=acme, parent="lkc-1"), "team", "checkout")
    for named in (
        {"cluster": kafka},
        {"cluster": kafka, "line_type": "CONNECT"},
        {"pattern": "sink"},
        {"tagged": ("team", "checkout")},
        {"environment": environment("env-1", of=acme)},
        {"line_type": "SUPPORT"},
        {"product": "KAFKA"},
        {},
    ):
        rule("A", of=acme, **named)
    charged(
        acme,
        line(1, resource="lkc-1", name="orders", env="env-1"),
        line(2, resource="lcc-1", name="sink", env="env-1", line_type="CONNECT"),
        line(3, resource="lcc-2", name="sink", env="env-1"),
        line(4, resource="lcc-3", env="env-1", product="CONNECT"),
        line(5, resource="lcc-4", product="CONNECT"),
        support(6),
        line(7, product="", line_type="PROMO_CREDIT"),
    )
    explained = [
        each
        for cluster_id in ("", "lkc-1", "lcc-1", "lcc-2", "lcc-3", "lcc-4")
        for each in explain(acme, DAY, cluster_id).lines
    ]

    decided = {
        (line.amount, candidate.rule.pk, candidate.method)
        for line in explained
        for candidate in line.candidates
        if candidate.decides
    }
    assert len(explained) == 7
    assert sorted(decided) == [
        row for row in facts("cost_usd", "rule_id", "allocation_method") if row[1]
    ]


def test_it_says_when_the_facts_are_yet_to_follow(acme):
    charged(acme)
    list(reallocate_pending())
    assert not explain(acme, DAY, "lkc-1").is_pending

    made = rule("A", of=acme)

    explanation = explain(acme, DAY, "lkc-1")
    assert explanation.is_pending
    assert verdicts(acme) == [(made, True, "Decides.")]
    assert [fact.cost_center for fact in explanation.lines[0].facts] == ["Unallocated"]


def test_it_shows_only_the_lines_asked_for(acme):
    charged(
        acme,
        line(1, resource="lkc-1"),
        line(2, resource="lkc-2"),
        support(3),
        line(4, resource="lkc-1", day=october(15)),
    )

    assert [each.amount for each in explain(acme, DAY, "lkc-1").lines] == [1]
    assert [each.amount for each in explain(acme, DAY).lines] == [3]
    assert explain(acme, october(13), "lkc-1").lines == []
    assert explain(organization("o-2"), DAY, "lkc-1").lines == []


def test_it_shows_a_split_with_the_largest_share_first(acme):
    rule({"A": 20, "B": 80}, of=acme)
    charged(acme)

    (only,) = explain(acme, DAY, "lkc-1").lines

    assert [(fact.cost_center, float(fact.cost_usd)) for fact in only.facts] == [
        ("B", 0.8),
        ("A", 0.2),
    ]
