"""The bill at a glance: this month so far, the last one, the last days, and who stands out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from costs.filters import CostFilter, Period, month_earlier
from costs.money import percent
from costs.partitions import ONE_DAY, next_month
from costs.reports.charges import Granularity
from costs.reports.coverage import Coverage, coverage
from costs.reports.grouped import grouped_costs
from costs.reports.query import CostQuery
from costs.reports.series import SeriesByPeriod, series_by_period
from costs.reports.summary import Summary, summary
from costs.visibility import Visibility
from dimensions.models import Organization

DAYS, WEEK_DAYS = 30, 7
TOP = 5
MOST_SERIES = 8
# What the trend may be stacked by, and what the top lists are of.
TREND_BY = ("product", "business_unit")
TOPS = ("cluster", "env", "business_unit")


@dataclass(frozen=True, slots=True)
class Month:
    """The month so far, through its last billed day, beside the same days of the month before.

    first..last: UTC days, both included; USD. settled: net of its days before settled_end, whose
    bill will not change; all of its days while none is settled.
    """

    first: date
    last: date
    now: Summary
    before: Summary
    settled: Decimal
    settled_end: date

    @property
    def days_settled(self) -> int:
        return (self.settled_end - self.first).days

    @property
    def days_in_month(self) -> int:
        return (next_month(self.first) - self.first).days

    @property
    def change(self) -> Decimal:
        return self.now.net - self.before.net

    @property
    def change_percent(self) -> Decimal | None:
        return percent(self.change, abs(self.before.net))

    @property
    def run_rate(self) -> Decimal:
        """What the month comes to if its other days cost what the settled ones did on average.

        A provisional day is often not whole yet, and would pull the average down.
        """
        return self.settled / self.days_settled * self.days_in_month


@dataclass(frozen=True, slots=True)
class Overview:
    """days: the range of trend and tops; month: None while none of its days is billed."""

    organizations: Sequence[str]
    data_through: date
    settled_through: date
    month: Month | None
    last_month: Summary
    last_month_filter: CostFilter
    days: CostFilter
    coverage: Coverage
    trend: SeriesByPeriod
    tops: dict[str, SeriesByPeriod]


def overview(visibility: Visibility, today: date, *, trend_by: str) -> Overview | None:
    """What there is to see on the UTC day `today`; None before anything is stored."""
    covered = coverage(CostFilter(today, today + ONE_DAY), visibility)
    if covered.data_through is None:
        return None
    through = covered.data_through
    days = last_days(through, DAYS)
    of_days = coverage(days, visibility)
    settled = settled_through(of_days, through)
    last_month = CostFilter(*Period.LAST_MONTH.days(today), period=Period.LAST_MONTH)
    names = Organization.objects.filter(pk__in=visibility.organizations)
    return Overview(
        organizations=list(names.order_by("display_name").values_list("display_name", flat=True)),
        data_through=through,
        settled_through=settled,
        month=_month(visibility, today, through, settled),
        last_month=summary(last_month, visibility),
        last_month_filter=last_month,
        days=days,
        coverage=of_days,
        trend=series_by_period(_daily(days, trend_by, MOST_SERIES), visibility),
        tops={name: series_by_period(_daily(days, name, TOP), visibility) for name in TOPS},
    )


def last_days(through: date, count: int) -> CostFilter:
    """So many days, `through` the last of them."""
    return CostFilter(through - timedelta(days=count - 1), through + ONE_DAY)


def settled_through(covered: Coverage, through: date) -> date:
    """The last day before those that Confluent may still restate."""
    first = covered.first_provisional
    return through if first is None else first - ONE_DAY


def _month(visibility: Visibility, today: date, through: date, settled: date) -> Month | None:
    first = today.replace(day=1)
    if through < first:
        return None
    now = CostFilter(first, through + ONE_DAY)
    before = CostFilter(month_earlier(now.start), month_earlier(now.end))
    end = settled + ONE_DAY if settled >= first else now.end
    total = CostQuery(CostFilter(first, end), Granularity.TOTAL)
    return Month(
        first=first,
        last=through,
        now=summary(now, visibility),
        before=summary(before, visibility),
        settled=grouped_costs(total, visibility, limit=1).totals.cost_usd,
        settled_end=end,
    )


def _daily(days: CostFilter, by: str, top: int) -> CostQuery:
    return CostQuery(days, Granularity.DAILY, (by,), top=top)
