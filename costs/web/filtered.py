"""What a page is limited to, as chips that lead to the same page without it or turned round."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from costs.filters import NONE, CostFilter
from costs.web.addresses import with_query
from costs.web.names import TITLES, name_of


@dataclass(frozen=True, slots=True)
class Chip:
    """One value that is asked for or left out, with the addresses that say otherwise."""

    title: str
    value: str
    is_excluded: bool
    without: str
    turned: str


def chips(cost_filter: CostFilter, request: HttpRequest) -> list[Chip]:
    """Each value that the filter names."""
    pairs = [(name, value) for name, values in request.GET.lists() for value in values if value]
    found = []
    for names, is_excluded in ((cost_filter.include, False), (cost_filter.exclude, True)):
        for name, values in names.items():
            here, there = f"exclude[{name}]" if is_excluded else name, name
            if not is_excluded:
                there = f"exclude[{name}]"
            for value in values:
                rest = _without(pairs, (here, value))
                found.append(
                    Chip(
                        title=TITLES[name],
                        value=name_of(name, None if value == NONE else value).text,
                        is_excluded=is_excluded,
                        without=with_query(request.path, rest),
                        turned=with_query(request.path, [*rest, (there, value)]),
                    )
                )
    return found


def _without(pairs: Iterable[tuple[str, str]], gone: tuple[str, str]) -> list[tuple[str, str]]:
    """The parameters but one; a page of a list begins anew then."""
    return [pair for pair in pairs if pair != gone and pair[0] != "offset"]
