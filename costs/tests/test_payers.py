"""Who pays for something, from when to when, and because of what."""

from datetime import date

from costs.allocation import allocate_days
from costs.filters import CostFilter
from costs.reports.payers import payers
from costs.tests.ownership import center, cluster, line, october, organization, rule, store, support
from costs.visibility import Visibility

MONTH = CostFilter(date(2026, 10, 1), date(2026, 11, 1))


def of(acme, units=None, **include):
    said = {name: (value,) for name, value in include.items()}
    found = payers(CostFilter(MONTH.start, MONTH.end, include=said), Visibility((acme.pk,), units))
    return [
        (each.cost_center, each.method_label, each.first_day.day, each.last_day.day, each.cost)
        for each in found
    ]


def company():
    acme = organization()
    made = cluster("lkc-1", of=acme)
    for code, unit in (("CC-1", "BU-1"), ("CC-2", "BU-2")):
        center(code, unit)
    rule("CC-1", of=acme, cluster=made, valid_to=october(3))
    rule("CC-2", of=acme, cluster=made, valid_from=october(3))
    lines = [line(10, day=october(n), resource="lkc-1") for n in (1, 2, 3, 4)]
    allocate_days(acme, store(acme, *lines, support(6, day=october(4))))
    return acme


def test_who_paid_last_comes_first(db):
    assert of(company(), cluster="lkc-1") == [
        ("CC-2", "Rule of the resource", 3, 4, 20),
        ("CC-1", "Rule of the resource", 1, 2, 20),
    ]


def test_it_says_why(db):
    assert of(company(), cluster="none") == [
        ("CC-2", "Shared in proportion to direct cost", 4, 4, 6)
    ]


def test_a_limited_user_hears_of_the_own_units_only(db):
    assert of(company(), units=("BU-1",), cluster="lkc-1") == [
        ("CC-1", "Rule of the resource", 1, 2, 20)
    ]
