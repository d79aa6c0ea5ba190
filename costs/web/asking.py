"""The explorer's form: what may be asked, and what is asked now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from costs.filters import DEFAULT_PERIOD, DIMENSIONS, NONE, CostType
from costs.reports.charges import Granularity
from costs.reports.query import Compare, CostQuery
from costs.web.addresses import PRESETS
from costs.web.names import TITLES, name_of

CHARTS = {"bars": "Bars", "lines": "Lines", "share": "Share"}
COST_TYPES = {
    CostType.NET: "Net: what is owed",
    CostType.USAGE: "Usage: charges above zero",
    CostType.CREDITS: "Credits: those below",
    CostType.LIST: "List: without discounts",
}
TOPS = (5, 10, 20, 50, 200, 1_000)
LONGEST_TOP = 4  # digits
FEWEST_GROUPS = 2
# Fields of the search for values; they ask nothing of costs.
SEARCH = tuple(f"words_{name}" for name in DIMENSIONS)


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FilterField:
    """A dimension with the values that are asked for and left out."""

    name: str
    title: str
    chosen: Sequence[Option]
    excluded: Sequence[str]

    @property
    def count(self) -> int:
        return len(self.chosen) + len(self.excluded)


def without_empty(query: QueryDict) -> QueryDict:
    """The query string without empty fields; chosen days count where no period is chosen."""
    kept = query.copy()
    for name, values in query.lists():
        said = [value for value in values if value]
        if name in SEARCH or not said:
            del kept[name]
        else:
            kept.setlist(name, said)
    if "period" in kept and ("start_date" in query or "end_date" in query):
        for name in ("start_date", "end_date"):
            kept.pop(name, None)
    return kept


def form_of(asked: QueryDict, query: CostQuery | None) -> dict[str, Any]:
    """query: None where what is asked makes none; its own words are shown again then."""
    period = asked.get("period", "" if "start_date" in asked else DEFAULT_PERIOD.value)
    group_by = query.group_by if query else asked.getlist("group_by")
    top = str(query.top) if query and query.top else asked.get("top", "")
    filters = [_filter(name, asked) for name in DIMENSIONS]
    is_count = top.isascii() and top.isdigit() and len(top) <= LONGEST_TOP
    tops = sorted({*TOPS, *([int(top)] if is_count else [])})
    return {
        "periods": _options(
            {"": "Chosen days"} | {key.value: label for key, label in PRESETS.items()}, period
        ),
        "start": query.filter.start.isoformat() if query else asked.get("start_date", ""),
        "end": query.filter.end.isoformat() if query else asked.get("end_date", ""),
        "granularities": _options(
            {each.value: each.value.capitalize() for each in Granularity},
            asked.get("granularity", Granularity.DAILY.value),
        ),
        "cost_types": _options(COST_TYPES, asked.get("cost_type", CostType.NET.value)),
        "groups": [
            _options({"": "–"} | TITLES, group_by[number] if number < len(group_by) else "")  # noqa: RUF001 (an en dash)
            for number in range(max(FEWEST_GROUPS, len(group_by) + 1))
        ],
        "tops": _options({str(count): str(count) for count in tops}, top),
        "is_compared": asked.get("compare") == Compare.PREVIOUS,
        "chart": asked.get("chart", ""),
        "filters": filters,
        "is_filtered": sum(field.count for field in filters),
    }


def _options(labels: dict[Any, str], chosen: str) -> list[Option]:
    return [Option(str(value), label, str(value) == chosen) for value, label in labels.items()]


def _filter(name: str, asked: QueryDict) -> FilterField:
    chosen = [
        Option(value, name_of(name, None if value == NONE else value).text, True)
        for value in asked.getlist(name)
    ]
    return FilterField(name, TITLES[name], chosen, asked.getlist(f"exclude[{name}]"))
