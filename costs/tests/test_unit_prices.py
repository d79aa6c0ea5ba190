"""What a unit cost: amounts over quantities, day by day, as far as one may see them."""

from datetime import date
from decimal import Decimal

import pytest

from costs.allocation import allocate_days
from costs.filters import CostFilter
from costs.reports.prices import unit_prices
from costs.tests.ownership import center, cluster, line, october, organization, rule, store
from costs.visibility import Visibility

MONTH = CostFilter(date(2026, 10, 1), date(2026, 11, 1))


def sold(price, quantity, day, *, resource="lkc-1", unit="GB"):
    made = line(Decimal(price) * quantity, day=october(day), resource=resource)
    made.unit, made.price, made.quantity = unit, Decimal(price), Decimal(quantity)
    return made


def prices(*lines, units=None, pays=None):
    acme = organization()
    made = cluster("lkc-1", of=acme)
    if pays:
        for code in pays:
            center(code, f"BU-{code[-1]}")
        rule(pays, of=acme, cluster=made)
    allocate_days(acme, store(acme, *lines))
    return unit_prices(acme.pk, "lkc-1", MONTH, Visibility((acme.pk,), units))


def test_it_gives_the_price_of_each_day_and_when_it_changed(db):
    (found,) = prices(sold("2", 5, 1), sold("2", 9, 2), sold("2.5", 4, 3))

    assert (found.line_type, found.unit) == ("KAFKA_STORAGE", "GB")
    assert found.by_day == {october(1): 2, october(2): 2, october(3): Decimal("2.5")}
    assert found.steps == [(october(1), 2), (october(3), Decimal("2.5"))]


def test_rounding_is_no_change_of_a_price(db):
    (found,) = prices(sold("2", 5, 1), sold("2.0000000001", 5, 2))

    assert found.steps == [(october(1), 2)]


def test_tiers_of_a_day_have_one_price_on_average(db):
    (found,) = prices(sold("1", 30, 1), sold("2", 10, 1))

    assert found.by_day == {october(1): Decimal("1.25")}


def test_units_have_prices_of_their_own(db):
    found = prices(sold("1", 3, 1), sold("9", 3, 1, unit="GB-hour"))

    assert [(each.unit, *each.by_day.values()) for each in found] == [("GB", 1), ("GB-hour", 9)]


def test_it_leaves_out_other_resources_and_lines_without_a_quantity(db):
    free = line(7, day=october(1), resource="lkc-1")

    assert prices(sold("1", 3, 1, resource="lkc-2"), free) == []


@pytest.mark.parametrize(("pays", "count"), [({"CC-1": 100}, 1), ({"CC-1": 60, "CC-2": 40}, 0)])
def test_a_limited_user_sees_prices_of_lines_that_nobody_else_pays(db, pays, count):
    assert len(prices(sold("2", 5, 1), pays=pays, units=("BU-1",))) == count
