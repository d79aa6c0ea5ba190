"""The explorer's form: what may be asked, and what is asked now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import QueryDict

from costs.filters import DEFAULT_PERIOD, DIMENSIONS, NONE, CostType
from costs.query_string import ParameterError
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
FEWEST_GROUPS = 3
FIELDS = {
    "period": "Days",
    "start_date": "From",
    "end_date": "Until before",
    "group_by": "Group by",
    "granularity": "Granularity",
    "top": "Largest groups",
    "cost_type": "Cost",
    "compare": "Compare with the range before",
}
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
    # The form always says how many groups; without any it means nothing.
    if "group_by" in query and "group_by" not in kept:
        kept.pop("top", None)
    return kept


def in_words(errors: Iterable[ParameterError]) -> list[ParameterError]:
    """The mistakes under the names that the form has for its fields."""
    return [
        replace(error, parameter=FIELDS.get(error.parameter, error.parameter)) for error in errors
    ]


def form_of(
    asked: QueryDict, query: CostQuery | None, names: Mapping[tuple[str, str], str]
) -> dict[str, Any]:
    """query: None where what is asked makes none; its own words are shown again then.

    names: what ids are called, by dimension and id.
    """
    period = asked.get("period", "" if "start_date" in asked else DEFAULT_PERIOD.value)
    group_by = query.group_by if query else asked.getlist("group_by")
    top = str(query.top) if query and query.top else asked.get("top", "")
    filters = [_filter(name, asked, names) for name in DIMENSIONS]
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


def options_of(
    name: str, values: Iterable[str], names: Mapping[tuple[str, str], str]
) -> list[Option]:
    """The chosen values of a dimension."""
    return [
        Option(
            value,
            name_of(name, None if value == NONE else value, names.get((name, value))).text,
            True,
        )
        for value in values
    ]


def _filter(name: str, asked: QueryDict, names: Mapping[tuple[str, str], str]) -> FilterField:
    chosen = options_of(name, asked.getlist(name), names)
    return FilterField(name, TITLES[name], chosen, asked.getlist(f"exclude[{name}]"))
