"""After any edits, allocating only what they may have moved comes to what allocating all does.

The triggers note what a change may move. Were that ever too little, a charge would keep a wrong
owner, and nothing would say so: this is what these examples look for.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costs.models import (
    AllocationRule,
    AllocationTarget,
    SharedCostPolicy,
    SharedCostTarget,
)
from costs.reallocation import reallocate_pending, rewrite_days
from costs.reconciliation import reconcile
from costs.tests.ownership import (
    EVERY_COLUMN,
    LONG_AGO,
    center,
    cluster,
    environment,
    facts,
    line,
    october,
    organization,
    pending,
    policy,
    sql,
    store,
    support,
    undone,
)
from dimensions.models import (
    BusinessUnit,
    Cluster,
    ClusterTag,
    CostCenter,
    CostCenterPlacement,
    Environment,
    Organization,
)

DAYS = [october(14), october(15), october(16)]
CODES = ["A", "B", "C"]

places = st.integers(0, 9)
codes = st.sampled_from(CODES)
froms = st.sampled_from([LONG_AGO, *DAYS])
tos = st.sampled_from([None, *DAYS, october(17)])
clusters = st.sampled_from(["lkc-1", "lkc-2", "lcc-1", "lcc-2"])
teams = st.sampled_from(["red", "blue"])
shares = st.lists(codes, min_size=1, max_size=3, unique=True)
selectors = st.one_of(
    st.tuples(st.just("cluster"), clusters),
    st.tuples(st.just("environment"), st.sampled_from(["env-1", "env-2"])),
    st.tuples(st.just("pattern"), st.sampled_from(["orders", "^pay", "sink$"])),
    st.tuples(st.just("tag"), teams),
    st.tuples(st.just("organization"), st.just("")),
)
narrowed = st.sampled_from([("", ""), ("KAFKA", ""), ("", "SUPPORT"), ("", "KAFKA_STORAGE")])
line_types = st.sampled_from(["SUPPORT", "PROMO_CREDIT"])
methods = st.sampled_from(["proportional", "even", "fixed", "central"])

edits = st.one_of(
    st.tuples(st.just("add_rule"), selectors, shares, froms, tos, narrowed),
    st.tuples(st.just("delete_rule"), places),
    st.tuples(st.just("redate_rule"), places, froms, tos),
    st.tuples(st.just("reselect_rule"), places, selectors),
    st.tuples(st.just("narrow_rule"), places, narrowed),
    st.tuples(st.just("raise_rule"), places, st.integers(0, 3)),
    st.tuples(st.just("retarget_rule"), places, shares),
    st.tuples(st.just("add_policy"), line_types, methods, shares, froms, tos),
    st.tuples(st.just("delete_policy"), places),
    st.tuples(st.just("redate_policy"), places, froms, tos),
    st.tuples(st.just("retarget_policy"), places, methods, shares),
    st.tuples(st.just("place"), codes, st.sampled_from(["Retail", "Finance"]), froms, tos),
    st.tuples(st.just("move_placement"), places, codes, froms, tos),
    st.tuples(st.just("unplace"), places),
    st.tuples(st.just("tag"), clusters, teams, froms, tos),
    st.tuples(st.just("retag"), places, clusters, teams, froms, tos),
    st.tuples(st.just("untag"), places),
    st.tuples(st.just("rename_center"), places, st.integers(0, 3)),
    st.tuples(st.just("rename_unit"), places, st.integers(0, 3)),
    st.tuples(st.just("learn_parent"), clusters, st.sampled_from([None, "lkc-1", "lkc-2"])),
    st.tuples(st.just("sweep")),
)


@dataclass
class Edits:
    """Each method is a way in which somebody changes who pays."""

    acme: Organization

    def make(self, name: str, *arguments: Any) -> None:
        """One edit; what the database refuses, or finds nothing to do, changes nothing."""
        if name == "sweep":
            list(reallocate_pending())
            return
        with suppress(IntegrityError), transaction.atomic():
            getattr(self, name)(*arguments)
            sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("SET CONSTRAINTS ALL DEFERRED")

    def add_rule(self, selector, pays, valid_from, valid_to, narrowed):
        product, line_type = narrowed
        made = AllocationRule.objects.create(
            organization=self.acme, valid_from=valid_from, valid_to=valid_to, product=product,
            line_type=line_type, **self.selecting(selector),
        )  # fmt: skip
        self.target(made, pays)

    def delete_rule(self, place):
        if found := nth(AllocationRule, place):
            found.delete()

    def redate_rule(self, place, valid_from, valid_to):
        update(AllocationRule, place, valid_from=valid_from, valid_to=valid_to)

    def reselect_rule(self, place, selector):
        update(AllocationRule, place, **self.selecting(selector))

    def narrow_rule(self, place, narrowed):
        update(AllocationRule, place, product=narrowed[0], line_type=narrowed[1])

    def raise_rule(self, place, priority):
        update(AllocationRule, place, priority=priority)

    def retarget_rule(self, place, pays):
        if found := nth(AllocationRule, place):
            found.targets.all().delete()
            self.target(found, pays)

    def add_policy(self, line_type, method, pays, valid_from, valid_to):
        made = policy(
            line_type, method, self.code(pays[0]), of=self.acme, valid_from=valid_from,
            valid_to=valid_to,
        )  # fmt: skip
        self.share(made, pays)

    def delete_policy(self, place):
        if found := nth(SharedCostPolicy, place):
            found.delete()

    def redate_policy(self, place, valid_from, valid_to):
        update(SharedCostPolicy, place, valid_from=valid_from, valid_to=valid_to)

    def retarget_policy(self, place, method, pays):
        central = self.center(pays[0]) if method == "central" else None
        update(SharedCostPolicy, place, method=method, cost_center=central)
        if found := nth(SharedCostPolicy, place):
            self.share(found, pays)

    def place(self, code, unit, valid_from, valid_to):
        center(self.code(code), unit, valid_from, valid_to)

    def move_placement(self, place, code, valid_from, valid_to):
        moved = {"cost_center": self.center(code), "valid_from": valid_from, "valid_to": valid_to}
        update(CostCenterPlacement, place, **moved)

    def unplace(self, place):
        if found := nth(CostCenterPlacement, place):
            found.delete()

    def tag(self, cluster_id, team, valid_from, valid_to):
        ClusterTag.objects.create(
            cluster=Cluster.objects.get(cluster_id=cluster_id), key="team", value=team,
            valid_from=valid_from, valid_to=valid_to,
        )  # fmt: skip

    def retag(self, place, cluster_id, team, valid_from, valid_to):
        tagged = Cluster.objects.get(cluster_id=cluster_id)
        dates = {"valid_from": valid_from, "valid_to": valid_to}
        update(ClusterTag, place, cluster=tagged, value=team, **dates)

    def untag(self, place):
        if found := nth(ClusterTag, place):
            found.delete()

    def rename_center(self, place, suffix):
        if found := nth(CostCenter, place):
            update(CostCenter, place, code=f"{found.name}{suffix}")

    def rename_unit(self, place, suffix):
        if found := nth(BusinessUnit, place):
            update(BusinessUnit, place, code=f"{found.code[0]}-{suffix}")

    def learn_parent(self, cluster_id, parent):
        Cluster.objects.filter(cluster_id=cluster_id).update(parent_cluster_id=parent)

    def center(self, name):
        return CostCenter.objects.get(name=name)

    def code(self, name):
        return self.center(name).code

    def target(self, rule, pays):
        for name, percent in zip(pays, percents(pays), strict=True):
            AllocationTarget.objects.create(
                rule=rule, cost_center=self.center(name), percent=percent
            )

    def share(self, policy, pays):
        policy.targets.all().delete()
        for name, percent in zip(pays, percents(pays), strict=True):
            if policy.method == "fixed":
                SharedCostTarget.objects.create(
                    policy=policy, cost_center=self.center(name), percent=percent
                )

    def selecting(self, selector):
        kind, named = selector
        fields = {"selector": kind, "cluster": None, "environment": None, "name_pattern": ""}
        fields |= {"tag_key": "", "tag_value": ""}
        match kind:
            case "cluster":
                fields["cluster"] = Cluster.objects.get(cluster_id=named)
            case "environment":
                fields["environment"] = Environment.objects.get(env_id=named)
            case "pattern":
                fields["name_pattern"] = named
            case "tag":
                fields |= {"tag_key": "team", "tag_value": named}
        return fields


def nth(model, place):
    """The row at the place, counted round; None where there is none."""
    rows = list(model.objects.order_by("pk"))
    return rows[place % len(rows)] if rows else None


def update(model, place, **fields):
    if found := nth(model, place):
        model.objects.filter(pk=found.pk).update(**fields)


def percents(pays):
    return {1: [Decimal(100)], 2: [Decimal(70), Decimal(30)], 3: [Decimal(1)] * 2 + [Decimal(98)]}[
        len(pays)
    ]


def bill(day: date) -> list[Any]:
    return [
        line("3", "orders", day=day, resource="lkc-1", name="orders", env="env-1"),
        line("1.5", "payments", day=day, resource="lkc-2", name="payments", env="env-2"),
        line("0.7", "sink", day=day, resource="lcc-1", name="orders-sink", env="env-1"),
        line("-0.2", "credit", day=day, resource="lcc-2", name="pay-sink", line_type="CONNECT"),
        line("0.0000000001", "in env", day=day, env="env-1", product="FLINK"),
        support("2.0000000001", day=day),
        line("-1", "promo", day=day, product="", line_type="PROMO_CREDIT"),
    ]


@pytest.fixture
def acme(db):
    acme = organization()
    for name in CODES:
        CostCenter.objects.create(code=name, name=name)
    for each in ("lkc-1", "lkc-2"):
        cluster(each, of=acme)
    for each in ("lcc-1", "lcc-2"):
        cluster(each, of=acme, parent="lkc-1")
    for each in ("env-1", "env-2"):
        environment(each, of=acme)
    store(acme, *(each for day in DAYS for each in bill(day)))
    return acme


def assert_narrow_equals_wide(acme):
    list(reallocate_pending())
    assert pending() == []
    narrow = facts(*EVERY_COLUMN)
    assert reconcile(DAYS[0], october(17)).differences == []
    list(rewrite_days(acme, DAYS[0], october(17)))
    assert narrow == facts(*EVERY_COLUMN)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(made=st.lists(edits, min_size=1, max_size=14))
def test_any_edits(acme, made):
    with undone():
        list(rewrite_days(acme, DAYS[0], october(17)))
        for edit in made:
            Edits(acme).make(*edit)
        assert_narrow_equals_wide(acme)


KAFKA_RULE = ("add_rule", ("cluster", "lkc-1"), ["A"], LONG_AGO, None, ("", ""))
TAG_RULE = ("add_rule", ("tag", "red"), ["A", "B"], LONG_AGO, None, ("", ""))
SWEEP = ("sweep",)


@pytest.mark.parametrize(
    "made",
    [
        [KAFKA_RULE, SWEEP, ("delete_rule", 0), ("learn_parent", "lcc-1", "lkc-2")],
        [KAFKA_RULE, SWEEP, ("delete_rule", 0), ("learn_parent", "lcc-1", None)],
        [KAFKA_RULE, SWEEP, ("reselect_rule", 0, ("pattern", "^pay")),
         ("learn_parent", "lcc-1", None)],
        [KAFKA_RULE, SWEEP, ("learn_parent", "lcc-1", "lkc-2"), ("delete_rule", 0)],
        [("tag", "lkc-1", "red", LONG_AGO, None), TAG_RULE, SWEEP, ("untag", 0),
         ("delete_rule", 0)],
        [("tag", "lkc-1", "red", LONG_AGO, None), TAG_RULE, SWEEP,
         ("retag", 0, "lkc-2", "red", LONG_AGO, None), ("delete_rule", 0)],
        [KAFKA_RULE, SWEEP, ("rename_center", 0, 1), ("place", "A", "Retail", LONG_AGO, None),
         ("rename_unit", 0, 1)],
        [KAFKA_RULE, ("place", "A", "Retail", LONG_AGO, None), SWEEP, ("unplace", 0),
         ("rename_center", 0, 1), ("rename_unit", 0, 1)],
    ],
)  # fmt: skip
def test_edits_that_hide_what_the_earlier_one_moved(acme, made):
    list(rewrite_days(acme, DAYS[0], october(17)))
    for edit in made:
        Edits(acme).make(*edit)

    assert_narrow_equals_wide(acme)
