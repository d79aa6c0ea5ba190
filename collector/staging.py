"""Each page of a window goes into a temporary table as it arrives: memory holds one page.

Nothing here touches a stored day. Readable lines land in `staged_lines` (made by costs.bill),
rows that could not be read in `staged_quarantine`.
"""

import gc
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from typing import Any

from django.db import connection
from msgspec.structs import astuple

from collector.bodies import Row
from collector.client import ConfluentClient
from collector.payloads import (
    KNOWN_LINE_TYPES,
    KNOWN_PRODUCTS,
    BillLine,
    Unreadable,
    parse_rows,
)
from collector.windows import Window
from costs.bill import LINE_COLUMNS, create_staging
from dimensions.kinds import KIND_BY_PREFIX

_NULLABLE = ("price", "quantity", "original_amount", "discount_amount")
_SEPARATOR, _QUOTE = "\x1f", "\x02"
_FORMAT = r"FORMAT csv, DELIMITER E'\x1f', QUOTE E'\x02'"
_COPY_LINES = (
    f"COPY staged_lines ({', '.join(LINE_COLUMNS)}) FROM STDIN WITH ({_FORMAT}, "
    f"FORCE_NOT_NULL ({', '.join(name for name in LINE_COLUMNS if name not in _NULLABLE)}))"
)
_COPY_QUARANTINE = (
    "COPY staged_quarantine (reason, day, amount_text, raw, asked, until, is_long) FROM STDIN "
    f"WITH ({_FORMAT}, FORCE_NOT_NULL (reason, amount_text, raw))"
)
_CREATE_QUARANTINE = """
    DROP TABLE IF EXISTS pg_temp.staged_quarantine;
    CREATE TEMPORARY TABLE staged_quarantine (
        reason text NOT NULL, day date, amount_text text NOT NULL, raw text NOT NULL,
        asked date NOT NULL, until date, is_long boolean NOT NULL
    );
"""
_BATCH = 500  # lines handed to the server at a time

Fetched = Callable[[int], None]


def stage_window(client: ConfluentClient, window: Window, fetched: Fetched) -> list[str]:
    """Fetch the whole window into the staging tables; returns notices for the operator.

    If rows span several days the window is asked again day by day, from the beginning.
    `fetched` is told the number of rows of each page.
    """
    notices = []
    with _no_cycle_search():
        _stage([window], client, fetched)
        if long_rows := _long_rows():
            notices.append(f"Rows of several days: {long_rows}; asked again day by day.")
            _stage(window.by_day(), client, fetched)
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX ON staged_lines (day)")
        # Only what the planner is asked about: all columns would cost as much as the COPY.
        cursor.execute("ANALYZE staged_lines (day, content_hash)")
    return notices


@contextmanager
def _no_cycle_search() -> Iterator[None]:
    """A page is 30,000 objects without a cycle; searching for one costs a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _stage(windows: Iterable[Window], client: ConfluentClient, fetched: Fetched) -> None:
    """Empty the staging tables and fill them from the windows, page by page."""
    create_staging()
    with connection.cursor() as cursor:
        cursor.execute(_CREATE_QUARANTINE)
        for window in windows:
            for rows in client.costs(window.start, window.end):
                page = _Page(rows, window)
                # Django wraps the driver's errors in its own, but not those of COPY.
                with connection.wrap_database_errors:
                    cursor.copy_expert(_COPY_LINES, page)
                    if page.unreadable:
                        text = io.StringIO(_as_copy_text(page.unreadable))
                        cursor.copy_expert(_COPY_QUARANTINE, text)
                fetched(len(rows))


class _Page:
    """A page as the file that COPY reads: rows are parsed while the server stores those before."""

    def __init__(self, rows: list[Row], window: Window) -> None:
        self._parsed = parse_rows(rows, window.start, window.end)
        self.unreadable: list[Unreadable] = []

    def read(self, size: int) -> str:
        """The next readable lines as CSV; empty at the end. COPY takes more than `size` too."""
        while batch := list(islice(self._parsed, _BATCH)):
            lines = [parsed for parsed in batch if type(parsed) is BillLine]
            if len(lines) < len(batch):
                self.unreadable += [row for row in batch if isinstance(row, Unreadable)]
            if lines:
                return _as_copy_text(lines)
        return ""


def _as_copy_text(rows: Sequence[BillLine | Unreadable]) -> str:
    """The rows in COPY's CSV format, with a separator and a quote that no bill has.

    Half the time of the csv module, which looks at every character; only a batch in which some
    text does hold one of the marks is quoted.
    """
    text = _joined(rows, str)
    separators = len(rows) * (len(rows[0].__struct_fields__) - 1)
    is_plain = text.count(_SEPARATOR) == separators and text.count("\n") == len(rows)
    if is_plain and "\r" not in text and _QUOTE not in text:
        return text
    return _joined(rows, _quoted)


def _joined(rows: Sequence[BillLine | Unreadable], spell: Callable[[Any], str]) -> str:
    lines = (
        _SEPARATOR.join(["" if value is None else spell(value) for value in astuple(row)])
        for row in rows
    )
    return "\n".join(lines) + "\n"


def _quoted(value: Any) -> str:
    return f"{_QUOTE}{str(value).replace(_QUOTE, _QUOTE * 2)}{_QUOTE}"


def _long_rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM staged_quarantine WHERE is_long")
        (count,) = cursor.fetchone()
    return int(count)


def incomplete_days(window: Window) -> set[date]:
    """The days of the window that a row which could not be read may belong to.

    A row that does not say its day may belong to any of them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT day, until FROM staged_quarantine")
        touched = [(day or window.start, until or window.end) for day, until in cursor.fetchall()]
    return {day for day in window.days() for first, until in touched if first <= day < until}


def unknown_names() -> list[str]:
    """A notice for each staged product, line type and id prefix that nobody has told us of."""
    queries = (
        ("product", "product", sorted(KNOWN_PRODUCTS)),
        ("line type", "line_type", sorted(KNOWN_LINE_TYPES)),
        ("id prefix", "split_part(resource_id, '-', 1)", sorted(KIND_BY_PREFIX)),
    )
    notices = []
    with connection.cursor() as cursor:
        for what, expression, known in queries:
            cursor.execute(
                f"SELECT name, count(*), sum(amount) FROM "  # noqa: S608 (constants above)
                f"(SELECT {expression} AS name, amount FROM staged_lines) AS line "
                "WHERE name <> '' AND NOT name = ANY(%s) GROUP BY name ORDER BY name",
                [known],
            )
            notices += [
                f"Unknown {what} {name} (lines: {lines}, {amount:.2f} USD): kept and counted."
                for name, lines, amount in cursor.fetchall()
            ]
    return notices
