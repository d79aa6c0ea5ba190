"""What stands in a cell of a CSV or XLSX file, and how it is written into one."""

import re
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

# A spreadsheet runs a cell that begins so; the apostrophe in front makes it text.
RUNS = re.compile(r"'*[=+\-@\t\r\n]")
SHOWN = 5


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet runs; `unguarded` gives back exactly the text."""
    return f"'{text}" if RUNS.match(text) else text


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and RUNS.match(cell) else cell


def text_of(cell: Any) -> str:
    """A cell as text. Spreadsheets make numbers and dates of what looks like one."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
    return unguarded(str(cell))


def is_same_text(one: str, other: str) -> bool:
    """Forms, CSV and XLSX end lines differently; that alone is no difference."""
    return one.splitlines() == other.splitlines()


def day_of(text: str) -> date:
    """Raises ValueError in words."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 (a day, no moment)
    except ValueError:
        raise ValueError(f"“{text}” is not a day; write it like 2026-07-01.") from None


def among(text: str, known: dict[str, Any], *, what: str, where: str = "") -> Any:
    """What the text names. Raises ValueError that says what there is instead."""
    try:
        return known[text]
    except KeyError:
        raise ValueError(f"There is no {what} “{text}”{where}. {_instead(text, known)}") from None


def _instead(text: str, known: dict[str, Any]) -> str:
    if near := get_close_matches(text, known, n=3):
        return f"Did you mean {' or '.join(near)}?"
    if not known:
        return "There is none yet."
    first = ", ".join(sorted(known)[:SHOWN])
    return f"There are {len(known):,}, such as {first}." if len(known) > SHOWN else f"Use {first}."
