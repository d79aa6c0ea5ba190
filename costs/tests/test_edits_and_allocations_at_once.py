"""Edits of rules while a day is being allocated: none is lost, whichever is faster."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from costs.allocation import allocate_days
from costs.day_lock import lock_days
from costs.models import AllocationChange, AllocationRule
from costs.reallocation import reallocate_pending
from costs.reconciliation import reconcile
from costs.tests.ownership import (
    center,
    cluster,
    elsewhere,
    facts,
    just_before,
    line,
    october,
    organization,
    pending,
    rule,
    sql,
    store,
    tag,
)
from dimensions.models import BusinessUnit, Cluster, CostCenter, CostCenterPlacement, Organization

DAY = october(14)
WAITING = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
    WHERE NOT granted AND locktype = 'advisory' AND datname = current_database()
"""


@pytest.fixture
def acme(transactional_db) -> Iterator[Organization]:
    """A committed bill of one line; Django's flush leaves out the table that it does not manage."""
    acme = organization()
    store(acme, line(1, resource="lkc-1", name="orders"))
    yield acme
    sql("TRUNCATE hourly_costs")


def owners():
    return [owner for (owner,) in facts("cost_center")]


def collect(acme):
    """Allocate the day as a collection does."""
    with transaction.atomic():
        lock_days(acme, [DAY])
        allocate_days(acme, [DAY])


def committed_edit(acme, pays="A", **named):
    """Edit in another session, and be done before this one goes on."""

    def edit():
        with transaction.atomic():
            rule(pays, of=acme, **named)

    return lambda: elsewhere(edit).result(timeout=30)


@contextmanager
def uncommitted(edit):
    """Another session has made the edit, and commits it when the block ends."""
    made, may_commit = threading.Event(), threading.Event()

    def work():
        with transaction.atomic():
            edit()
            made.set()
            assert may_commit.wait(30)

    editor = elsewhere(work)
    assert made.wait(30)
    try:
        yield
    finally:
        may_commit.set()
        editor.result(timeout=30)


def until_done_or_waiting(work):
    """Return when the other session is ready, or waits for a lock of an open transaction."""
    while not work.done() and not sql(WAITING)[0][0]:
        time.sleep(0.01)


@pytest.mark.parametrize(
    "statement",
    [
        'MAX("allocation_changes"."id")',
        "INSERT INTO rules_at_work",
        "INSERT INTO policies_at_work",
        "INSERT INTO decided_lines",
        "INSERT INTO shares",
        "INSERT INTO fact_changes",
        "UPDATE billing_days",
    ],
)
def test_an_edit_that_commits_while_a_day_is_collected_is_not_lost(acme, statement):
    with just_before(statement, committed_edit(acme)):
        collect(acme)
    list(reallocate_pending())

    assert (owners(), pending()) == (["A"], [])


@pytest.mark.parametrize(
    "statement",
    [
        "pg_advisory_xact_lock",
        "CREATE TEMPORARY TABLE IF NOT EXISTS rules_at_work",
        'MAX("allocation_changes"."id")',
        "INSERT INTO rules_at_work",
        "INSERT INTO decided_lines",
        "INSERT INTO fact_changes",
        "UPDATE billing_days",
    ],
)
def test_an_edit_that_commits_while_pending_days_are_allocated_is_not_lost(acme, statement):
    """The scope of the batch is that of another edit."""
    collect(acme)
    committed_edit(acme, "other", pattern="payments")()
    with just_before(statement, committed_edit(acme, pattern="orders")):
        list(reallocate_pending())

    assert (owners(), pending()) == (["A"], [])


def test_an_edit_that_is_not_committed_while_the_day_is_collected_is_not_lost(acme):
    with uncommitted(lambda: rule("A", of=acme)):
        collect(acme)
        assert (owners(), pending()) == (["Unallocated"], [])

    assert pending() == [14]
    list(reallocate_pending())
    assert (owners(), pending()) == (["A"], [])
    assert reconcile(DAY, october(15)).differences == []


def test_an_edit_that_is_rolled_back_moves_nothing(acme):
    collect(acme)
    with transaction.atomic():
        rule("A", of=acme)
        transaction.set_rollback(True)

    assert (pending(), list(reallocate_pending())) == ([], [])


