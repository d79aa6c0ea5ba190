"""reconcile finds whatever disagrees, and its command says so and fails."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from costs.allocation import allocate_days
from costs.models import BillingDay, CostLineItem
from costs.partitions import ensure_partitions
from costs.reconciliation import reconcile
from dimensions.models import Organization

DAY, NEXT = date(2026, 10, 5), date(2026, 10, 6)
NO_HASH = UUID(int=0)
NOON = datetime(2026, 10, 20, 12, tzinfo=UTC)


def line(organization, amount, received=None):
    return CostLineItem(
        organization=organization,
        day=DAY,
        amount=Decimal(amount),
        list_amount=Decimal(amount),
        amount_received=Decimal(received or amount),
        amount_source="billed",
        content_hash=NO_HASH,
        first_version=1,
    )


@pytest.fixture
def bill(db):
    """A proven day: lines of 1.5 and -0.25 USD."""
    organization = Organization.objects.create(org_id="o-1")
    BillingDay.objects.create(
        organization=organization, day=DAY, version=1, content_hash=NO_HASH, labels_hash=NO_HASH,
        line_count=2, amount=Decimal("1.25"), fetched_at=NOON, first_collected_at=NOON,
        last_collected_at=NOON, last_changed_at=NOON,
    )  # fmt: skip
    CostLineItem.objects.bulk_create([line(organization, "1.5"), line(organization, "-0.25")])
    ensure_partitions(DAY, DAY)
    allocate_days(organization, [DAY])
    return organization


def differences():
    found = reconcile(DAY, NEXT).differences
    assert all((item.org_id, item.day) == ("o-1", DAY) for item in found)
    return {(item.what, item.bill, item.found) for item in found}


def execute(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_it_proves_a_day_that_agrees(bill):
    proof = reconcile(DAY, NEXT)

    assert (proof.days, proof.lines, proof.amount, proof.differences) == (1, 2, Decimal("1.25"), [])


def test_it_finds_a_line_that_is_gone(bill):
    execute("DELETE FROM cost_line_items WHERE amount < 0")

    assert differences() == {
        ("lines of the bill", 2, 1),
        ("sum of the lines", Decimal("1.25"), Decimal("1.5")),
        ("lines unlike their daily facts", 0, 1),
    }


def test_it_finds_a_fact_that_is_gone(bill):
    execute("DELETE FROM daily_cost_facts WHERE cost_usd < 0")

    assert differences() == {
        ("sum of the daily facts", Decimal("1.25"), Decimal("1.5")),
        ("lines unlike their daily facts", 0, 1),
        ("daily facts unlike their 24 hours", 0, 1),
        ("sums by owner unlike their daily facts", 0, 1),
        ("sums by resource unlike their daily facts", 0, 1),
    }


def test_it_finds_an_hour_that_moved_by_the_smallest_amount(bill):
    execute(
        "UPDATE hourly_costs SET cost_usd = cost_usd + 0.0000000001 "
        "WHERE \"timestamp\" = '2026-10-05 03:00+00' AND cost_usd > 0"
    )

    assert differences() == {
        ("sum of the hourly costs", Decimal("1.25"), Decimal("1.2500000001")),
        ("daily facts unlike their 24 hours", 0, 1),
    }


def test_it_finds_two_errors_that_cancel_out(bill):
    execute("UPDATE daily_cost_facts SET cost_usd = cost_usd + sign(cost_usd)")

    assert differences() == {
        ("lines unlike their daily facts", 0, 2),
        ("daily facts unlike their 24 hours", 0, 2),
        ("sums by resource unlike their daily facts", 0, 1),
    }


def test_it_finds_a_sum_by_resource_that_moved_by_the_smallest_amount(bill):
    execute(
        "UPDATE daily_resource_costs SET cost_usd = cost_usd + 0.0000000001, "
        "usage_usd = usage_usd + 0.0000000001"
    )

    assert differences() == {("sums by resource unlike their daily facts", 0, 1)}


def test_it_finds_facts_of_a_day_that_no_bill_knows(bill):
    execute("DELETE FROM billing_days")

    assert ("sum of the hourly costs", 0, Decimal("1.25")) in differences()


def test_it_finds_a_rounding_beyond_half_a_unit_a_line(bill):
    execute("UPDATE cost_line_items SET amount_received = amount + 0.00000000011")

    assert differences() == {("lines rounded beyond the bound", 0, 2)}


def test_it_finds_two_roundings_that_cancel_out(bill):
    execute("UPDATE cost_line_items SET amount_received = amount + sign(amount)")

    assert differences() == {("lines rounded beyond the bound", 0, 2)}


def test_it_tells_of_days_that_are_missing_or_doubtful(bill):
    BillingDay.objects.update(is_incomplete=True)

    proof = reconcile(date(2026, 10, 1), NEXT)

    assert (proof.days, proof.missing_days, proof.doubtful_days) == (1, 4, 1)
    assert proof.differences == []


def test_it_reports_the_rounding_within_the_bound(bill):
    execute("UPDATE cost_line_items SET amount_received = amount + 0.00000000004")

    proof = reconcile(DAY, NEXT)

    assert (proof.rounding, proof.differences) == (Decimal("-8e-11"), [])


def test_it_tells_of_a_range_in_which_nothing_was_collected(bill):
    proof = reconcile(date(2026, 10, 1), DAY)

    assert (proof.days, proof.missing_days) == (0, 4)


def test_the_command_says_that_there_is_no_difference(bill):
    out = StringIO()
    call_command("reconcile", stdout=out)

    assert out.getvalue().splitlines() == [
        "2026-10-05 to 2026-10-05 (UTC): days: 1, lines: 2, 1.2500000000 USD; "
        "rounding of amounts: 0.0e+00 USD.",
        "Bill = lines = daily facts = hourly costs: no difference.",
    ]


def test_the_command_fails_and_lists_the_differences(bill):
    execute("DELETE FROM hourly_costs WHERE cost_usd < 0")
    out = StringIO()

    with pytest.raises(CommandError, match="Differences: 2") as failed:
        call_command("reconcile", stdout=out)

    assert failed.value.returncode == 1
    assert "sum of the hourly costs" in out.getvalue()
    assert "+0.2500000000" in out.getvalue()


def test_the_command_prints_json(bill):
    out = StringIO()
    call_command("reconcile", "--json", stdout=out)

    document = json.loads(out.getvalue())
    assert (document["amount"], document["differences"]) == ("1.2500000000", [])
    assert (document["start"], document["end"]) == ("2026-10-05", "2026-10-06")


def test_the_command_says_that_nothing_is_stored(db):
    with pytest.raises(CommandError, match="collect first"):
        call_command("reconcile")
