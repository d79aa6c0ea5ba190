"""The committed dashboards, and what the database answers to their queries."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from grafana.asking import expanded, options

FOLDER = Path(__file__).parent.parent / "dashboards"
FILES = sorted(path.name for path in FOLDER.glob("*.json"))


def dashboard(file):
    return json.loads((FOLDER / file).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Answer:
    columns: list[str]
    rows: list[tuple[Any, ...]]

    def column(self, name):
        return [row[self.columns.index(name)] for row in self.rows]


def asked(sql, start, end, chosen):
    """The answer as Grafana gets it."""
    return _as_reader(expanded(sql, start, end, chosen))


def all_options(document, start, end):
    """All values of each variable."""

    def values_of(statement):
        answer = _as_reader(statement)
        assert answer.columns == ["__text", "__value"]
        return answer.column("__value")

    return options(document, start, end, values_of)


def _as_reader(statement):
    """By the role of Grafana's data source."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE grafana_reader")
        try:
            cursor.execute(statement)
            return Answer([column.name for column in cursor.description], cursor.fetchall())
        finally:
            cursor.execute("RESET ROLE")
