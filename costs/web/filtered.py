"""What a page is limited to, as chips that lead to the same page without it or turned round."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from costs import visible_dimensions
from costs.filters import NONE, CostFilter
from costs.visibility import Visibility
from costs.web.addresses import pairs, with_query
from costs.web.names import TITLES, name_of

MOST_CHIPS = 3  # of one dimension
# Where names are kept: the things, their id and their name.
_NAMED: dict[str, tuple[Callable[[Visibility], QuerySet[Any]], str, str]] = {
    "org": (visible_dimensions.organizations, "org_id", "display_name"),
    "env": (visible_dimensions.environments, "env_id", "display_name"),
    "cluster": (visible_dimensions.clusters, "cluster_id", "display_name"),
    "business_unit": (visible_dimensions.business_units, "code", "name"),
    "cost_center": (visible_dimensions.cost_centers, "code", "name"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One value that is asked for or left out, with the addresses that say otherwise."""

    title: str
    value: str
    is_excluded: bool
    without: str
    turned: str


def chips(
    cost_filter: CostFilter, request: HttpRequest, known: Mapping[tuple[str, str], str]
) -> list[Chip]:
    """What the filter names: each value, but many of one dimension together.

    known: what ids are called, see display_names.
    """
    asked = [pair for pair in pairs(request.GET) if pair[1]]
    found = []
    for said, is_excluded in ((cost_filter.include, False), (cost_filter.exclude, True)):
        for name, values in said.items():
            here, there = (f"exclude[{name}]", name) if is_excluded else (name, f"exclude[{name}]")
            groups = [(value,) for value in values] if len(values) <= MOST_CHIPS else [values]
            for group in groups:
                gone = {(here, value) for value in group}
                rest = [pair for pair in asked if pair not in gone]
                turned = [*rest, *((there, value) for value in group)]
                found.append(
                    Chip(
                        title=TITLES[name],
                        value=" or ".join(
                            name_of(
                                name, None if value == NONE else value, known.get((name, value))
                            ).text
                            for value in group
                        ),
                        is_excluded=is_excluded,
                        without=with_query(request.path, rest),
                        turned=with_query(request.path, turned),
                    )
                )
    return found


def display_names(cost_filter: CostFilter, visibility: Visibility) -> dict[tuple[str, str], str]:
    """What the filter's ids are called, by dimension and id, as far as the user may know them."""
    found: dict[tuple[str, str], str] = {}
    for name, (things, id_field, shown) in _NAMED.items():
        values = {*cost_filter.include.get(name, ()), *cost_filter.exclude.get(name, ())} - {NONE}
        if values:
            named = things(visibility).filter(**{f"{id_field}__in": values})
            found |= {(name, id): text for id, text in named.values_list(id_field, shown) if text}
    return found
