"""Days whose hours are archived go on like any others, but for their hours."""

from decimal import Decimal

import pytest

from costs.allocation import Written, allocate_days
from costs.models import BillingDay
from costs.partitions import ensure_partitions
from costs.reallocation import reallocate_pending, rewrite_days
from costs.tests.long_ago import EVERY_MONTH, FEBRUARY, JAN_31, JANUARY, archive, hours_by_month
from costs.tests.long_ago import tables as months_of_long_ago
from costs.tests.ownership import cluster, facts, line, rule, sql


@pytest.fixture
def acme(acme_long_ago, tmp_path):
    """January's hours are archived; February's are not."""
    archive(tmp_path)
    return acme_long_ago


def test_a_rule_of_long_ago_moves_daily_facts_and_no_hours(acme):
    on_it = cluster("lkc-1", of=acme)
    rule({"A": 75, "B": 25}, of=acme, cluster=on_it, valid_from=JANUARY, valid_to=FEBRUARY)

    (batch,) = reallocate_pending()

    assert batch.written == Written(facts_added=2, facts_removed=1, days_changed=1)
    assert facts("line", "cost_center", "cost_usd", charge_date=JAN_31, org_id="o-1") == [
        ("kafka", "A", Decimal("1.8")),
        ("kafka", "B", Decimal("0.6")),
        ("promo", "Unallocated", Decimal("-0.24")),
    ]
    assert hours_by_month() == EVERY_MONTH[1:]


def test_a_rule_over_both_writes_the_hours_of_kept_days_alone(acme):
    rule({"A": 50, "B": 50}, of=acme, cluster=cluster("lkc-1", of=acme), valid_from=JANUARY)

    (batch,) = reallocate_pending()

    assert (batch.written.facts_added, batch.written.hours_added) == (6, 2 * 2 * 24)
    assert hours_by_month() == [("2024-02", 48, "1.2000000000"), ("2024-03", 48, "4.8000000000")]


def test_rewriting_makes_daily_facts_anew(acme):
    ((before,),) = sql("SELECT count(*) FROM daily_cost_facts")
    sql("DELETE FROM daily_cost_facts WHERE charge_date = '2024-01-31'")

    (batch,) = rewrite_days(acme, JANUARY, FEBRUARY)

    assert batch.written == Written(facts_added=2, days_changed=1)
    assert sql("SELECT count(*) FROM daily_cost_facts") == [(before - 1,)]
    assert hours_by_month() == EVERY_MONTH[1:]


def test_a_day_that_is_restated_has_daily_facts_alone(acme):
    late = line("5", "late", day=JAN_31, resource="lkc-1", env="env-1")
    late.organization, late.first_version = acme, 2
    late.save()
    BillingDay.objects.filter(organization=acme, day=JAN_31).update(version=2, line_count=3)

    written = allocate_days(acme, [JAN_31])

    assert (written.facts_added, written.hours_added) == (1, 0)
    assert hours_by_month() == EVERY_MONTH[1:]


def test_the_partition_does_not_come_back(acme):
    ensure_partitions(JANUARY, JAN_31)

    assert months_of_long_ago() == ["hourly_costs_2024_02", "hourly_costs_2024_03"]
