"""Addresses that lead from a number to what it is made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from costs.filters import NONE, CostFilter, Period
from costs.reports.query import CostQuery

# What a group is looked at by next.
FINER = ("cluster", "line_type", "cost_center", "method", "product")
DAYS = ("period", "start_date", "end_date")
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


def with_query(address: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The address with the parameters, if there are any."""
    written = urlencode(list(pairs))
    return f"{address}?{written}" if written else address


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
    """What changed most in the filter's days against those before."""
    return with_query(reverse("changes"), [*cost_filter.to_query(), ("by", by)])


def of_day(day: date, cost_filter: CostFilter | None = None) -> str:
    """The page of a UTC day; cost_filter: of what is included and excluded there, too."""
    pairs = cost_filter.values_to_query() if cost_filter else ()
    return with_query(reverse("day", args=[day]), pairs)


def explanation(day: date, cluster_id: str | None, cost_filter: CostFilter | None = None) -> str:
    """Why the resource's charges of the day are what they are; None: those of no resource."""
    pairs = [("day", day.isoformat()), ("cluster", cluster_id or NONE)]
    orgs = cost_filter.include.get("org", ()) if cost_filter else ()
    return with_query(reverse("explain"), [*pairs, *(("org", org) for org in orgs)])


def of_group(ids: Mapping[str, str | None], cost_filter: CostFilter) -> str:
    """Where more is said of a group of charges: a page of its own, or the explorer."""
    days = [pair for pair in cost_filter.to_query() if pair[0] in DAYS]
    if cluster_id := ids.get("cluster"):
        return with_query(reverse("cluster", args=[cluster_id]), days)
    if (env_id := ids.get("env")) and "cluster" not in ids:
        return with_query(reverse("environment", args=[env_id]), days)
    kept = [pair for pair in cost_filter.to_query() if pair[0] not in ids]
    said = [(name, NONE if value is None else value) for name, value in ids.items()]
    finer = [("group_by", name) for name in FINER if name not in ids][:1]
    return with_query(reverse("explore"), [*kept, *said, *finer, ("granularity", "daily")])


def statement(month: date, business_unit: str, cost_center: str | None = None) -> str:
    """A business unit's statement of the month, or that of one of its cost centers."""
    pairs = [("business_unit", business_unit)]
    if cost_center:
        pairs.append(("cost_center", cost_center))
    return with_query(reverse("statement", args=[month]), pairs)


def presets(path: str, cost_filter: CostFilter, kept: Iterable[tuple[str, str]]) -> list[Pill]:
    """The same page of other days."""
    others = list(kept)
    return [
        Pill(
            label,
            with_query(path, [("period", period.value), *others]),
            cost_filter.period == period,
        )
        for period, label in PRESETS.items()
    ]
