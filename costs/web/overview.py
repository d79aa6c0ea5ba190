"""The first page: what the month comes to, who stands out, what changed, what is not sure."""

from datetime import UTC, datetime
from typing import Any

from costs.api.permissions import READ_COSTS
from costs.filters import CostFilter
from costs.query_string import Reader
from costs.reports.charges import Granularity
from costs.reports.movers import movers
from costs.reports.overview import (
    MOST_SERIES,
    TOP,
    TREND_BY,
    WEEK_DAYS,
    Overview,
    last_days,
    overview,
)
from costs.reports.query import Compare, CostQuery
from costs.visibility import Visibility
from costs.web import addresses, notices
from costs.web.charts import chart, legend
from costs.web.names import TITLES, names_of
from costs.web.page import Page
from costs.web.tables import MoverRow, TopRow, mover_rows, series_table

TOP_TITLES = {
    "cluster": "Top resources",
    "env": "Top environments",
    "business_unit": "Top business units",
}
TREND_TITLES = {"product": "Product", "business_unit": "Business unit"}


class OverviewPage(Page):
    needs = READ_COSTS
    template_name = "costs/overview.html"
    section = "overview"

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        trend_by = reader.one_of("by", TREND_BY, TREND_BY[0])
        reader.finish()
        today = datetime.now(UTC).date()
        found = overview(visibility, today, trend_by=trend_by)
        if found is None:
            return {"overview": None}
        # Days that are not whole yet would look like savings.
        week = last_days(found.settled_through, WEEK_DAYS)
        return {
            "overview": found,
            "today": today,
            "notices": list(self.notices(found, visibility)),
            "trend": _trend(found, trend_by, self.request.path),
            "tops": [_top(found, name) for name in TOP_TITLES],
            "mover_titles": [TITLES["cluster"]],
            "movers_caption": (
                f"Net USD from {week.start} to {found.settled_through} (settled days), "
                "against the 7 days before"
            ),
            "movers": _movers(week, visibility),
            "all_changes": addresses.changes(week, "cluster"),
        }

    def notices(self, found: Overview, visibility: Visibility) -> list[notices.Notice]:
        """The most pressing first."""
        said = [*notices.of_coverage(found.coverage), *notices.of_pending(visibility)]
        if not visibility.is_limited:
            said += notices.of_allocation(found.unallocated, found.days)
        return said


def _trend(found: Overview, by: str, path: str) -> dict[str, Any]:
    query = CostQuery(found.days, Granularity.DAILY, (by,), top=MOST_SERIES)
    return {
        "title": TREND_TITLES[by],
        "found": found.trend,
        "table": series_table(
            found.trend,
            (by,),
            Granularity.DAILY,
            caption=f"Net USD a day by {TREND_TITLES[by].lower()}",
            link=addresses.of_day,
        ),
        "legend": legend((by,), found.trend.series),
        "chart": chart(
            found.trend,
            (by,),
            link=addresses.of_day,
            provisional=found.provisional,
        ),
        "choices": [
            addresses.Pill(f"By {title.lower()}", f"{path}?by={name}", name == by)
            for name, title in TREND_TITLES.items()
        ],
        "explore": addresses.explore(query),
    }


def _top(found: Overview, name: str) -> dict[str, Any]:
    compared = CostQuery(found.days, Granularity.TOTAL, (name,), top=TOP, compare=Compare.PREVIOUS)
    rows = [
        TopRow(
            series,
            names_of((name,), series)[0],
            "" if series.is_others else addresses.of_group({name: series.id}, found.days),
        )
        for series in found.tops[name].series
    ]
    return {
        "name": name,
        "title": TOP_TITLES[name],
        "rows": rows,
        "total": found.tops[name].totals.cost_usd,
        "explore": addresses.explore(compared),
    }


def _movers(week: CostFilter, visibility: Visibility) -> list[MoverRow]:
    earlier = week.previous()
    changed = movers(week, earlier, visibility, by=("cluster",), most=TOP)
    return mover_rows(changed, lambda ids: addresses.of_group(ids, week))
