"""Rows by the moment they belong to, page after page: an hour or a day, and how many of its rows.

A cursor says where the next page begins. It holds a moment and a count, nothing of other rows, so
that whoever sees only a part learns nothing about the rest.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice

from costs.reports.columns import Row


@dataclass(frozen=True, slots=True)
class Cursor:
    """The first rows of `moment` that earlier pages have shown are skipped."""

    moment: datetime
    skip: int = 0

    def __str__(self) -> str:
        return f"{self.moment:%Y-%m-%dT%H}~{self.skip}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises ValueError for what is no cursor."""
        moment, _, skip = text.partition("~")
        if not (skip.isascii() and skip.isdigit() and len(skip) <= 8):
            raise ValueError(text)
        parsed = datetime.strptime(moment, "%Y-%m-%dT%H").replace(tzinfo=UTC)
        return cls(parsed, int(skip))


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and where the next page begins; None after the last one."""

    rows: Sequence[Row]
    next: Cursor | None


RowsOfDay = Callable[[date, datetime, int, int | None], Iterable[Row]]
"""(day, first moment, rows to skip, at most) -> rows ordered by their moment."""


def page(
    days: Sequence[date],
    rows_of: RowsOfDay,
    moment_of: Callable[[Row], datetime],
    *,
    after: Cursor | None,
    limit: int,
) -> Page:
    """The next `limit` rows of the days (in order), from the cursor on."""
    start = after or Cursor(datetime.min.replace(tzinfo=UTC))
    found: list[Row] = []
    for day in days:
        if day < start.moment.date():
            continue
        first = day == start.moment.date()
        missing = limit + 1 - len(found)
        found += rows_of(
            day, start.moment if first else _midnight(day), start.skip if first else 0, missing
        )
        if len(found) > limit:
            return Page(found[:limit], _next(found, limit, start, moment_of))
    return Page(found, None)


def all_rows(days: Iterable[date], rows_of: RowsOfDay) -> Iterator[Row]:
    """Every row of the days, a day in the database's hands at a time."""
    for day in days:
        yield from rows_of(day, _midnight(day), 0, None)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _next(
    found: Sequence[Row], limit: int, start: Cursor, moment_of: Callable[[Row], datetime]
) -> Cursor:
    moment = moment_of(found[limit])
    shown = sum(1 for row in islice(found, limit) if moment_of(row) == moment)
    return Cursor(moment, shown + (start.skip if moment == start.moment else 0))
