"""A question about costs: which charges, by what, in which order, compared with what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from costs.filters import DIMENSIONS, CostFilter, month_earlier
from costs.partitions import ONE_DAY
from costs.query_string import Reader
from costs.reports.charges import Granularity
from costs.reports.hourly import refuse_archived_hours

MOST_TOP = 1_000
LONGEST_HOURLY = 31  # days
A_WEEK = timedelta(days=7)


class Compare(StrEnum):
    NONE = "none"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by: cost, change, period or a dimension's name."""

    by: str
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.by}" if self.descending else self.by


@dataclass(frozen=True, slots=True)
class CostQuery:
    """top: only so many groups by their cost in the whole range, the rest as “Others”."""

    filter: CostFilter
    granularity: Granularity = Granularity.DAILY
    group_by: tuple[str, ...] = ()
    order_by: tuple[Order, ...] = ()
    top: int | None = None
    compare: Compare = Compare.NONE

    @classmethod
    def read(cls, reader: Reader) -> "CostQuery":
        """What the parameters say; mistakes are left with the reader, whose `finish` raises."""
        cost_filter = CostFilter.read(reader)
        granularity = reader.choice("granularity", Granularity, Granularity.DAILY)
        group_by = reader.words("group_by", tuple(DIMENSIONS))
        compare = reader.choice("compare", Compare, Compare.NONE)
        top = reader.optional_number("top", low=1, high=MOST_TOP)
        if granularity == Granularity.HOURLY:
            refuse_archived_hours(reader, cost_filter)
            if (cost_filter.end - cost_filter.start).days > LONGEST_HOURLY:
                reader.refuse(
                    "granularity", f"Hourly costs are given for at most {LONGEST_HOURLY} days."
                )
            if compare != Compare.NONE:
                reader.refuse(
                    "compare", "Hours are even shares of their day; compare days or longer."
                )
        if top is not None and not group_by:
            reader.refuse("top", "It needs a group_by: of what?")
        order_by = tuple(
            Order(word.removeprefix("-"), word.startswith("-"))
            for word in reader.words("order_by", _orders(group_by, compare))
        )
        if len({order.by for order in order_by}) < len(order_by):
            reader.refuse("order_by", "Name each once, upwards or downwards.")
        return cls(cost_filter, granularity, group_by, order_by, top, compare)

    def to_query(self) -> Iterator[tuple[str, str]]:
        """The parameters that say the same."""
        yield from self.filter.to_query()
        yield "granularity", self.granularity.value
        yield from (("group_by", name) for name in self.group_by)
        yield from (("order_by", str(order)) for order in self.order_by)
        if self.top is not None:
            yield "top", str(self.top)
        if self.compare != Compare.NONE:
            yield "compare", self.compare.value

    @property
    def is_compared(self) -> bool:
        return self.compare == Compare.PREVIOUS

    def previous_days(self) -> tuple[date, date]:
        """The days [start, end) whose charges stand beside those asked for."""
        start, end = self.filter.start, self.filter.end
        match self.granularity:
            case Granularity.DAILY:
                return start - ONE_DAY, end - ONE_DAY
            case Granularity.WEEKLY:
                return start - A_WEEK, end - A_WEEK
            case Granularity.MONTHLY:
                return month_earlier(start), month_earlier(end)
        return self.filter.previous()

    def as_understood(self) -> dict[str, Any]:
        """The question in plain values, for the answer to repeat."""
        return self.filter.as_understood() | {
            "granularity": self.granularity,
            "group_by": list(self.group_by),
            "order_by": [str(order) for order in self.order_by],
            "top": self.top,
            "compare": self.compare,
        }


def order_choices() -> list[str]:
    """Every value that order_by may take, whatever else is asked."""
    return list(_orders(tuple(DIMENSIONS), Compare.PREVIOUS))


def _orders(group_by: tuple[str, ...], compare: Compare) -> tuple[str, ...]:
    names = ["period", "cost", *(["change"] if compare != Compare.NONE else []), *group_by]
    return tuple(f"{sign}{name}" for name in names for sign in ("", "-"))
