"""The explorer: the API's whole question as a form, its answer as chart and tables."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from costs.api.permissions import READ_COSTS
from costs.filters import DIMENSIONS, NONE, CostFilter
from costs.query_string import InvalidParameters, Reader
from costs.reports.charges import Granularity
from costs.reports.choices import choices
from costs.reports.columns import as_records
from costs.reports.coverage import coverage, provisional_days
from costs.reports.grouped import GroupedCosts
from costs.reports.query import MOST_TOP, Compare, CostQuery
from costs.reports.series import SeriesByPeriod, over_whole_range, series_by_period
from costs.visibility import Visibility
from costs.web import addresses
from costs.web.asking import CHARTS, SEARCH, form_of, in_words, options_of, without_empty
from costs.web.charts import chart, legend
from costs.web.filtered import chips, display_names
from costs.web.names import TITLES, name_of
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
CHART_TITLES = {"share": "Percent of what is above zero, by time (UTC)"}


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
        address = addresses.with_query(request.path, addresses.pairs(asked))
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
            return {"form": form_of(asked, None, {}), "errors": in_words(error.errors)}
        if query.group_by and query.top is None:
            query = replace(query, top=USUAL_TOP)
        # Groups are compared over the whole range, periods not at all.
        by_period = replace(query, compare=Compare.NONE, order_by=())
        by_group = replace(query, granularity=Granularity.TOTAL, order_by=())
        found = series_by_period(by_period, visibility)
        groups = over_whole_range(query, found, visibility, limit=MOST_TOP + 1)
        covered = coverage(query.filter, visibility)
        known = display_names(query.filter, visibility)
        return {
            "form": form_of(asked, query, known),
            "query": query,
            "kind": kind,
            "kinds": self._kinds(asked, kind),
            "chips": chips(query.filter, self.request, known),
            "coverage": covered,
            **_answer(by_period, by_group, found, groups, kind),
            **_before(by_group, visibility),
            "chart": _chart(by_period, found, kind, provisional_days(query.filter, visibility)),
            "legend": legend(query.group_by, found.series),
        }

    def _kinds(self, asked: QueryDict, kind: str) -> list[addresses.Pill]:
        kept = [pair for pair in addresses.pairs(asked) if pair[0] != "chart"]
        return [
            addresses.Pill(
                title,
                addresses.with_query(self.request.path, [*kept, ("chart", name)]),
                name == kind,
            )
            for name, title in CHARTS.items()
        ]


def _answer(
    by_period: CostQuery,
    by_group: CostQuery,
    found: SeriesByPeriod,
    groups: GroupedCosts,
    kind: str,
) -> dict[str, Any]:
    cost_filter = by_period.filter
    cells = len(found.periods) * max(len(found.series), 1)
    is_by_days = by_period.granularity == Granularity.DAILY
    return {
        "totals": groups.totals,
        "change": groups.totals.change,
        "titles": [TITLES[name] for name in by_group.group_by],
        "groups": group_rows(
            as_records(groups.table),
            by_group,
            groups.totals.cost_usd,
            link=lambda ids: addresses.narrowed(replace(by_period, compare=by_group.compare), ids),
        ),
        "group_files": addresses.exports(by_group),
        "period_files": addresses.exports(by_period),
        "per": GRANULARITIES[by_period.granularity],
        "chart_title": CHART_TITLES.get(kind, f"USD {GRANULARITIES[by_period.granularity]} (UTC)"),
        "is_total": by_period.granularity == Granularity.TOTAL,
        "cells": cells,
        "table": series_table(
            found,
            by_period.group_by,
            by_period.granularity,
            caption=f"USD {GRANULARITIES[by_period.granularity]}, {cost_filter.cost_type}",
            link=(lambda day: addresses.of_day(day, cost_filter)) if is_by_days else None,
        )
        if cells <= MOST_CELLS and not found.is_cut
        else None,
        "is_cut": found.is_cut,
        "changes": addresses.changes(cost_filter, "cluster"),
    }


def _before(by_group: CostQuery, visibility: Visibility) -> dict[str, Any]:
    """The days that the groups are compared with, and how many of them are not there."""
    if not by_group.is_compared:
        return {"earlier": None}
    missing = coverage(by_group.filter.before(), visibility).days_missing
    return {"earlier": by_group.filter.previous(), "earlier_missing": missing}


def _chart(
    query: CostQuery, found: SeriesByPeriod, kind: str, provisional: set[date]
) -> dict[str, Any]:
    is_by_days = query.granularity in (Granularity.DAILY, Granularity.HOURLY)
    return chart(
        found,
        query.group_by,
        kind=kind,
        link=(lambda day: addresses.of_day(day, query.filter)) if is_by_days else None,
        provisional=provisional,
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
            # The rest of the question stands in the links.
            reader.one_of("chart", tuple(CHARTS), "bars")
            CostQuery.read(reader)
            reader.finish()
        most = MOST_CHOICES if is_partial else MOST_LISTED
        found = choices(dimension, words, cost_filter, visibility, most=most)
        chosen = cost_filter.include.get(dimension, ())
        return {
            "dimension": dimension,
            "title": TITLES[dimension],
            "is_partial": is_partial,
            "choices": [
                (each, name_of(dimension, None if each.value == NONE else each.value, each.name))
                for each in found
                if each.value not in chosen
            ],
            "is_cut": len(found) == most,
            "chosen": options_of(dimension, chosen, display_names(cost_filter, visibility)),
            "back": addresses.with_query(
                reverse("explore"),
                [
                    pair
                    for pair in addresses.pairs(self.parameters())
                    if pair[0] not in ("dimension", *SEARCH)
                ],
            ),
        }
