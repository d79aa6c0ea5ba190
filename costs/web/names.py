"""What dimensions and their values are called on pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from costs.filters import DIMENSIONS
from costs.models import Confidence, Method
from costs.reports.grouped import OTHERS
from costs.reports.series import Series
from dimensions.models import Environment

TITLES = {
    "org": "Organization",
    "env": "Environment",
    "stage": "Stage",
    "cluster": "Resource",
    "product": "Product",
    "line_type": "Line type",
    "business_unit": "Business unit",
    "cost_center": "Cost center",
    "confidence": "Confidence",
    "method": "Allocation method",
}
NOTHING = {"env": "No environment", "cluster": "No resource", "stage": "Stage not said"}
_IN_WORDS = {
    "confidence": dict(Confidence.choices),
    "method": dict(Method.choices),
    "stage": dict(Environment.Stage.choices),
}


@dataclass(frozen=True, slots=True)
class Name:
    """What a value is called: its name, and the id below where that says something else."""

    text: str
    id: str = ""


def name_of(dimension: str, id: str | None, name: str | None = None) -> Name:
    """The value's name in words; an id of None stands for charges that name nothing."""
    if id is None:
        return Name(NOTHING.get(dimension, "None"))
    if words := _IN_WORDS.get(dimension):
        return Name(str(words.get(id, id)))
    if not DIMENSIONS[dimension].name_key or not name or name == id:
        return Name(id)
    return Name(name, id)


def names_of(group_by: Sequence[str], series: Series) -> list[Name]:
    """Of a group by several dimensions."""
    if series.is_others:
        return [Name(OTHERS)] * len(group_by)
    return [name_of(*each) for each in zip(group_by, series.ids, series.names, strict=True)]


def label_of(group_by: Sequence[str], series: Series) -> str:
    """The group's names in one line."""
    if series.is_others:
        return series.names[0] or OTHERS
    return " · ".join(name.text for name in names_of(group_by, series)) or "Cost"
