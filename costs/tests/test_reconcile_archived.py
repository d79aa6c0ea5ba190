"""The proof of days whose hours are archived: bill = lines = daily facts, and what was archived."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from costs.allocation import allocate_days
from costs.models import BillingDay
from costs.reallocation import reallocate_pending
from costs.reconciliation import reconcile
from costs.tests.long_ago import FEB_29, FEBRUARY, JAN_31, JANUARY, MARCH, archive
from costs.tests.ownership import line, rule, sql


@pytest.fixture
def acme(acme_long_ago, tmp_path):
    """January's hours are archived; February's are not."""
    archive(tmp_path)
    return acme_long_ago


def differences(start=JANUARY, end=FEBRUARY):
    return {
        (str(each.day), each.org_id, each.what, str(each.bill), str(each.found))
        for each in reconcile(start, end).differences
    }


def restate(acme):
    """A line of 5 USD comes late."""
    late = line("5", "late", day=JAN_31, resource="lkc-1")
    late.organization, late.first_version = acme, 2
    late.save()
    BillingDay.objects.filter(organization=acme, day=JAN_31).update(
        version=2, line_count=3, amount=Decimal("7.16")
    )


def test_it_is_the_same_before_and_after(acme_long_ago, tmp_path):
    before = reconcile(JANUARY, MARCH)

    archive(tmp_path)

    after = reconcile(JANUARY, MARCH)
    assert (before.archived_days, after.archived_days) == (0, 2)
    assert (after.days, after.amount, after.differences) == (3, before.amount, [])


def test_a_day_that_was_restated_since_is_no_alarm(acme):
    restate(acme)
    allocate_days(acme, [JAN_31])

    assert differences() == set()


def test_a_rule_of_long_ago_is_no_alarm(acme):
    rule({"A": 75, "B": 25}, of=acme, valid_from=JANUARY)
    list(reallocate_pending())

    assert differences() == set()


def test_it_finds_a_restated_day_whose_facts_were_not_made(acme):
    restate(acme)

    assert differences() == {
        ("2024-01-31", "o-1", "sum of the daily facts", "7.1600000000", "2.1600000000"),
        ("2024-01-31", "o-1", "lines unlike their daily facts", "0", "1"),
    }


def test_it_finds_a_fact_that_is_gone(acme):
    sql("DELETE FROM daily_cost_facts WHERE cost_usd = 7")

    assert differences() == {
        ("2024-01-31", "o-2", "sum of the daily facts", "7.0000000000", "0"),
        ("2024-01-31", "o-2", "lines unlike their daily facts", "0", "1"),
        ("2024-01-31", "o-2", "sums by owner unlike their daily facts", "0", "1"),
        ("2024-01-31", "o-2", "sums by resource unlike their daily facts", "0", "1"),
    }


def test_it_finds_a_bill_that_is_not_what_was_archived_though_it_agrees_with_itself(acme):
    amounts = {
        "billing_days": "amount",
        "cost_line_items": "amount",
        "daily_cost_facts": "cost_usd",
        "daily_owner_costs": "cost_usd",
    }
    for table, column in amounts.items():
        sql(f"UPDATE {table} SET {column} = 8 WHERE {column} = 7")
    sql("UPDATE cost_line_items SET amount_received = 8 WHERE amount = 8")
    sql("UPDATE daily_resource_costs SET cost_usd = 8, usage_usd = 8 WHERE cost_usd = 7")

    assert differences() == {
        ("2024-01-01", "o-2", "archived hours of the month", "8.0000000000", "7.0000000000")
    }
    assert differences(JAN_31, MARCH) == differences()
    assert reconcile(JANUARY, FEBRUARY).difference_usd == 1


def test_days_that_are_not_archived_are_proven_by_the_hour(acme):
    sql("DELETE FROM hourly_costs WHERE \"timestamp\" < '2024-03-01 00:00+00'")

    assert differences(FEB_29, MARCH) == {
        ("2024-02-29", "o-1", "sum of the hourly costs", "1.2000000000", "0"),
        ("2024-02-29", "o-1", "daily facts unlike their 24 hours", "0", "1"),
    }


def test_the_command_says_how_many_days_have_their_hours_archived(acme):
    out = StringIO()
    call_command("reconcile", "--start", "2024-01-31", "--end", "2024-03-01", stdout=out)

    assert out.getvalue().splitlines()[-2:] == [
        "Days whose hours are archived: 2, proven to their daily facts; the archive to the bill by "
        "month, where no day was restated since.",
        "Bill = lines = daily facts = hourly costs: no difference.",
    ]
