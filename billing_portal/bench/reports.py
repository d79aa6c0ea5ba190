"""Every report over the year of a large bill, in this process: no HTTP, no templates."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial

from django.contrib.auth.models import AnonymousUser

from billing_portal.bench.data import LAST, M, organization, use
from billing_portal.bench.figures import Figure, milliseconds, seconds
from costs.filters import DIMENSIONS, CostFilter
from costs.partitions import ONE_DAY, month_of
from costs.reports.charges import Granularity
from costs.reports.choices import choices
from costs.reports.coverage import coverage
from costs.reports.gauges import bill_states, last_hours, months_to_date
from costs.reports.grouped import grouped_costs
from costs.reports.line_items import line_items
from costs.reports.movers import movers
from costs.reports.overview import overview
from costs.reports.payers import payers
from costs.reports.prices import unit_prices
from costs.reports.query import Compare, CostQuery
from costs.reports.snapshot import snapshot
from costs.reports.statements import statement
from costs.reports.summary import summary
from costs.visibility import Visibility, visible_to

TITLE = "Reports, a year of 2.9 million daily facts"
TIMES = 7
MONTH, YEAR = 30, 365
AIMS = {MONTH: 100, YEAR: 500}  # ms
OTHER_AIMS = {"one resource, by hour, 30 days": 200, "overview": 300, "metrics": 500}
Report = Callable[[CostFilter], object]


def measure() -> Iterator[Figure | str]:
    use(M)
    seen = visible_to(AnonymousUser())
    for name, report in _of_ranges(seen).items():
        for days, aim in AIMS.items():
            asked = CostFilter(LAST - (days - 1) * ONE_DAY, LAST + ONE_DAY)
            yield _figure(f"{name}, {days} days", partial(report, asked), aim)
    for name, ask in _of_other_ranges(seen).items():
        yield _figure(name, ask, OTHER_AIMS.get(name, AIMS[MONTH]))
    yield "Warm, one connection, nothing else running; the median is what is aimed at."


def _figure(name: str, ask: Callable[[], object], aim: float) -> Figure:
    def in_one_moment() -> None:
        with snapshot():
            ask()

    took = [seconds(in_one_moment) for _ in range(TIMES + 1)][1:]
    return Figure(name, "ms", milliseconds(took), at_most=aim)


def _of_ranges(seen: Visibility) -> dict[str, Report]:
    def grouped(
        *by: str, granularity: Granularity = Granularity.DAILY, top: int | None = None
    ) -> Report:
        return lambda asked: grouped_costs(
            CostQuery(asked, granularity, by, top=top), seen, limit=1_000
        )

    def of(report: Report, **include: str) -> Report:
        chosen = {name: (value,) for name, value in include.items()}
        return lambda asked: report(replace(asked, include=chosen))

    def compared(asked: CostFilter) -> object:
        query = CostQuery(asked, Granularity.TOTAL, ("cluster",), compare=Compare.PREVIOUS)
        return grouped_costs(query, seen, limit=1_000)

    total = Granularity.TOTAL
    return {
        "summary": lambda asked: summary(asked, seen),
        **{f"by day and top 10 of {name}": grouped(name, top=10) for name in DIMENSIONS},
        "by product, environment and unit": grouped(
            "product", "env", "business_unit", granularity=total
        ),
        "by resource, compared": compared,
        "one unit, by resource": of(grouped("cluster", granularity=total), business_unit="BU-1"),
        "one environment, by resource": of(grouped("cluster", granularity=total), env="env-1"),
        "one resource, by day and line type": of(grouped("line_type"), cluster="lkc-1"),
        "one resource, who pays": of(lambda asked: payers(asked, seen), cluster="lkc-1"),
        "one resource, unit prices": lambda asked: unit_prices(
            organization().pk, "lkc-1", asked, seen
        ),
        "choices of resources": lambda asked: choices("cluster", "12", asked, seen, most=20),
        "coverage": lambda asked: coverage(asked, seen),
    }


def _of_other_ranges(seen: Visibility) -> dict[str, Callable[[], object]]:
    month = CostFilter(LAST - (MONTH - 1) * ONE_DAY, LAST + ONE_DAY)
    one = replace(month, include={"cluster": ("lkc-1",)})
    before = (month.start - MONTH * ONE_DAY, month.start)
    day = CostFilter(LAST, LAST + ONE_DAY)

    def gauges() -> object:
        states = bill_states()
        today: date = LAST + ONE_DAY
        return last_hours(states, today, most=10_000, other="other"), months_to_date(states, today)

    return {
        "one resource, by hour, 30 days": lambda: grouped_costs(
            CostQuery(one, Granularity.HOURLY), seen, limit=1_000
        ),
        "all hours of a day, by product": lambda: grouped_costs(
            CostQuery(day, Granularity.HOURLY, ("product",)), seen, limit=1_000
        ),
        "what changed, 30 days": lambda: movers(month, before, seen, by=("cluster",), most=10),
        "bill lines of a day": lambda: line_items(day, seen, version=None, after=None, limit=100),
        "a statement": lambda: statement(month_of(LAST), "BU-1", None, seen),
        "overview": lambda: overview(seen, LAST, trend_by="product"),
        "metrics": gauges,
    }
