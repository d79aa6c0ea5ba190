"""What Grafana makes of a dashboard's queries before PostgreSQL sees them.

Only the macros and the variable format that ours use.
https://grafana.com/docs/grafana/latest/datasources/postgres/query-editor/#macros
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

Chosen = Mapping[str, Sequence[str]]

_MACRO = re.compile(r"\$(__\w+)\(([^)]*)\)")
_VARIABLE = re.compile(r"\$\{(\w+):sqlstring\}")


def panels(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Those with a query, the folded ones too, in the order of their ids."""
    every = [*document["panels"]]
    every += [panel for row in document["panels"] for panel in row.get("panels", ())]
    return iter(sorted((p for p in every if p["type"] != "row"), key=lambda panel: panel["id"]))


def options(
    document: Mapping[str, Any],
    start: datetime,
    end: datetime,
    values_of: Callable[[str], Sequence[str]],
) -> dict[str, Sequence[str]]:
    """All values of each variable, asked in their order, each with those before it on All.

    values_of: the column __value of the answer to a statement.
    """
    values: dict[str, Sequence[str]] = {}
    for variable in document["templating"]["list"]:
        values[variable["name"]] = values_of(expanded(variable["query"], start, end, values))
    return values


def expanded(sql: str, start: datetime, end: datetime, chosen: Chosen) -> str:
    """The statement for the moments [start, end] and the chosen values by variable.

    Raises KeyError for a macro or variable that it does not know.
    """
    sql = re.sub(r"^\s*--.*$", "", sql, flags=re.MULTILINE)
    sql = _VARIABLE.sub(lambda found: _quoted(chosen[found[1]]), sql)
    return _MACRO.sub(lambda found: _macro(found[1], found[2], _moment(start), _moment(end)), sql)


def _macro(name: str, argument: str, start: str, end: str) -> str:
    return {
        "__timeFilter": f"{argument} BETWEEN '{start}' AND '{end}'",
        "__timeFrom": f"'{start}'",
        "__timeTo": f"'{end}'",
    }[name]


def _moment(moment: datetime) -> str:
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rstrip("0").rstrip(".")
    return f"{text}Z"


def _quoted(values: Sequence[str]) -> str:
    return ",".join("'" + value.replace("'", "''") + "'" for value in values)
