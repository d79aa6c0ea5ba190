"""Costs of groups beside each other, period by period: what a chart draws and a table shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from costs.filters import DIMENSIONS, CostFilter, CostType
from costs.partitions import ONE_DAY, next_month
from costs.reports.charges import Granularity
from costs.reports.columns import Row, Table, as_records
from costs.reports.grouped import OTHERS, GroupedCosts, Totals, columns_of, grouped_costs
from costs.reports.query import A_WEEK, CostQuery
from costs.visibility import Visibility

ONE_HOUR = timedelta(hours=1)
ZERO = Decimal(0)
# More rows are for a file; a page of them would help nobody.
MOST_ROWS = 50_000
Moment = date | datetime
Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """The costs of one group, a value for each period; USD, zero where nothing was charged.

    ids, names: of the query's group_by, in its order; a name is the id where there is none.
    """

    ids: Key
    names: Key
    is_others: bool
    costs: tuple[Decimal, ...]

    @property
    def total(self) -> Decimal:
        return sum(self.costs, ZERO)

    @property
    def id(self) -> str | None:
        """Of a group by one dimension."""
        return self.ids[0]


@dataclass(frozen=True, slots=True)
class SeriesByPeriod:
    """periods: (start, exclusive end) in UTC; series: the largest first, Others last."""

    periods: Sequence[tuple[Moment, Moment]]
    series: Sequence[Series]
    totals: Totals

    @property
    def is_cut(self) -> bool:
        """Whether the report has more rows than anybody could look at: the last ones lack."""
        return self.totals.rows > MOST_ROWS

    @property
    def by_period(self) -> list[Decimal]:
        """The sum of all groups, of each period."""
        if not self.series:
            return [ZERO] * len(self.periods)
        return [sum(costs, ZERO) for costs in zip(*(s.costs for s in self.series), strict=True)]


def series_by_period(query: CostQuery, visibility: Visibility) -> SeriesByPeriod:
    """The report of the query with a value for each period, also where nothing was charged."""
    report = grouped_costs(query, visibility, limit=MOST_ROWS)
    periods = list(periods_of(query.filter, query.granularity))
    position = {start: number for number, (start, _) in enumerate(periods)}
    costs: dict[tuple[bool, Key], list[Decimal]] = {}
    names: dict[tuple[bool, Key], Key] = {}
    for row in as_records(report.table):
        is_others = bool(row.get("is_others"))
        ids = tuple(row[DIMENSIONS[name].key] for name in query.group_by)
        group = (is_others, ids)
        names[group] = tuple(
            OTHERS if is_others else row.get(DIMENSIONS[name].name_key) or row[DIMENSIONS[name].key]
            for name in query.group_by
        )
        costs.setdefault(group, [ZERO] * len(periods))[position[row["period_start"]]] = row[
            "cost_usd"
        ]
    found = [Series(key[1], names[key], key[0], tuple(costs[key])) for key in costs]
    sign = -1 if query.filter.cost_type == CostType.CREDITS else 1
    found.sort(key=lambda each: (each.is_others, -sign * each.total, str(each.ids)))
    return SeriesByPeriod(periods, found, report.totals)


def over_whole_range(
    query: CostQuery, found: SeriesByPeriod, visibility: Visibility, *, limit: int
) -> GroupedCosts:
    """The same groups without periods. found: the answer to the query.

    The database is asked again only for what they cost before, or what found lacks.
    """
    if query.is_compared or found.is_cut:
        by_group = replace(query, granularity=Granularity.TOTAL, order_by=())
        return grouped_costs(by_group, visibility, limit=limit)
    totals = replace(found.totals, rows=len(found.series))
    rows = [_row(query, each) for each in found.series[:limit]]
    return GroupedCosts(Table(columns_of(query), rows), totals)


def _row(query: CostQuery, series: Series) -> Row:
    """In the order of columns_of."""
    row: list[Any] = [query.filter.start, query.filter.end]
    for dimension, id, name in zip(query.group_by, series.ids, series.names, strict=True):
        row += [id, name] if DIMENSIONS[dimension].name_key else [id]
    if query.top is not None:
        row.append(series.is_others)
    return (*row, series.total)


def periods_of(
    cost_filter: CostFilter, granularity: Granularity
) -> Iterator[tuple[Moment, Moment]]:
    """Every period of the range, cut where the range cuts it."""
    start, end = cost_filter.start, cost_filter.end
    if granularity == Granularity.TOTAL:
        yield start, end
        return
    if granularity == Granularity.HOURLY:
        hour = datetime(start.year, start.month, start.day, tzinfo=UTC)
        while hour.date() < end:
            yield hour, hour + ONE_HOUR
            hour += ONE_HOUR
        return
    day = start
    while day < end:
        following = min(_following(day, granularity), end)
        yield day, following
        day = following


def _following(day: date, granularity: Granularity) -> date:
    match granularity:
        case Granularity.WEEKLY:
            return day + A_WEEK - timedelta(days=day.weekday())
        case Granularity.MONTHLY:
            return next_month(day)
    return day + ONE_DAY
