"""Which charges a question is about: read once from a query string, written back to one.

The API, pages, exports and metrics all ask by a CostFilter, and SQL is made of it here alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from costs.models import Confidence, Method
from costs.partitions import ONE_DAY, month_of, next_month
from costs.query_string import Reader
from costs.visibility import Visibility
from dimensions.models import Environment

# What a filter says for charges that name no resource or environment, or whose stage is not said.
NONE = "none"


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something that costs are filtered and grouped by.

    key: the column of a row; name_key: the column with the display name, if there is one.
    """

    name: str
    key: str
    name_key: str = ""
    may_be_none: bool = False
    choices: tuple[str, ...] = ()


DIMENSIONS = {
    dimension.name: dimension
    for dimension in (
        Dimension("org", "org_id", "org_name"),
        Dimension("env", "env_id", "env_name", may_be_none=True),
        Dimension(
            "stage",
            "stage",
            may_be_none=True,
            choices=(*filter(None, Environment.Stage.values), NONE),
        ),
        Dimension("cluster", "cluster_id", "cluster_name", may_be_none=True),
        Dimension("product", "product"),
        Dimension("line_type", "line_type"),
        Dimension("business_unit", "business_unit", "business_unit_name"),
        Dimension("cost_center", "cost_center", "cost_center_name"),
        Dimension("confidence", "allocation_confidence", choices=tuple(Confidence.values)),
        Dimension("method", "allocation_method", choices=tuple(Method.values)),
    )
}


class CostType(StrEnum):
    """net: what is owed; usage: charges above zero; credits: those below; list: undiscounted."""

    NET = "net"
    USAGE = "usage"
    CREDITS = "credits"
    LIST = "list"


class Period(StrEnum):
    """Ranges of UTC days relative to today, which they include (but last_month)."""

    MTD = "mtd"
    LAST_MONTH = "last_month"
    LAST_7_DAYS = "last_7_days"
    LAST_30_DAYS = "last_30_days"
    LAST_90_DAYS = "last_90_days"
    YTD = "ytd"

    def days(self, today: date) -> tuple[date, date]:
        """The days [start, end)."""
        match self:
            case Period.MTD:
                return month_of(today), today + ONE_DAY
            case Period.LAST_MONTH:
                return month_of(month_of(today) - ONE_DAY), month_of(today)
            case Period.YTD:
                return today.replace(month=1, day=1), today + ONE_DAY
        count = int(self.value.split("_")[1])
        return today - timedelta(days=count - 1), today + ONE_DAY


