"""What was measured, kept: docs/performance.json, and the tables of docs/performance.md."""

import json
import os
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connection

from billing_portal.bench.figures import HEADER, Figure

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "performance.json"
PAGE = DOCUMENT.with_suffix(".md")
_BEGIN, _END = "<!-- Made by make bench, from here -->", "<!-- to here. -->"
_SETTINGS = ("shared_buffers", "work_mem", "fsync", "synchronous_commit", "jit")


def record(part: str, title: str, figures: Sequence[Figure], notes: Sequence[str]) -> None:
    """Put the part's figures in the place of its former ones, and write the tables anew."""
    known: dict[str, Any] = json.loads(DOCUMENT.read_text()) if DOCUMENT.exists() else {}
    known[part] = {
        "title": title,
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "figures": [figure.document() for figure in figures],
        "rows": [figure.row() for figure in figures],
        "notes": list(notes),
    }
    DOCUMENT.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    tables = f"{_BEGIN}\n\n{''.join(_section(each) for each in known.values())}{_END}"
    PAGE.write_text(re.sub(f"{_BEGIN}.*{_END}", lambda _: tables, page, flags=re.DOTALL))


def machine() -> str:
    """On what it was measured; nothing that names the machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        (version,) = cursor.fetchone()
        cursor.execute(
            "SELECT string_agg(name || ' ' || current_setting(name), ', ') FROM unnest(%s) AS name",
            [list(_SETTINGS)],
        )
        (chosen,) = cursor.fetchone()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}; "
        f"Python {platform.python_version()}, Django {django.__version__}, "
        f"PostgreSQL {version.split()[0]} ({chosen})"
    )


def _section(part: dict[str, Any]) -> str:
    lines = [f"### {part['title']}", "", f"{part['measured']}. {part['machine']}.", ""]
    if part["rows"]:
        lines += [HEADER, *part["rows"], ""]
    for note in part["notes"]:
        lines += [f"- {note}"]
    return "\n".join([*lines, "", ""]).replace("\n\n\n", "\n\n")
