"""Rules on their own page: what they select, and who pays with which percent."""

import pytest

from costs.allocation import allocate_days
from costs.models import AllocationRule
from costs.tests.browsing import filled, is_preview, moves, post, send, with_row
from costs.tests.ownership import (
    center,
    cluster,
    facts,
    line,
    october,
    organization,
    pending,
    rule,
    store,
)

ADD = "/admin/costs/allocationrule/add/"
NOBODY = "Unallocated"


@pytest.fixture
def acme(db):
    """10 USD of the resource orders on 14 October."""
    acme = organization()
    cluster("lkc-1", of=acme)
    for code in "ABC":
        center(code, f"Unit {code}")
    allocate_days(acme, store(acme, line(10, resource="lkc-1", name="orders")))
    return acme


@pytest.fixture
def split(acme, fay):
    """The page of a rule: 60 % A, 40 % B."""
    made = rule({"A": 60, "B": 40}, of=acme, cluster=acme.clusters.get())
    allocate_days(acme, [october(14)])
    return fay.get(f"/admin/costs/allocationrule/{made.pk}/change/")


def save(client, page, data):
    answer = post(client, page, data)
    answer = send(client, answer) if is_preview(answer) else answer
    assert answer.status_code == 302
    return answer


def owners():
    return [(code, int(usd)) for code, usd in facts("cost_center", "cost_usd")]


@pytest.mark.parametrize(
    "selected",
    [
        {"selector": "cluster"},
        {"selector": "pattern", "name_pattern": "^ord"},
        {"selector": "organization", "product": "KAFKA"},
    ],
    ids=str,
)
def test_it_makes_a_rule_of_two_payers(acme, fay, selected):
    page = fay.get(ADD)
    resource = acme.clusters.get().pk if selected["selector"] == "cluster" else ""
    data = filled(page, organization=acme.pk, valid_from="2026-10-01", cluster=resource, **selected)
    first = {"targets-0-cost_center": center("A").pk, "targets-0-percent": "70"}
    second = {"cost_center": center("B").pk, "percent": "30.0000"}

    preview = post(fay, page, with_row(data | first, "targets", **second))

    assert moves(preview) == [
        (NOBODY, NOBODY, "$10.00", "$0.00", "\N{MINUS SIGN}$10.00"),
        ("Unit A", "A", "$0.00", "$7.00", "$7.00"),
        ("Unit B", "B", "$0.00", "$3.00", "$3.00"),
    ]
    assert send(fay, preview).status_code == 302
    assert (owners(), pending()) == ([("A", 7), ("B", 3)], [])


def test_it_begins_with_the_first_of_this_month(acme, fay, time_machine):
    time_machine.move_to("2026-11-30T23:59:59Z")

    assert filled(fay.get(ADD))["valid_from"] == ["2026-11-01"]


def test_it_changes_percents(split, fay):
    save(fay, split, filled(split, **{"targets-0-percent": "10", "targets-1-percent": "90"}))

    assert owners() == [("A", 1), ("B", 9)]


def test_it_adds_a_payer(split, fay):
    data = filled(split, **{"targets-0-percent": "50"})

    save(fay, split, with_row(data, "targets", cost_center=center("C").pk, percent="10"))

    assert owners() == [("A", 5), ("B", 4), ("C", 1)]


def test_it_replaces_a_payer(split, fay):
    save(fay, split, filled(split, **{"targets-0-cost_center": center("C").pk}))

    assert owners() == [("B", 4), ("C", 6)]


def test_it_takes_a_payer_away(split, fay):
    save(fay, split, filled(split, **{"targets-0-percent": "100", "targets-1-DELETE": "on"}))

    assert owners() == [("A", 10)]


def test_it_lets_payers_change_places(split, fay):
    places = {"targets-0-cost_center": center("B").pk, "targets-1-cost_center": center("A").pk}

    save(fay, split, filled(split, **places))

    assert owners() == [("A", 4), ("B", 6)]


def test_it_puts_a_payer_in_the_place_of_one_that_goes(split, fay):
    all_to_b = {"targets-0-cost_center": center("B").pk, "targets-0-percent": "100"}

    save(fay, split, filled(split, **all_to_b, **{"targets-1-DELETE": "on"}))

    assert owners() == [("B", 10)]


def test_it_takes_the_organization_of_the_resource(acme, fay):
    page = fay.get(ADD)
    target = {"targets-0-cost_center": center("A").pk, "targets-0-percent": "100"}
    selected = {"selector": "cluster", "cluster": acme.clusters.get().pk}

    save(fay, page, filled(page, organization="", valid_from="2026-10-01", **selected, **target))

    assert AllocationRule.objects.get().organization == acme
