"""Rows of tables as templates show them: a report's row, its name in words, where it leads."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from costs.filters import DIMENSIONS
from costs.money import percent
from costs.partitions import ONE_DAY
from costs.reports.charges import Granularity
from costs.reports.grouped import OTHERS, Totals
from costs.reports.movers import Mover
from costs.reports.query import CostQuery
from costs.reports.series import ZERO, Moment, Series, SeriesByPeriod
from costs.web import addresses
from costs.web.charts import sparkline
from costs.web.names import Name, label_of, name_of


@dataclass(frozen=True, slots=True)
class TopRow:
    """A group with its daily costs."""

    series: Series
    name: Name
    url: str

    @property
    def points(self) -> str:
        return sparkline(self.series.costs)


@dataclass(frozen=True, slots=True)
class MoverRow:
    """A group whose cost changed."""

    mover: Mover
    names: list[Name]
    url: str


@dataclass(frozen=True, slots=True)
class MoversTotal:
    """What everything came to, now and before, and the change of what the rows leave out; USD."""

    cost: Decimal
    previous: Decimal
    rest: Decimal

    @property
    def change(self) -> Decimal:
        return self.cost - self.previous

    @property
    def percent(self) -> Decimal | None:
        return percent(self.change, abs(self.previous))


def movers_total(changed: Iterable[Mover], totals: Totals) -> MoversTotal:
    """totals: of a comparison of the same two ranges, without groups."""
    shown = sum((each.change for each in changed), ZERO)
    rest = (totals.change or ZERO) - shown
    return MoversTotal(totals.cost_usd, totals.previous_cost_usd or ZERO, rest)


def mover_rows(
    changed: Iterable[Mover], link: Callable[[Mapping[str, str | None]], str]
) -> list[MoverRow]:
    return [
        MoverRow(
            each,
            [name_of(dimension, id, each.names[dimension]) for dimension, id in each.ids.items()],
            link(each.ids),
        )
        for each in changed
    ]


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A period's costs, a value for each group."""

    label: str
    url: str
    costs: Sequence[Decimal]
    total: Decimal


@dataclass(frozen=True, slots=True)
class SeriesTable:
    """Periods below each other, groups beside each other; USD. Sums are of the exact amounts."""

    caption: str
    period_title: str
    labels: Sequence[str]
    rows: Sequence[PeriodRow]
    totals: Sequence[Decimal]
    total: Decimal

    @property
    def has_total(self) -> bool:
        """A column of its own would repeat the only one."""
        return len(self.labels) > 1


def series_table(
    found: SeriesByPeriod,
    group_by: Sequence[str],
    granularity: Granularity,
    *,
    caption: str,
    link: Callable[[date], str] | None = None,
) -> SeriesTable:
    """link: of a day."""
    rows = [
        PeriodRow(
            _moment(start, end, granularity),
            link(start) if link else "",
            [each.costs[number] for each in found.series] or [ZERO],
            total,
        )
        for number, ((start, end), total) in enumerate(
            zip(found.periods, found.by_period, strict=True)
        )
    ]
    return SeriesTable(
        caption=caption,
        period_title="Hour (UTC)" if granularity == Granularity.HOURLY else "Days (UTC)",
        labels=[label_of(group_by, each) for each in found.series] or ["Cost"],
        rows=rows,
        totals=[each.total for each in found.series] or [ZERO],
        total=found.totals.cost_usd,
    )


def _moment(start: Moment, end: Moment, granularity: Granularity) -> str:
    match granularity:
        case Granularity.HOURLY:
            return f"{start:%Y-%m-%d %H:00}"
        case Granularity.DAILY:
            return f"{start:%a} {start}"
    return f"{start} to {end - ONE_DAY}"


GroupLink = Callable[[Mapping[str, str | None]], str]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group's cost in the whole range, its share of it, and what it cost before; USD.

    page: the page of its own, if it has one.
    """

    names: Sequence[Name]
    url: str
    page: str
    cost: Decimal
    share: Decimal | None
    previous: Decimal | None
    change: Decimal | None
    change_percent: Decimal | None


def group_rows(
    records: Iterable[Mapping[str, Any]], query: CostQuery, whole: Decimal, *, link: GroupLink
) -> list[GroupRow]:
    """Of a report without periods; link: from a group's ids to where its name leads."""
    return [_group_row(record, query, whole, link) for record in records]


def _group_row(
    record: Mapping[str, Any], query: CostQuery, whole: Decimal, link: GroupLink
) -> GroupRow:
    is_others = bool(record.get("is_others"))
    ids = {name: record[DIMENSIONS[name].key] for name in query.group_by}
    names = [name_of(name, id, record.get(DIMENSIONS[name].name_key)) for name, id in ids.items()]
    return GroupRow(
        names=[Name(OTHERS)] * len(names) if is_others else names,
        url="" if is_others or not ids else link(ids),
        page="" if is_others else addresses.page_of(ids, query.filter),
        cost=record["cost_usd"],
        share=percent(record["cost_usd"], whole),
        previous=record.get("previous_cost_usd"),
        change=record.get("change_usd"),
        change_percent=record.get("change_percent"),
    )
