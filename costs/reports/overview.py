"""The bill at a glance: this month so far, the last one, the last days, and who stands out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Max

from costs.filters import CostFilter, Period, month_earlier
from costs.models import UNALLOCATED, BillingDay
from costs.money import percent
from costs.partitions import ONE_DAY, next_month
from costs.reports.charges import Granularity
from costs.reports.columns import as_records
from costs.reports.coverage import Coverage, coverage, provisional_days
from costs.reports.grouped import grouped_costs
from costs.reports.query import CostQuery
from costs.reports.series import SeriesByPeriod, series_by_period
from costs.reports.summary import ZERO, Headline, headline
from costs.visibility import Visibility
from dimensions.models import Organization

DAYS, WEEK_DAYS, MOST_DAYS = 30, 7, 31
TOP = 5
MOST_SERIES = 8
# What the trend may be stacked by, and what the top lists are of.
TREND_BY = ("product", "business_unit")
TOPS = ("cluster", "env", "business_unit")


@dataclass(frozen=True, slots=True)
class Month:
    """The month so far, through its last billed day, beside the same days of the month before.

    first..last: UTC days, both included; USD. settled: net of its days_settled days whose bill will
    not change; whole_end: after the last of them. whole: net of the days before that; earlier: of
    the same days of the month before, of which earlier_missing were not collected.
    """

    first: date
    last: date
    now: Headline
    settled: Decimal
    days_settled: int
    whole_end: date
    whole: Decimal
    earlier: Decimal
    earlier_missing: int

    @property
    def days_in_month(self) -> int:
        return (next_month(self.first) - self.first).days

    @property
    def change(self) -> Decimal:
        return self.whole - self.earlier

    @property
    def change_percent(self) -> Decimal | None:
        return percent(self.change, abs(self.earlier))

    @property
    def last_whole_day(self) -> date:
        return self.whole_end - ONE_DAY

    @property
    def run_rate(self) -> Decimal:
        """What the month comes to if its other days cost what the settled ones did on average.

        A provisional day is often not whole yet, and would pull the average down.
        """
        return self.settled / self.days_settled * self.days_in_month


@dataclass(frozen=True, slots=True)
class Overview:
    """days: the range of trend and tops; month: None while none of its days is billed.

    provisional: days that Confluent may still restate; unallocated: USD of the range.
    """

    organizations: Sequence[str]
    data_through: date
    settled_through: date
    provisional: set[date]
    month: Month | None
    last_month: Headline
    last_month_filter: CostFilter
    days: CostFilter
    coverage: Coverage
    unallocated: Decimal
    trend: SeriesByPeriod
    tops: dict[str, SeriesByPeriod]

    @property
    def last_day(self) -> date:
        return self.days.end - ONE_DAY


def overview(visibility: Visibility, today: date, *, trend_by: str) -> Overview | None:
    """What there is to see on the UTC day `today`; None before anything is stored."""
    covered = coverage(CostFilter(today, today + ONE_DAY), visibility)
    if covered.data_through is None:
        return None
    through = _last_day(covered.data_through, visibility)
    days = last_days(through, DAYS)
    recent = CostFilter(min(days.start, today.replace(day=1)), days.end)
    open_days = provisional_days(recent, visibility)
    last_month = CostFilter(*Period.LAST_MONTH.days(today), period=Period.LAST_MONTH)
    names = Organization.objects.filter(pk__in=visibility.organizations)
    return Overview(
        organizations=list(names.order_by("display_name").values_list("display_name", flat=True)),
        data_through=covered.data_through,
        settled_through=_last_settled(recent, open_days),
        provisional=open_days,
        month=_month(visibility, today, through, open_days),
        last_month=headline(last_month, visibility),
        last_month_filter=last_month,
        days=days,
        coverage=coverage(days, visibility),
        unallocated=_unallocated(days, visibility),
        trend=series_by_period(_daily(days, trend_by, MOST_SERIES), visibility),
        tops={name: series_by_period(_daily(days, name, TOP), visibility) for name in TOPS},
    )


def last_days(through: date, count: int) -> CostFilter:
    """So many days, `through` the last of them."""
    return CostFilter(through - timedelta(days=count - 1), through + ONE_DAY)


def _last_day(data_through: date, visibility: Visibility) -> date:
    """The last billed day; of who is limited the last stored one, for others' lines are hidden."""
    if not visibility.is_limited:
        return data_through
    stored = BillingDay.objects.filter(organization__in=visibility.organizations)
    last: date | None = stored.aggregate(last=Max("day"))["last"]
    return last or data_through


def _last_settled(days: CostFilter, open_days: set[date]) -> date:
    """The last day that will not change; the last day of all while every one may."""
    day = days.end - ONE_DAY
    while day in open_days:
        day -= ONE_DAY
    return day if day >= days.start else days.end - ONE_DAY


def _month(
    visibility: Visibility, today: date, through: date, open_days: set[date]
) -> Month | None:
    first = today.replace(day=1)
    if through < first:
        return None
    now = CostFilter(first, through + ONE_DAY)
    daily = grouped_costs(CostQuery(now), visibility, limit=MOST_DAYS).table
    by_day = {row["period_start"]: row["cost_usd"] for row in as_records(daily)}
    stored = BillingDay.objects.filter(
        organization__in=visibility.organizations, day__gte=now.start, day__lt=now.end
    )
    settled = set(stored.values_list("day", flat=True)) - open_days
    end = max(settled, default=first - ONE_DAY) + ONE_DAY
    earlier = CostFilter(month_earlier(first), max(month_earlier(end), month_earlier(first)))
    return Month(
        first=first,
        last=through,
        now=headline(now, visibility),
        settled=sum((by_day.get(day, ZERO) for day in settled), ZERO),
        days_settled=len(settled),
        whole_end=end,
        whole=sum((cost for day, cost in by_day.items() if day < end), ZERO),
        earlier=_total(earlier, visibility) if end > first else ZERO,
        earlier_missing=coverage(earlier, visibility).days_missing if end > first else 0,
    )


def _unallocated(days: CostFilter, visibility: Visibility) -> Decimal:
    return _total(replace(days, include={"cost_center": (UNALLOCATED,)}), visibility)


def _total(cost_filter: CostFilter, visibility: Visibility) -> Decimal:
    query = CostQuery(cost_filter, Granularity.TOTAL)
    return grouped_costs(query, visibility, limit=1).totals.cost_usd


def _daily(days: CostFilter, by: str, top: int) -> CostQuery:
    return CostQuery(days, Granularity.DAILY, (by,), top=top)
