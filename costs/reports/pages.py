"""Rows by the moment they belong to, page after page: an hour or a day, and how many of its rows.

A cursor says where the next page begins. It holds a moment and a count, nothing of other rows, so
that whoever sees only a part learns nothing about the rest.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from django.db import connection

from costs.reports.columns import Row, streamed


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


OfDay = Callable[[date], tuple[str, dict[str, Any]]]
"""A day -> SQL of its rows, ordered by their moment, from %(first)s on; and its parameters."""


def page(
    days: Sequence[date],
    of_day: OfDay,
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
        begin = start if day == start.moment.date() else Cursor(_midnight(day))
        found += _rows(*of_day(day), begin, limit + 1 - len(found))
        if len(found) > limit:
            return Page(found[:limit], _next(found, limit, start, moment_of))
    return Page(found, None)


def all_rows(days: Iterable[date], of_day: OfDay) -> Iterator[Row]:
    """Every row of the days, a day in the database's hands at a time."""
    for day in days:
        sql, parameters = of_day(day)
        with streamed(sql, parameters | {"first": _midnight(day)}) as rows:
            yield from rows


def _rows(sql: str, parameters: dict[str, Any], begin: Cursor, at_most: int) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{sql} LIMIT %(limit)s OFFSET %(skip)s",
            parameters | {"first": begin.moment, "skip": begin.skip, "limit": at_most},
        )
        return list(cursor.fetchall())


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _next(
    found: Sequence[Row], limit: int, start: Cursor, moment_of: Callable[[Row], datetime]
) -> Cursor:
    moment = moment_of(found[limit])
    shown = sum(1 for row in islice(found, limit) if moment_of(row) == moment)
    return Cursor(moment, shown + (start.skip if moment == start.moment else 0))