DEFAULT_PERIOD = Period.LAST_30_DAYS
Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CostFilter:
    """Charges of the UTC days [start, end) whose dimensions are as said.

    include: any of the values of each dimension; exclude: none of them. period: the words that
    the days came from.
    """

    start: date
    end: date
    cost_type: CostType = CostType.NET
    include: Values = field(default_factory=dict)
    exclude: Values = field(default_factory=dict)
    period: Period | None = None

    @classmethod
    def read(
        cls,
        reader: Reader,
        *,
        dimensions: Iterable[str] = tuple(DIMENSIONS),
        cost_types: Iterable[CostType] = tuple(CostType),
        default: Period = DEFAULT_PERIOD,
    ) -> "CostFilter":
        """What the parameters say; mistakes are left with the reader, whose `finish` raises."""
        start, end, period = read_days(reader, default)
        cost_type = CostType.NET
        if allowed := tuple(cost_types):
            cost_type = reader.choice("cost_type", CostType, CostType.NET)
            if cost_type not in allowed:
                reader.refuse("cost_type", f"“{cost_type}” is not to be had here.", allowed)
        include, exclude = read_values(reader, dimensions)
        return cls(start, end, cost_type, include, exclude, period)

    def to_query(self) -> Iterator[tuple[str, str]]:
        """The parameters that say the same; a relative period stays one."""
        yield from self.days_to_query()
        if self.cost_type != CostType.NET:
            yield "cost_type", self.cost_type.value
        yield from self.values_to_query()

    def days_to_query(self) -> Iterator[tuple[str, str]]:
        """The parameters that say the same days."""
        if self.period:
            yield "period", self.period.value
        else:
            yield "start_date", self.start.isoformat()
            yield "end_date", self.end.isoformat()

    def values_to_query(self) -> Iterator[tuple[str, str]]:
        """The parameters that say what is included and excluded, of whatever days."""
        for name, values in self.include.items():
            yield from ((name, value) for value in values)
        for name, values in self.exclude.items():
            yield from ((f"exclude[{name}]", value) for value in values)

    def as_understood(self) -> dict[str, Any]:
        """The filter in plain values, for an answer to repeat."""
        return {
            "start_date": self.start,
            "end_date": self.end,
            "period": self.period,
            "cost_type": self.cost_type,
            "include": {name: list(values) for name, values in self.include.items()},
            "exclude": {name: list(values) for name, values in self.exclude.items()},
        }

    def previous(self) -> tuple[date, date]:
        """The days [start, end) to compare the whole range with.

        A year to date goes back a year; whole months and a month to date go back by months; other
        ranges by their own length.
        """
        if self.period == Period.YTD:
            return _earlier(self.start, 12), _earlier(self.end, 12)
        if self.period == Period.MTD:
            return _earlier(self.start, 1), _earlier(self.end, 1)
        if self.start.day == self.end.day == 1:
            months = 12 * (self.end.year - self.start.year) + self.end.month - self.start.month
            return _earlier(self.start, months), self.start
        return self.start - (self.end - self.start), self.start

    def before(self) -> "CostFilter":
        """The same charges of the days to compare the whole range with."""
        start, end = self.previous()
        return replace(self, start=start, end=end, period=None)

    def named(self) -> set[str]:
        """The dimensions that the filter says something of."""
        return {*self.include, *self.exclude}

    def conditions(self, columns: Mapping[str, str]) -> Iterator[str]:
        """SQL that is true for the rows whose dimensions, named by the columns, are as said."""
        for name, values in self.include.items():
            among = f"{columns[name]} = ANY (%(include_{name})s)"
            yield f"({among} OR {columns[name]} IS NULL)" if NONE in values else among
        for name, values in self.exclude.items():
            other = f"{columns[name]} <> ALL (%(exclude_{name})s)"
            yield other if NONE in values else f"({columns[name]} IS NULL OR {other})"

    def parameters(self, visibility: Visibility) -> dict[str, Any]:
        """What the conditions and the reports' own statements refer to."""
        return {
            "start": self.start,
            "end": self.end,
            "organizations": list(visibility.organizations),
            "business_units": list(visibility.business_units or ()),
            **{f"include_{name}": list(values) for name, values in self.include.items()},
            **{f"exclude_{name}": list(values) for name, values in self.exclude.items()},
        }


def month_earlier(day: date) -> date:
    """The first day that lies at or after `day` when it is moved a month on."""
    return _earlier(day, 1)


def _earlier(day: date, months: int) -> date:
    first = day.replace(day=1)
    for _ in range(months):
        first = month_of(first - ONE_DAY)
    # The 31st of a month of 30 days: the days after its last one are those of the next month.
    return first + timedelta(days=min(day.day - 1, (next_month(first) - first).days))


def read_days(reader: Reader, default: Period = DEFAULT_PERIOD) -> tuple[date, date, Period | None]:
    """The days [start, end) asked for by start_date and end_date, or by a relative period."""
    today = datetime.now(UTC).date()
    start, end = reader.day("start_date"), reader.day("end_date")
    period = reader.choice("period", Period, default)
    has_days = reader.has("start_date") or reader.has("end_date")
    if not has_days:
        return *period.days(today), period
    if reader.has("period"):
        reader.refuse("period", "Give a period, or start_date and end_date: one of the two.")
    if not reader.has("start_date"):
        reader.refuse("start_date", "end_date needs a start_date.")
    end = end or today + ONE_DAY
    start = start or end - ONE_DAY
    if start >= end:
        reader.refuse(
            "end_date",
            f"{end} is not after {start}: the end is the day after the last one.",
        )
    return start, end, None


def read_values(
    reader: Reader, dimensions: Iterable[str]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """The values of each dimension to include, and those to exclude."""
    include, exclude = {}, {}
    for name in dimensions:
        if values := _values(reader, name, name):
            include[name] = values
        if values := _values(reader, f"exclude[{name}]", name):
            exclude[name] = values
    return include, exclude


def _values(reader: Reader, parameter: str, name: str) -> tuple[str, ...]:
    values = reader.texts(parameter)
    choices = DIMENSIONS[name].choices
    if choices and (wrong := [value for value in values if value not in choices]):
        reader.refuse(parameter, f"“{wrong[0]}” is not one of the allowed values.", choices)
    return values
