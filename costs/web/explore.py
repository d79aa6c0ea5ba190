"""The explorer: the API's whole question as a form, its answer as chart and tables."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from costs.api.permissions import READ_COSTS
from costs.filters import DIMENSIONS, CostFilter
from costs.query_string import InvalidParameters, Reader
from costs.reports.charges import Granularity
from costs.reports.choices import choices
from costs.reports.columns import as_records
from costs.reports.coverage import Coverage, coverage
from costs.reports.grouped import GroupedCosts
from costs.reports.query import MOST_TOP, Compare, CostQuery
from costs.reports.series import SeriesByPeriod, over_whole_range, series_by_period
from costs.visibility import Visibility
from costs.web import addresses
from costs.web.asking import CHARTS, SEARCH, form_of, without_empty
from costs.web.charts import chart, legend
from costs.web.filtered import chips
from costs.web.names import TITLES
from costs.web.page import Page
from costs.web.tables import group_rows, series_table

USUAL_TOP = 10
# A table of more is a file.
MOST_CELLS = 8_000
MOST_CHOICES, MOST_LISTED = 12, 200
GRANULARITIES = {
    Granularity.HOURLY: "an hour",
    Granularity.DAILY: "a day",
    Granularity.WEEKLY: "a week",
    Granularity.MONTHLY: "a month",
    Granularity.TOTAL: "in the whole range",
}


class Asking(Page):
    """A page of the explorer's form, whose empty fields say nothing."""

    needs = READ_COSTS
    section = "explore"

    def parameters(self) -> QueryDict:
        return without_empty(self.request.GET)


class Explorer(Asking):
    template_name = "costs/explore.html"

    def get(self, request: HttpRequest, **named: Any) -> HttpResponse:
        asked = self.parameters()
        address = addresses.with_query(
            request.path, [(name, value) for name, values in asked.lists() for value in values]
        )
        is_partial = "HX-Request" in request.headers
        if asked != request.GET and not is_partial:
            return redirect(address)
        response = super().get(request, **named)
        response.headers["Vary"] = "HX-Request, Cookie"
        if is_partial:
            # What the address bar says is what a colleague may be sent.
            response.headers["HX-Push-Url"] = address
        return response

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        asked = self.parameters()
        try:
            kind = reader.one_of("chart", tuple(CHARTS), "bars")
            query = CostQuery.read(reader)
            reader.finish()
        except InvalidParameters as error:
            self.status = 400
            return {"form": form_of(asked, None), "errors": error.errors}
        if query.group_by and query.top is None:
            query = replace(query, top=USUAL_TOP)
        # Groups are compared over the whole range, periods not at all.
        by_period = replace(query, compare=Compare.NONE, order_by=())
        by_group = replace(query, granularity=Granularity.TOTAL, order_by=())
        found = series_by_period(by_period, visibility)
        groups = over_whole_range(query, found, visibility, limit=MOST_TOP + 1)
        covered = coverage(query.filter, visibility)
        return {
            "form": form_of(asked, query),
            "query": query,
            "kind": kind,
            "kinds": self._kinds(asked, kind),
            "chips": chips(query.filter, self.request),
            "coverage": covered,
            **_answer(by_period, by_group, found, groups),
            "chart": _chart(by_period, found, kind, covered),
            "legend": legend(query.group_by, found.series),
        }

    def _kinds(self, asked: QueryDict, kind: str) -> list[addresses.Pill]:
        kept = [
            (name, value) for name, values in asked.lists() for value in values if name != "chart"
        ]
        return [
            addresses.Pill(
                title,
                addresses.with_query(self.request.path, [*kept, ("chart", name)]),
                name == kind,
            )
            for name, title in CHARTS.items()
        ]


def _answer(
    by_period: CostQuery, by_group: CostQuery, found: SeriesByPeriod, groups: GroupedCosts
) -> dict[str, Any]:
    cost_filter = by_period.filter
    previous = groups.totals.previous_cost_usd
    cells = len(found.periods) * max(len(found.series), 1)
    is_by_days = by_period.granularity == Granularity.DAILY
    return {
        "totals": groups.totals,
        "change": None if previous is None else groups.totals.cost_usd - previous,
        "earlier": cost_filter.previous() if by_group.is_compared else None,
        "titles": [TITLES[name] for name in by_group.group_by],
        "groups": group_rows(as_records(groups.table), by_group, groups.totals.cost_usd),
        "group_files": addresses.exports(by_group),
        "period_files": addresses.exports(by_period),
        "per": GRANULARITIES[by_period.granularity],
        "is_total": by_period.granularity == Granularity.TOTAL,
        "cells": cells,
        "table": series_table(
            found,
            by_period.group_by,
            by_period.granularity,
            caption=f"USD {GRANULARITIES[by_period.granularity]}, {cost_filter.cost_type}",
            link=(lambda day: addresses.of_day(day, cost_filter)) if is_by_days else None,
        )
        if cells <= MOST_CELLS
        else None,
        "changes": addresses.changes(cost_filter, "cluster"),
    }


def _chart(query: CostQuery, found: SeriesByPeriod, kind: str, covered: Coverage) -> dict[str, Any]:
    first = covered.first_provisional
    is_hourly = query.granularity == Granularity.HOURLY
    is_by_days = query.granularity in (Granularity.DAILY, Granularity.HOURLY)
    return chart(
        found,
        query.group_by,
        kind=kind,
        link=(lambda day: addresses.of_day(day, query.filter)) if is_by_days else None,
        provisional=[
            bool(first and (end.date() if is_hourly else end) > first)  # type: ignore[union-attr]
            for _, end in found.periods
        ],
    )


class Values(Asking):
    """Values of a dimension to choose from: boxes for the form, or links without a script."""

    template_name = "costs/values.html"

    def parameters(self) -> QueryDict:
        """The form's, and the words that are searched for."""
        asked = super().parameters()
        for name, values in self.request.GET.lists():
            if name in SEARCH and all(values):
                asked.setlist(name, values)
        return asked

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        dimension = reader.one_of("dimension", tuple(DIMENSIONS), "cluster")
        words = reader.text(f"words_{dimension}")
        cost_filter = CostFilter.read(reader)
        # The rest of the form is said, too.
        is_partial = "HX-Request" in self.request.headers
        if not is_partial:
            reader.finish()
        most = MOST_CHOICES if is_partial else MOST_LISTED
        found = choices(dimension, words, cost_filter, visibility, most=most)
        chosen = cost_filter.include.get(dimension, ())
        return {
            "dimension": dimension,
            "title": TITLES[dimension],
            "is_partial": is_partial,
            "choices": [each for each in found if each.value not in chosen],
            "is_cut": len(found) == most,
            "chosen": chosen,
            "kept": list(cost_filter.to_query()),
            "back": addresses.with_query("/explore", cost_filter.to_query()),
        }
