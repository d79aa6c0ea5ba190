"""A month's statement: three parts that add up to it, and all statements to the bill."""

from datetime import date
from decimal import Decimal

import pytest

from costs.allocation import allocate_days
from costs.reports.columns import as_records
from costs.reports.grouped import grouped_costs
from costs.reports.statements import file_query, newest_month, owners_query, statement
from costs.tests.billed import two_companies
from costs.tests.ownership import line, organization, store
from costs.visibility import Visibility
from dimensions.models import Organization

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
def seen(db):
    two_companies()
    return Visibility(tuple(Organization.objects.values_list("pk", flat=True)))


def parts(found):
    return {part.name: part.totals.cost_usd for part in found.parts}


def test_it_sets_direct_shared_and_credits_apart(seen):
    found = statement(OCTOBER, "BU-1", "CC-1", seen)

    # 100 and 60 % of 50 by rules; of 30 for support 130 parts of 150.
    assert parts(found) == {"Direct": 130, "Shared": 26, "Credits": 0}
    assert found.totals.cost_usd == 156


def test_the_parts_add_up_to_the_statement(seen):
    for month in (OCTOBER, NOVEMBER):
        for row in as_records(grouped_costs(owners_query(month), seen, limit=100).table):
            found = statement(month, row["business_unit"], row["cost_center"], seen)

            assert sum(parts(found).values()) == found.totals.cost_usd == row["cost_usd"]


def test_a_credit_is_no_direct_charge_whoever_decided(seen):
    found = statement(NOVEMBER, "Unallocated", "Unallocated", seen)

    assert parts(found) == {"Direct": 0, "Shared": 0, "Credits": -10}


def test_all_statements_are_the_bill(seen):
    owners = grouped_costs(owners_query(OCTOBER), seen, limit=100)

    assert sum(row["cost_usd"] for row in as_records(owners.table)) == 207
    assert owners.totals.cost_usd == 207


def test_it_compares_with_the_month_before(seen):
    found = statement(NOVEMBER, "BU-1", "CC-1", seen)

    assert (found.totals.cost_usd, found.totals.previous_cost_usd) == (110, 156)
    assert found.totals.change == -46
    assert found.share == 110  # percent: of a bill that a credit lowers to 100


def test_a_business_units_statement_is_that_of_its_cost_centers(seen):
    assert statement(OCTOBER, "BU-1", None, seen).totals.cost_usd == 156


def test_the_file_has_the_same_sum(seen):
    found = statement(OCTOBER, "BU-2", "CC-2", seen)

    lines = grouped_costs(file_query(found), seen, limit=100)

    assert lines.totals.cost_usd == found.totals.cost_usd == Decimal(24)


@pytest.mark.parametrize(("unit", "center"), [("BU-9", "CC-1"), ("BU-77", None), ("BU-1", "CC-2")])
def test_there_is_none_for_who_owes_nothing(seen, unit, center):
    assert statement(OCTOBER, unit, center, seen) is None


def test_there_is_none_of_others_for_a_limited_user(seen):
    own = Visibility(seen.organizations, ("BU-1",))

    assert statement(OCTOBER, "BU-2", "CC-2", own) is None
    assert statement(OCTOBER, "BU-1", "CC-1", own).bill == 156


@pytest.mark.parametrize(
    ("today", "month"),
    [
        (date(2026, 11, 20), OCTOBER),
        (date(2026, 12, 1), NOVEMBER),
        (date(2027, 3, 1), NOVEMBER),
    ],
)
def test_the_newest_month_is_the_last_whole_one_that_was_billed(seen, today, month):
    assert newest_month(seen, today) == month


def test_before_the_first_bill_the_newest_month_is_the_last_one(db):
    acme = organization()
    assert newest_month(Visibility((acme.pk,)), date(2026, 11, 20)) == OCTOBER
    allocate_days(acme, store(acme, line(5, day=date(2026, 9, 30))))
    assert newest_month(Visibility((acme.pk,)), date(2026, 11, 20)) == date(2026, 9, 1)
