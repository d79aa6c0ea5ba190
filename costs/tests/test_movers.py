"""What changed most, split into what the price did and what the quantity did."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costs.allocation import allocate_days
from costs.filters import CostFilter
from costs.reports.movers import movers
from costs.tests.ownership import center, cluster, line, organization, rule, store, undone
from costs.visibility import Visibility

DAY, BEFORE = date(2026, 10, 14), date(2026, 10, 7)
ONE = timedelta(days=1)
NOTHING = Decimal(0)


def sold(price, quantity, *, day, resource="lkc-1", unit="GB", **named):
    """A line of so many units; None: it has no quantity, and the price is its amount."""
    amount = Decimal(price) * (1 if quantity is None else Decimal(quantity))
    made = line(amount, day=day, resource=resource, **named)
    made.unit, made.price = unit, Decimal(price)
    made.quantity = None if quantity is None else Decimal(quantity)
    return made


def moved(*lines, by=("cluster",), units=None, most=10):
    """The effects of each mover: ids, change, price, quantity, neither."""
    acme = organization()
    allocate_days(acme, store(acme, *lines))
    seen = Visibility((acme.pk,), units)
    found = movers(CostFilter(DAY, DAY + ONE), (BEFORE, BEFORE + ONE), seen, by=by, most=most)
    return [
        (*each.ids.values(), each.change, each.price_effect, each.quantity_effect,
         each.other_effect)
        for each in found
    ]  # fmt: skip


def test_a_higher_price_is_the_prices_effect(db):
    assert moved(sold("2", 10, day=BEFORE), sold("3", 10, day=DAY)) == [("lkc-1", 10, 10, 0, 0)]


def test_a_larger_quantity_is_the_quantitys_effect(db):
    assert moved(sold("2", 10, day=BEFORE), sold("2", 15, day=DAY)) == [("lkc-1", 10, 0, 10, 0)]


def test_both_at_once_add_up(db):
    # (3 - 2) x 15 by price, (15 - 10) x 2 by quantity
    assert moved(sold("2", 10, day=BEFORE), sold("3", 15, day=DAY)) == [("lkc-1", 25, 15, 10, 0)]


def test_what_is_new_or_gone_is_quantity(db):
    lines = [
        sold("2", 10, day=DAY, resource="lkc-new"),
        sold("2", 7, day=BEFORE, resource="lkc-gone"),
    ]

    assert moved(*lines) == [("lkc-new", 20, 0, 20, 0), ("lkc-gone", -14, 0, -14, 0)]


def test_what_has_no_quantity_has_neither_effect(db):
    lines = [sold("5", None, day=BEFORE), sold("-3", None, day=DAY)]

    assert moved(*lines) == [("lkc-1", -8, 0, 0, -8)]


def test_a_mix_of_dear_and_cheap_resources_is_no_price(db):
    lines = [
        sold("1", 10, day=BEFORE, resource="lkc-cheap"),
        sold("10", 1, day=BEFORE, resource="lkc-dear"),
        sold("1", 10, day=DAY, resource="lkc-cheap"),
        sold("10", 3, day=DAY, resource="lkc-dear"),
    ]

    assert moved(*lines, by=("product",)) == [("KAFKA", 20, 0, 20, 0)]


def test_resources_of_two_organizations_are_two_though_they_share_an_id(db):
    lines = [
        *(sold("1", 10, day=day) for day in (BEFORE, DAY)),
        *(sold("10", n, day=day) for day, n in ((BEFORE, 1), (DAY, 3))),
    ]
    for number, each in enumerate(lines):
        store_of = organization("o-1" if number < 2 else "o-2")
        allocate_days(store_of, store(store_of, each))
    seen = Visibility((organization("o-1").pk, organization("o-2").pk))

    (found,) = movers(
        CostFilter(DAY, DAY + ONE), (BEFORE, BEFORE + ONE), seen, by=("product",), most=9
    )

    assert (found.change, found.price_effect, found.quantity_effect) == (20, 0, 20)


def test_the_end_of_a_discount_is_a_price(db):
    free = sold("0", 10, day=BEFORE)
    free.list_amount = Decimal(20)

    assert moved(free, sold("2", 10, day=DAY)) == [("lkc-1", 20, 20, 0, 0)]


def test_units_are_not_added_up(db):
    lines = [
        sold("1", 10, day=BEFORE, unit="GB"),
        sold("1", 10, day=DAY, unit="GB"),
        sold("100", 1, day=DAY, unit="GB-hour"),
    ]

    assert moved(*lines) == [("lkc-1", 100, 0, 100, 0)]


def test_the_largest_change_comes_first_and_what_stays_is_left_out(db):
    lines = [
        *(sold("1", n, day=BEFORE, resource=f"lkc-{n}") for n in (1, 2, 3)),
        sold("1", 1, day=DAY, resource="lkc-1"),
        sold("1", 30, day=DAY, resource="lkc-2"),
    ]

    assert [row[0] for row in moved(*lines)] == ["lkc-2", "lkc-3"]


def test_it_shows_no_more_than_asked_for(db):
    lines = [sold("1", n, day=DAY, resource=f"lkc-{n}") for n in range(1, 6)]

    assert [row[0] for row in moved(*lines, most=2)] == ["lkc-5", "lkc-4"]


def test_a_share_of_a_line_has_that_share_of_its_quantity(db):
    acme = organization()
    made = cluster("lkc-1", of=acme)
    for code, unit in (("CC-1", "BU-1"), ("CC-2", "BU-2")):
        center(code, unit)
    rule({"CC-1": 25, "CC-2": 75}, of=acme, cluster=made)
    lines = [sold("2", 8, day=BEFORE), sold("3", 8, day=DAY)]

    assert moved(*lines, by=("cost_center",), units=("BU-1",)) == [("CC-1", 2, 2, 0, 0)]


@pytest.mark.parametrize("by", ["stage", "env", "business_unit"])
def test_every_dimension_can_be_asked_for(db, by):
    lines = [sold("2", 10, day=BEFORE), sold("3", 10, day=DAY)]

    assert [row[1:] for row in moved(*lines, by=(by,))] == [(10, 10, 0, 0)]


_lines = st.lists(
    st.tuples(
        st.decimals("-9", "99", places=4),
        st.none() | st.decimals("0", "99", places=4),
        st.sampled_from([DAY, BEFORE]),
        st.sampled_from(["lkc-1", "lkc-2", ""]),
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(_lines)
def test_the_effects_add_up_to_the_change_whatever_is_billed(db, drawn):
    with undone():
        lines = [sold(p, q, day=day, resource=resource) for p, q, day, resource in drawn]
        whole = {DAY: NOTHING, BEFORE: NOTHING}
        for each in lines:
            whole[each.day] += each.amount

        found = moved(*lines)

        assert all(change == price + qty + other for _, change, price, qty, other in found)
        assert sum(row[1] for row in found) == whole[DAY] - whole[BEFORE]
