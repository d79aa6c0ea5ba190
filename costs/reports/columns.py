"""Rows with named columns: what a report gives and every face can write."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

ROWS_AT_ONCE = 2_000


class ColumnKind(StrEnum):
    TEXT = "text"
    DAY = "day"
    TIME = "time"
    AMOUNT = "amount"
    NUMBER = "number"
    FLAG = "flag"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: ColumnKind = ColumnKind.TEXT


Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows, each with a value per column; an iterable that may be read once only."""

    columns: Sequence[Column]
    rows: Iterable[Row]


def as_records(table: Table) -> list[dict[str, Any]]:
    """The rows as dictionaries."""
    names = [column.name for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


@contextmanager
def streamed(sql: str, parameters: dict[str, Any]) -> Iterator[Iterator[Row]]:
    """The statement's rows as the database gives them, no more than ROWS_AT_ONCE in memory."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        yield _fetched(cursor)


def _fetched(cursor: Any) -> Iterator[Row]:
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield from rows
