"""Tables as files: CSV as a stream of lines, XLSX as a workbook. No questions are asked here.

Text that a spreadsheet would run is made harmless; numbers stay numbers, with every digit.
"""

import csv
import json
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import date, datetime
from io import BytesIO
from itertools import chain, islice
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from costs.exchange.cells import guarded
from costs.money import exact
from costs.reports.columns import Column, ColumnKind, Table

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

LINES_AT_ONCE = 500
# openpyxl writes some 15,000 rows a second; whoever wants more wants CSV.
MOST_XLSX_ROWS = 100_000
LONGEST_XLSX_TEXT = 32_767
# openpyxl would write them; no program could read the sheet again.
_NOT_IN_XML = re.compile("[\ufffe\uffff]")
_NUMBER_FORMATS = {
    ColumnKind.AMOUNT: "#,##0.00########;-#,##0.00########",
    ColumnKind.NUMBER: "General",
}


def csv_chunks(table: Table) -> Iterator[bytes]:
    """The table as UTF-8 CSV, some lines at a time."""
    written: list[str] = []
    writer = csv.writer(_Lines(written))
    writer.writerow([column.name for column in table.columns])
    cells = [_TO_TEXT[column.kind] for column in table.columns]
    rows = iter(table.rows)
    while batch := list(islice(rows, LINES_AT_ONCE)):
        writer.writerows(
            ["" if value is None else cell(value) for cell, value in zip(cells, row, strict=True)]
            for row in batch
        )
        yield "".join(written).encode()
        written.clear()
    if written:
        yield "".join(written).encode()


def xlsx(table: Table, about: Sequence[tuple[str, str]]) -> bytes:
    """The table as a workbook; a second sheet says what it is about."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Costs")
    sheet.freeze_panes = "A2"
    sheet.append([_bold(sheet, column.name) for column in table.columns])
    for row in table.rows:
        sheet.append(
            [_cell(sheet, column, value) for column, value in zip(table.columns, row, strict=True)]
        )
    notes = book.create_sheet("About")
    for name, said in about:
        notes.append([_bold(notes, name), _text_cell(notes, guarded(said))])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


class Begun:
    """Chunks of which the first is made at once: what fails before fails while it can be said.

    Closing it closes the chunks, and so the transaction that they come from.
    """

    def __init__(self, chunks: Generator[bytes, None, None]) -> None:
        self._rest = chunks
        self._first = list(islice(chunks, 1))

    def __iter__(self) -> Iterator[bytes]:
        return chain(self._first, self._rest)

    def close(self) -> None:
        self._rest.close()


class _Lines:
    """A file for csv.writer that keeps the lines."""

    def __init__(self, lines: list[str]) -> None:
        self.write = lines.append


def _time(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


_TO_TEXT: dict[ColumnKind, Callable[[Any], str]] = {
    ColumnKind.TEXT: lambda value: guarded(str(value)),
    ColumnKind.JSON: lambda value: guarded(value if isinstance(value, str) else json.dumps(value)),
    ColumnKind.DAY: date.isoformat,
    ColumnKind.TIME: _time,
    ColumnKind.AMOUNT: exact,
    ColumnKind.NUMBER: lambda value: f"{value:f}" if not isinstance(value, int) else str(value),
    ColumnKind.FLAG: lambda value: "true" if value else "false",
}


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True)
    return cell


def _text_cell(sheet: Any, text: str) -> Any:
    readable = _NOT_IN_XML.sub("\ufffd", ILLEGAL_CHARACTERS_RE.sub("\ufffd", text))
    cell = WriteOnlyCell(sheet, readable[:LONGEST_XLSX_TEXT])
    # Never a formula, whatever it begins with.
    cell.data_type = "s"
    return cell


def _cell(sheet: Any, column: Column, value: Any) -> Any:
    """Numbers keep every digit in the file; a spreadsheet itself reckons with 15 of them."""
    if value is None:
        return None
    if column.kind is ColumnKind.DAY:
        return value
    text = _TO_TEXT[column.kind](value)
    if column.kind not in _NUMBER_FORMATS:
        return _text_cell(sheet, text)
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "n"
    cell.number_format = _NUMBER_FORMATS[column.kind]
    return cell
