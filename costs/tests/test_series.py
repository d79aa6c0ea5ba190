"""Costs of groups beside each other: a value for each period, and the report's own totals."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from costs.filters import CostFilter
from costs.reports.charges import Granularity
from costs.reports.grouped import grouped_costs
from costs.reports.query import CostQuery
from costs.reports.series import over_whole_range, periods_of, series_by_period
from costs.tests.billed import two_companies
from costs.visibility import Visibility
from dimensions.models import Organization

BILL = CostFilter(date(2026, 10, 30), date(2026, 11, 3))


@pytest.fixture
def seen(db):
    two_companies()
    return Visibility(tuple(Organization.objects.values_list("pk", flat=True)))


def test_it_gives_every_period_a_value(seen):
    found = series_by_period(CostQuery(BILL, Granularity.DAILY, ("product",)), seen)

    assert [start.day for start, _ in found.periods] == [30, 31, 1, 2]
    assert [(each.id, each.costs) for each in found.series] == [
        ("KAFKA", (157, 0, 0, 110)),
        ("SUPPORT", (30, 0, 0, 0)),
        ("CONNECT", (0, 20, 0, 0)),
        ("PROMO_CREDIT", (0, 0, 0, -10)),
    ]


def test_the_sums_are_the_reports(seen):
    found = series_by_period(CostQuery(BILL, Granularity.DAILY, ("cluster",), top=2), seen)

    assert found.by_period == [187, 20, 0, 100]
    assert sum(each.total for each in found.series) == found.totals.cost_usd == Decimal(307)
    assert [each.is_others for each in found.series] == [False, False, True]


def test_without_groups_there_is_one_series(seen):
    found = series_by_period(CostQuery(BILL, Granularity.WEEKLY), seen)

    assert [(each.ids, each.costs) for each in found.series] == [((), (207, 100))]


def test_nothing_is_no_series_and_zero_a_period(db):
    found = series_by_period(CostQuery(BILL, Granularity.DAILY, ("env",)), Visibility(()))

    assert (found.series, found.by_period) == ([], [0, 0, 0, 0])


def test_groups_over_the_whole_range_lack_nothing_where_periods_do(seen, monkeypatch):
    monkeypatch.setattr("costs.reports.series.MOST_ROWS", 2)
    query = CostQuery(BILL, Granularity.DAILY, ("product",), top=10)
    found = series_by_period(query, seen)

    whole = over_whole_range(query, found, seen, limit=10)

    assert found.is_cut
    assert [row[-1] for row in whole.table.rows] == [267, 30, 20, -10]


def test_groups_over_the_whole_range_are_those_of_the_report(seen):
    for asked in (
        CostQuery(BILL, Granularity.DAILY, ("env", "product"), top=2),
        CostQuery(BILL, Granularity.WEEKLY, ("cluster",)),
        CostQuery(BILL, Granularity.HOURLY),
    ):
        found = over_whole_range(asked, series_by_period(asked, seen), seen, limit=10)
        direct = grouped_costs(replace(asked, granularity=Granularity.TOTAL), seen, limit=10)

        assert [tuple(row) for row in found.table.rows] == [tuple(row) for row in direct.table.rows]
        assert found.totals == direct.totals


@pytest.mark.parametrize(
    ("granularity", "starts"),
    [
        (Granularity.WEEKLY, [date(2026, 10, 30), date(2026, 11, 2)]),
        (Granularity.MONTHLY, [date(2026, 10, 30), date(2026, 11, 1)]),
        (Granularity.TOTAL, [date(2026, 10, 30)]),
    ],
)
def test_a_period_is_cut_where_the_range_is(granularity, starts):
    found = list(periods_of(BILL, granularity))

    assert [start for start, _ in found] == starts
    assert found[-1][1] == BILL.end


def test_hours_are_utc():
    hours = list(periods_of(CostFilter(date(2026, 10, 30), date(2026, 10, 31)), Granularity.HOURLY))

    assert len(hours) == 24
    assert hours[-1] == (
        datetime(2026, 10, 30, 23, tzinfo=UTC),
        datetime(2026, 10, 31, 0, tzinfo=UTC),
    )
