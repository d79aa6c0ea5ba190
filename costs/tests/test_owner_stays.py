"""Who paid a day stays who paid it: whatever is collected, renamed or restated afterwards."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from costs.bill import Outcome, create_staging, keep_day
from costs.models import CostLineItem
from costs.partitions import ensure_partitions
from costs.reallocation import reallocate_pending
from costs.reconciliation import reconcile
from costs.tests.ownership import center, cluster, facts, october, organization, rule, sql

FIRST_FETCH = datetime(2026, 10, 20, tzinfo=UTC)


@pytest.fixture
def acme(db):
    acme = organization()
    ensure_partitions(october(1), october(31))
    return acme


@pytest.fixture
def collect(acme):
    """collect(14, ("orders", "1.5"), ...) keeps a bill of (name, USD) lines of lkc-1."""
    fetches = iter(range(1000))

    def keep(number, *lines, resource="lkc-1"):
        create_staging()
        for name, amount in lines:
            sql(
                """
                INSERT INTO staged_lines (day, product, line_type, resource_id, resource_name,
                    env_id, network_access_type, unit, amount_received, amount, amount_source,
                    list_amount, description, tier_dimensions, granularity, provider_id,
                    other_fields)
                VALUES (%s, 'KAFKA', 'KAFKA_STORAGE', %s, %s, '', '', '', %s, %s, 'billed', %s,
                    '', '{}', '', '', '{}')
                """,
                october(number), resource, name, *[Decimal(amount)] * 3,
            )  # fmt: skip
        fetched_at = FIRST_FETCH + timedelta(hours=next(fetches))
        return keep_day(acme, october(number), fetched_at=fetched_at, is_incomplete=False)

    return keep


def owners():
    """(day of October, cost center, USD) of every fact."""
    rows = facts("charge_date", "cost_center", "cost_usd")
    return [(day.day, owner, float(cost)) for day, owner, cost in rows]


def billed_names():
    """(name now, name as first billed, whether on the current bill) of every line."""
    rows = CostLineItem.objects.order_by("id")
    return [(each.resource_name, each.billed_name, each.last_version is None) for each in rows]


def test_a_cluster_that_moved_on_the_15th_is_charged_by_day(acme, collect):
    orders = cluster("lkc-1", of=acme)
    rule("old", of=acme, cluster=orders, valid_to=october(15))
    rule("new", of=acme, cluster=orders, valid_from=october(15))
    collect(14, ("orders", 1))
    collect(15, ("orders", 2))
    assert owners() == [(14, "old", 1), (15, "new", 2)]

    collect(14, ("orders", 1))
    collect(14, ("orders-renamed", 1))
    collect(15, ("orders-renamed", 2))
    assert owners() == [(14, "old", 1), (15, "new", 2)]

    collect(14, ("orders-renamed", "1.25"), ("orders-renamed", "0.5"))
    assert owners() == [(14, "old", 0.5), (14, "old", 1.25), (15, "new", 2)]
    assert reconcile(october(14), october(16)).differences == []


def test_a_rename_moves_no_charge_of_a_day_that_is_stored(acme, collect):
    rule("A", of=acme, pattern="^orders$")
    collect(14, ("orders", 1))

    kept = collect(14, ("payments", 1))
    collect(15, ("payments", 1))

    assert kept.outcome == Outcome.UNCHANGED
    assert owners() == [(14, "A", 1), (15, "Unallocated", 1)]
    assert billed_names() == [("payments", "orders", True), ("payments", "payments", True)]


def test_a_line_restated_under_a_new_name_keeps_the_name_of_its_day(acme, collect):
    rule("A", of=acme, pattern="^orders$")
    collect(14, ("orders", 1))

    collect(14, ("payments", 2))
    collect(14, ("payments", 2), ("payments", 3))

    assert owners() == [(14, "A", 2), (14, "A", 3)]
    assert billed_names() == [
        ("orders", "orders", False),
        ("payments", "orders", True),
        ("payments", "orders", True),
    ]


def test_a_rule_made_later_matches_the_name_of_the_day(acme, collect):
    collect(14, ("orders", 1))
    collect(14, ("payments", 1))
    rule("new name", of=acme, pattern="^payments$")
    rule("old name", of=acme, pattern="^orders$")

    list(reallocate_pending())

    assert owners() == [(14, "old name", 1)]


def test_a_name_that_comes_late_is_used(acme, collect):
    rule("A", of=acme, pattern="^orders$")
    collect(14, ("", 1))
    assert owners() == [(14, "Unallocated", 1)]

    kept = collect(14, ("orders", 1))

    assert (kept.outcome, owners()) == (Outcome.UNCHANGED, [(14, "A", 1)])
    collect(14, ("payments", 1))
    assert (owners(), billed_names()) == ([(14, "A", 1)], [("payments", "orders", True)])


def test_a_name_that_comes_late_on_a_restated_line_is_used(acme, collect):
    rule("A", of=acme, pattern="^orders$")
    collect(14, ("", 1))
    collect(14, ("orders", 2))

    assert owners() == [(14, "A", 2)]


def test_a_name_that_goes_again_stays_for_the_day(acme, collect):
    rule("A", of=acme, pattern="^orders$")
    collect(14, ("orders", 1))
    collect(14, ("", 1))
    collect(14, ("", 2))

    assert owners() == [(14, "A", 2)]


def test_all_lines_of_a_resource_have_the_name_that_its_day_gave_first(acme, collect):
    """One of its lines came without a name, which comes when the resource has another."""
    rule("A", of=acme, pattern="^orders$")
    collect(14, ("orders", 1), ("", 2))
    collect(14, ("payments", 1), ("payments", 2))

    assert owners() == [(14, "A", 1), (14, "A", 2)]


def test_a_name_belongs_to_its_resource(acme, collect):
    rule("A", of=acme, pattern="^orders$")
    collect(14, ("orders", 1))
    collect(14, ("payments", 1), resource="lkc-2")

    assert owners() == [(14, "Unallocated", 1)]


def identities():
    """Where each hour lies and who wrote it last: equal means that nobody touched it."""
    return sql("SELECT ctid, xmin, * FROM hourly_costs ORDER BY daily_cost_fact_id, timestamp")


def test_a_backdated_rule_relabels_its_days_and_no_hour(acme, collect):
    for number in (13, 14, 15, 16):
        collect(number, ("orders", 1), ("orders", 2))
    hours = identities()
    rule("A", of=acme, pattern="orders", valid_from=october(14), valid_to=october(16))

    (batch,) = reallocate_pending()

    assert batch.days == [october(15), october(14)]
    written = batch.written
    assert (written.days_changed, written.facts_relabelled) == (2, 4)
    assert (written.facts_added, written.facts_removed, written.hours_added) == (0, 0, 0)
    assert identities() == hours
    assert [owner for _, owner, _ in owners()] == ["Unallocated"] * 2 + ["A"] * 4 + [
        "Unallocated"
    ] * 2


def test_a_backdated_split_writes_only_the_hours_of_its_lines(acme, collect):
    for number in (14, 15):
        collect(number, ("orders", 1), ("payments", 2))
    before = set(identities())
    rule({"A": 60, "B": 40}, of=acme, pattern="orders", valid_from=october(15))

    (batch,) = reallocate_pending()

    written = batch.written
    assert (written.facts_removed, written.facts_added, written.hours_added) == (1, 2, 48)
    assert (written.days_changed, written.facts_relabelled) == (1, 0)
    assert len(before - set(identities())) == 24
    assert reconcile(october(14), october(16)).differences == []


def test_an_edit_that_decides_nothing_changes_no_day(acme, collect):
    rule("A", of=acme)
    collect(14, ("orders", 1))
    rule("B", of=acme, pattern="payments")

    (batch,) = reallocate_pending()

    assert (batch.days, batch.written.days_changed) == ([october(14)], 0)


def test_a_moved_placement_relabels_only_its_days(acme, collect):
    center("A", "Retail", valid_to=october(15))
    rule("A", of=acme)
    collect(14, ("orders", 1))
    collect(15, ("orders", 1))
    hours = identities()
    center("A", "Finance", october(15))

    (batch,) = reallocate_pending()

    assert (batch.days, batch.written.facts_relabelled) == ([october(15)], 1)
    assert identities() == hours
    assert [unit for _, unit in facts("charge_date", "business_unit")] == ["Retail", "Finance"]
