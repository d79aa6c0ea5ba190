"""Pending days are allocated again in bounded batches, and a whole range on demand."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from costs import reallocation
from costs.models import AllocationChange, BillingDay
from costs.partitions import ensure_partitions
from costs.reallocation import reallocate_pending, rewrite_days
from costs.reconciliation import reconcile
from costs.tests.ownership import (
    EVERY_COLUMN,
    cluster,
    facts,
    just_before,
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


def stored(acme, *days, lines=2):
    bill = (
        line(1, f"{day} {n}", day=october(day), resource="lkc-1", name="orders")
        for day in days
        for n in range(lines)
    )
    store(acme, *bill)
    list(rewrite_days(acme, october(1), october(31)))


def taken():
    """The days of each batch."""
    return [[day.day for day in batch.days] for batch in reallocate_pending()]


def test_it_takes_the_newest_days_first(acme):
    stored(acme, 1, 2, 3)
    rule("A", of=acme)

    assert taken() == [[3, 2, 1]]
    assert taken() == []


def test_a_batch_holds_no_more_days_than_it_may(acme, monkeypatch):
    monkeypatch.setattr(reallocation, "BATCH_DAYS", 2)
    stored(acme, 1, 2, 3, 4, 5)
    rule("A", of=acme, pattern="orders")

    assert taken() == [[5, 4], [3, 2], [1]]


def test_a_batch_holds_no_more_lines_than_it_may_but_at_least_a_day(acme, monkeypatch):
    monkeypatch.setattr(reallocation, "BATCH_LINES", 4)
    stored(acme, 1, 2, 3, 4)
    stored(acme, 5, lines=9)
    rule("A", of=acme)

    assert taken() == [[5], [4, 3], [2, 1]]


def test_days_count_alone_when_few_of_their_lines_are_looked_at(acme, monkeypatch):
    monkeypatch.setattr(reallocation, "BATCH_LINES", 1)
    stored(acme, 1, 2, 3)
    rule("A", of=acme, cluster=cluster("lkc-1", of=acme))

    assert taken() == [[3, 2, 1]]


def test_each_organization_has_batches_of_its_own(acme):
    other = organization("o-2")
    stored(acme, 1, 3)
    stored(other, 2, 3)
    rule("A", of=acme)
    rule("B", of=other)

    batches = [(batch.organization.org_id, len(batch.days)) for batch in reallocate_pending()]
    assert sorted(batches) == [("o-1", 2), ("o-2", 2)]
    assert facts("org_id", "cost_center") == [("o-1", "A")] * 4 + [("o-2", "B")] * 4


def test_what_is_stopped_goes_on_later(acme, monkeypatch):
    monkeypatch.setattr(reallocation, "BATCH_DAYS", 1)
    stored(acme, 1, 2, 3, lines=1)
    rule("A", of=acme, pattern="orders")

    batches = reallocate_pending()
    next(batches)
    batches.close()

    assert pending() == [1, 2]
    assert [owner for (owner,) in facts("cost_center")] == ["A", "Unallocated", "Unallocated"]
    assert taken() == [[2], [1]]
    assert facts("cost_center") == [("A",)] * 3


def test_days_that_become_pending_meanwhile_are_taken_too(acme, monkeypatch):
    monkeypatch.setattr(reallocation, "BATCH_DAYS", 2)
    stored(acme, 1, 2, 3, lines=1)
    rule("A", of=acme, pattern="orders")
    batches = reallocate_pending()
    next(batches)
    rule("B", of=acme, cluster=cluster("lkc-1", of=acme), valid_from=october(3))

    assert [[day.day for day in batch.days] for batch in batches] == [[3, 1]]
    assert [owner for _, owner in facts("charge_date", "cost_center")] == ["A", "A", "B"]


def test_a_batch_that_fails_changes_nothing_of_it(acme, monkeypatch):
    monkeypatch.setattr(reallocation, "BATCH_DAYS", 2)
    stored(acme, 1, 2, 3)
    rule({"A": 60, "B": 40}, of=acme, pattern="orders")
    batches = reallocate_pending()
    next(batches)
    before = facts("id", *EVERY_COLUMN)

    with pytest.raises(ZeroDivisionError), just_before("UPDATE billing_days", lambda: 1 / 0):
        next(batches)

    assert (facts("id", *EVERY_COLUMN), pending()) == (before, [1])
    assert reconcile(october(1), october(4)).differences == []
    assert taken() == [[1]]


def test_it_stamps_the_newest_revision_even_where_nothing_moved(acme):
    stored(acme, 1)
    rule("A", of=acme, pattern="nothing like it")
    list(reallocate_pending())

    newest = AllocationChange.objects.order_by("id").last()
    assert BillingDay.objects.get().rules_revision == newest.pk


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM daily_cost_facts WHERE charge_date = '2026-10-02'",
        "DELETE FROM hourly_costs",
        "UPDATE hourly_costs SET cost_usd = cost_usd + 1",
        "UPDATE daily_cost_facts SET cost_usd = cost_usd * 2",
        "UPDATE daily_cost_facts SET cost_center = 'Nobody', rule_id = 1, policy_id = NULL",
        "INSERT INTO hourly_costs SELECT * FROM hourly_costs",
        "UPDATE daily_cost_facts SET line_item_id = -line_item_id",
        "TRUNCATE daily_cost_facts, hourly_costs",
    ],
)
def test_rewriting_mends_whatever_was_done_to_facts_and_hours(acme, damage):
    rule({"A": 60, "B": 40}, of=acme)
    stored(acme, 1, 2, 3)
    before = facts(*EVERY_COLUMN)
    sql(damage)

    batches = list(rewrite_days(acme, october(1), october(4)))

    assert [batch.days for batch in batches] == [[october(1)], [october(2)], [october(3)]]
    assert facts(*EVERY_COLUMN) == before
    assert reconcile(october(1), october(4)).differences == []


def test_rewriting_leaves_other_days_and_organizations_alone(acme):
    other = organization("o-2")
    stored(acme, 1, 2, 3)
    stored(other, 2)
    before = dict(facts("id", "charge_date"))

    list(rewrite_days(acme, october(2), october(3)))

    kept = {october(1): 2, october(2): 2, october(3): 2}
    again = [day for id, day in facts("id", "charge_date") if id in before]
    assert {day: again.count(day) for day in kept} == kept


def test_rewriting_takes_in_the_rules_of_now(acme):
    stored(acme, 1)
    rule("A", of=acme)

    list(rewrite_days(acme, october(1), october(2)))

    assert (facts("cost_center"), pending()) == ([("A",)] * 2, [])


def queries_of_a_batch(acme, *, lines, rules):
    """How many statements it takes to allocate three days with so many lines and rules."""
    start = date(2031, 1, 1)
    bill = [
        line(1, day=start + timedelta(days=n % 3), resource=f"lkc-{n}", name=f"n-{n}")
        for n in range(lines)
    ]
    store(acme, *bill)
    for n in range(rules):
        rule({"A": 50, "B": 50}, of=acme, pattern=f"n-{n}$")
    with CaptureQueriesContext(
        connection,
    ) as captured:
        (batch,) = reallocate_pending()
    assert len(batch.days) == 3
    return len(captured)


def test_the_statements_of_a_batch_do_not_grow_with_lines_or_rules(acme):
    ensure_partitions(date(2031, 1, 1), date(2031, 1, 1))
    few = queries_of_a_batch(acme, lines=3, rules=1)

    assert queries_of_a_batch(organization("o-2"), lines=300, rules=25) == few
