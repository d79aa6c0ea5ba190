"""Whatever the bill and the rules: the facts of every line are the line, to the last digit."""

import json
from decimal import Decimal, localcontext
from itertools import pairwise

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costs.allocation import allocate_days
from costs.models import DailyCostFact
from costs.reconciliation import reconcile
from costs.tests.ownership import (
    EVERY_COLUMN,
    center,
    cluster,
    environment,
    facts,
    line,
    october,
    organization,
    policy,
    rule,
    store,
    tag,
    undone,
)

CODES = ["A", "B", "C", "D"]
LINE_TYPES = ["KAFKA_STORAGE", "SUPPORT", "AUDIT_LOG_READ", "PROMO_CREDIT", "WAND", ""]
LARGEST = Decimal("9999999999.9999999999")

amounts = st.one_of(
    st.sampled_from([Decimal("1e-10"), Decimal("-1e-10"), Decimal(0), LARGEST, -LARGEST]),
    st.decimals(-1000, 1000, places=10),
)
lines = st.lists(
    st.fixed_dictionaries(
        {
            "amount": amounts,
            "list_amount": amounts,
            "day": st.sampled_from([october(14), october(15)]),
            "resource": st.sampled_from(["", "lkc-1", "lcc-1", "lkc-2"]),
            "name": st.sampled_from(["", "orders", "payments"]),
            "env": st.sampled_from(["", "env-1", "env-2"]),
            "product": st.sampled_from(["KAFKA", "SUPPORT", ""]),
            "line_type": st.sampled_from(LINE_TYPES),
        }
    ),
    min_size=1,
    max_size=12,
)


@st.composite
def percents(draw):
    """Codes with percents of four decimals that are 100 together."""
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=4, unique=True))
    cuts = draw(st.sets(st.integers(1, 999_999), min_size=len(codes) - 1, max_size=len(codes) - 1))
    edges = [0, *sorted(cuts), 1_000_000]
    parts = [Decimal(end - start) / 10_000 for start, end in pairwise(edges)]
    return dict(zip(codes, parts, strict=True))


rules = st.lists(
    st.tuples(
        st.sampled_from(["cluster", "pattern", "tag", "environment", "organization"]),
        st.sampled_from(["", "KAFKA"]),
        st.sampled_from(["", "SUPPORT", "KAFKA_STORAGE"]),
        percents(),
    ),
    max_size=5,
    unique_by=lambda each: each[:3],
)
policies = st.lists(
    st.tuples(
        st.sampled_from(LINE_TYPES[1:5]),
        st.sampled_from(["proportional", "even", "fixed", "central"]),
        percents(),
        st.booleans(),
    ),
    max_size=4,
    unique_by=lambda each: each[0],
)
any_bill = settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def own(acme, rules, policies):
    kafka, env = cluster("lkc-1", of=acme), environment("env-1", of=acme)
    cluster("lcc-1", of=acme, parent="lkc-1")
    tag(cluster("lkc-2", of=acme), "team", "checkout")
    center("A", "Retail")
    center("B", "Finance", october(15))
    selects = {
        "cluster": {"cluster": kafka}, "pattern": {"pattern": "^ord"},
        "tag": {"tagged": ("team", "checkout")}, "environment": {"environment": env},
    }  # fmt: skip
    for kind, product, line_type, pays in rules:
        named = selects.get(kind, {})
        rule(pays, of=acme, product=product, line_type=line_type, **named)
    for line_type, method, pays, is_named in policies:
        central = next(iter(pays)) if is_named else None
        policy(line_type, method, pays if method == "fixed" else central, of=acme)


def labelled(lines):
    """The label is the content of the line: the same charge twice is the same fact twice."""
    return [line(label=json.dumps(each, sort_keys=True, default=str), **each) for each in lines]


@any_bill
@given(lines=lines, rules=rules, policies=policies)
def test_every_line_is_its_facts_and_every_fact_its_hours(db, lines, rules, policies):
    with undone(), localcontext(prec=60):
        acme = organization()
        own(acme, rules, policies)
        bill = labelled(lines)

        allocate_days(acme, store(acme, *bill))

        sums = DailyCostFact.objects.values("line_item_id").annotate(
            cost=Sum("cost_usd"), listed=Sum("list_cost_usd")
        )
        assert sorted(sums.values_list("line_item_id", "cost", "listed")) == sorted(
            (each.pk, each.amount, each.list_amount) for each in bill
        )
        assert reconcile(october(1), october(31)).differences == []


@any_bill
@given(lines=lines, rules=rules, policies=policies, order=st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_nothing(db, lines, rules, policies, order):
    with undone(), localcontext(prec=60):
        acme = organization()
        own(acme, rules, policies)
        with undone():
            allocate_days(acme, store(acme, *labelled(lines)))
            in_one_order = facts(*EVERY_COLUMN)

        allocate_days(acme, store(acme, *order.sample(labelled(lines), len(lines))))

        assert facts(*EVERY_COLUMN) == in_one_order


@pytest.mark.parametrize("amount", ["1e-10", "-1e-10", "0", "9999999999.9999999999", "0.01"])
def test_a_line_splits_in_three_without_a_remainder(db, amount):
    acme = organization()
    rule({"A": "33.3333", "B": "33.3333", "C": "33.3334"}, of=acme)
    allocate_days(acme, store(acme, line(amount, resource="lkc-1")))

    assert DailyCostFact.objects.count() == 3
    assert DailyCostFact.objects.aggregate(Sum("cost_usd"))["cost_usd__sum"] == Decimal(amount)
    assert reconcile(october(14), october(15)).differences == []


def test_allocating_again_writes_nothing(db):
    acme = organization()
    rule({"A": 60, "B": 40}, of=acme)
    days = store(acme, line(1, resource="lkc-1"), line(2, line_type="SUPPORT"))
    allocate_days(acme, days)

    written = allocate_days(acme, days)

    assert (written.facts_added, written.facts_removed, written.facts_relabelled) == (0, 0, 0)
    assert (written.hours_added, written.days_changed) == (0, 0)


def test_equal_lines_stay_separate_charges(db):
    acme = organization()
    rule({"A": 50, "B": 50}, of=acme)
    allocate_days(acme, store(acme, *(line(1, resource="lkc-1") for _ in range(3))))

    assert facts("cost_center", "cost_usd") == [
        *[("A", Decimal("0.5000000000"))] * 3,
        *[("B", Decimal("0.5000000000"))] * 3,
    ]
