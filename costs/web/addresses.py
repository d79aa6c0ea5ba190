"""Addresses that lead from a number to what it is made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from costs.filters import NONE, CostFilter, CostType, Period
from costs.partitions import ONE_DAY
from costs.reports.query import CostQuery

# What a group is looked at by next.
FINER = ("cluster", "line_type", "cost_center", "method", "product")
PRESETS = {
    Period.MTD: "Month to date",
    Period.LAST_MONTH: "Last month",
    Period.LAST_7_DAYS: "7 days",
    Period.LAST_30_DAYS: "30 days",
    Period.LAST_90_DAYS: "90 days",
    Period.YTD: "Year to date",
}


@dataclass(frozen=True, slots=True)
class Pill:
    """One of several links in a row; the current one leads to where one is."""

    label: str
    url: str
    is_current: bool


def with_query(address: str, asked: Iterable[tuple[str, str]]) -> str:
    """The address with the parameters, if there are any."""
    written = urlencode(list(asked))
    return f"{address}?{written}" if written else address


def pairs(query: QueryDict) -> list[tuple[str, str]]:
    """Every parameter with each of its values."""
    return [(name, value) for name, values in query.lists() for value in values]


def explore(query: CostQuery, *more: tuple[str, str]) -> str:
    """The explorer's page of the question."""
    return with_query(reverse("explore"), [*query.to_query(), *more])


def exports(query: CostQuery) -> dict[str, str]:
    """The answer to the question as files, by their kind: the API's own."""
    asked = list(query.to_query())
    return {
        kind: with_query(reverse("costs"), [*asked, ("format", kind)])
        for kind in ("csv", "xlsx", "json")
    }


def lines(cost_filter: CostFilter) -> str:
    """The filter's bill lines as a CSV file: the API's own."""
    asked = [*cost_filter.to_query(), ("format", "csv")]
    return with_query(reverse("costs-line-items"), asked)


def changes(cost_filter: CostFilter, by: str) -> str:
    """What changed most in the filter's days against those before; empty but for net cost."""
    if cost_filter.cost_type != CostType.NET:
        return ""
    return with_query(reverse("changes"), [*cost_filter.to_query(), ("by", by)])


def of_day(day: date, cost_filter: CostFilter | None = None) -> str:
    """The page of a UTC day; cost_filter: of what is included and excluded there, too."""
    asked = cost_filter.values_to_query() if cost_filter else ()
    return with_query(reverse("day", args=[day]), asked)


def explanation(day: date, cluster_id: str | None, cost_filter: CostFilter | None = None) -> str:
    """Why the resource's charges of the day are what they are; None: those of no resource."""
    asked = [("day", day.isoformat()), ("cluster", cluster_id or NONE)]
    orgs = cost_filter.include.get("org", ()) if cost_filter else ()
    return with_query(reverse("explain"), [*asked, *(("org", org) for org in orgs)])


def page_of(ids: Mapping[str, str | None], cost_filter: CostFilter) -> str:
    """The page of a resource or an environment on the filter's days; empty for other groups."""
    asked = list(cost_filter.days_to_query())
    org = ids.get("org") or next(iter(cost_filter.include.get("org", ())), None)
    asked += [("org", org)] if org else []
    if cluster_id := ids.get("cluster"):
        return with_query(reverse("cluster", args=[cluster_id]), asked)
    if (env_id := ids.get("env")) and "cluster" not in ids:
        return with_query(reverse("environment", args=[env_id]), asked)
    return ""


def narrowed(query: CostQuery, ids: Mapping[str, str | None]) -> str:
    """The same question of one of its groups alone, grouped by something finer."""
    include = {**query.filter.include} | {
        name: (NONE if value is None else value,) for name, value in ids.items()
    }
    exclude = {name: said for name, said in query.filter.exclude.items() if name not in ids}
    finer = tuple(name for name in FINER if len(include.get(name, ())) != 1)[:1]
    asked = replace(query.filter, include=include, exclude=exclude)
    return explore(replace(query, filter=asked, group_by=finer, top=query.top if finer else None))


def of_group(ids: Mapping[str, str | None], cost_filter: CostFilter) -> str:
    """Where more is said of a group of charges: its own page if that says no less, else the
    explorer, which keeps the filters."""
    others = cost_filter.named() - {*ids, "org"}
    says_less = others or cost_filter.cost_type != CostType.NET or len({*ids} - {"org"}) > 1
    page = "" if says_less else page_of(ids, cost_filter)
    return page or narrowed(CostQuery(cost_filter), ids)


def statement(month: date, business_unit: str, cost_center: str | None = None) -> str:
    """A business unit's statement of the month, or that of one of its cost centers."""
    asked = [("business_unit", business_unit)]
    if cost_center:
        asked.append(("cost_center", cost_center))
    return with_query(reverse("statement", args=[month]), asked)


def presets(path: str, cost_filter: CostFilter, kept: Iterable[tuple[str, str]]) -> list[Pill]:
    """The same page of other days; days that no preset stands for come first."""
    others = list(kept)
    chosen = []
    if cost_filter.period is None:
        days = cost_filter.days_to_query()
        label = f"{cost_filter.start} to {cost_filter.end - ONE_DAY}"
        chosen = [Pill(label, with_query(path, [*days, *others]), True)]
    return chosen + [
        Pill(
            label,
            with_query(path, [("period", period.value), *others]),
            cost_filter.period == period,
        )
        for period, label in PRESETS.items()
    ]