def test_revisions_come_in_the_order_of_commits(acme):
    """The second editor waits for the first: no day can know of the later edit alone."""
    with uncommitted(lambda: rule("A", of=acme, pattern="first")):
        second = elsewhere(lambda: rule("B", of=acme, pattern="second"))
        until_done_or_waiting(second)
        assert not second.done()
        assert not AllocationChange.objects.exists()
    second.result(timeout=30)

    patterns = AllocationChange.objects.order_by("id").values_list("name_patterns", flat=True)
    assert list(patterns) == [["first"], ["second"]]


def edited_at_once(first, second):
    """Both edit before either commits; the days are allocated between the commits and after."""
    may_commit = threading.Event()

    def held_back():
        with transaction.atomic():
            second()
            assert may_commit.wait(30)

    with uncommitted(first):
        other = elsewhere(held_back)
        until_done_or_waiting(other)
    list(reallocate_pending())
    may_commit.set()
    other.result(timeout=30)
    list(reallocate_pending())


def test_a_tag_and_its_rule_edited_at_once_by_two_people(acme):
    """The rule does not see the tag yet, and is not there yet when the tag's days are allocated."""
    orders = cluster("lkc-1", of=acme)
    collect(acme)

    edited_at_once(
        lambda: tag(orders, "team", "checkout"),
        lambda: rule("A", of=acme, tagged=("team", "checkout")),
    )

    assert (owners(), pending()) == (["A"], [])


def test_a_code_and_a_placement_edited_at_once_by_two_people(acme):
    """The placement knows the old code, the facts carry the new one by then."""
    center("A", "Retail")
    BusinessUnit.objects.create(code="Finance")
    rule("A", of=acme)
    list(reallocate_pending())

    edited_at_once(
        lambda: CostCenter.objects.filter(code="A").update(code="A2"),
        lambda: CostCenterPlacement.objects.update(
            business_unit=BusinessUnit.objects.get(code="Finance")
        ),
    )

    assert facts("cost_center", "business_unit") == [("A2", "Finance")]


def test_a_kafka_cluster_learnt_while_its_rule_is_made(acme):
    """The inventory sees no rule of the Kafka cluster yet, the allocation no connector on it."""
    kafka = cluster("lkc-kafka", of=acme)
    cluster("lkc-1", of=acme)
    collect(acme)
    on_it = Cluster.objects.filter(cluster_id="lkc-1")

    def rule_and_allocate():
        rule("A", of=acme, cluster=kafka)
        list(reallocate_pending())

    with uncommitted(lambda: on_it.update(parent_cluster_id="lkc-kafka")):
        other = elsewhere(rule_and_allocate)
        until_done_or_waiting(other)
    other.result(timeout=30)
    list(reallocate_pending())

    assert (owners(), pending()) == (["A"], [])


def test_two_allocations_at_once_write_the_facts_once(acme):
    rule({"A": 60, "B": 40}, of=acme)
    others = [elsewhere(lambda: list(reallocate_pending())) for _ in range(2)]
    for other in others:
        other.result(timeout=30)

    assert owners() == ["A", "B"]
    assert reconcile(DAY, october(15)).differences == []


def test_readers_see_a_day_before_or_after(acme):
    collect(acme)
    rule({"A": 60, "B": 40}, of=acme)
    seen = []

    def look():
        seen.append(elsewhere(lambda: (owners(), pending())).result(timeout=30))

    with just_before("UPDATE billing_days", look):
        list(reallocate_pending())
    look()

    assert seen == [(["Unallocated"], [14]), (["A", "B"], [])]


def test_a_killed_batch_changes_nothing_and_is_taken_up_again(acme):
    collect(acme)
    before = facts("cost_center", "cost_usd")
    rule({"A": 60, "B": 40}, of=acme)

    def killed():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), just_before("UPDATE billing_days", killed):
        list(reallocate_pending())

    assert (facts("cost_center", "cost_usd"), pending()) == (before, [14])
    assert not connection.in_atomic_block
    list(reallocate_pending())
    assert (owners(), pending()) == (["A", "B"], [])
    assert AllocationRule.objects.count() == 1
