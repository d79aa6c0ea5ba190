"""What a day cost and why it cost more or less than another; and the same of any range."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from django.http import Http404

from costs.api.permissions import READ_COSTS
from costs.filters import DIMENSIONS, CostFilter, CostType, read_values
from costs.partitions import ONE_DAY
from costs.query_string import FIRST_DAY, LAST_DAY, Reader
from costs.reports.charges import Granularity
from costs.reports.columns import as_records
from costs.reports.coverage import coverage
from costs.reports.days import billing_days, day_table
from costs.reports.grouped import grouped_costs
from costs.reports.movers import movers
from costs.reports.query import A_WEEK, Compare, CostQuery
from costs.reports.summary import summary
from costs.visibility import Visibility
from costs.web import addresses
from costs.web.filtered import chips, display_names
from costs.web.names import TITLES
from costs.web.page import Page
from costs.web.tables import mover_rows, movers_total

MOST_MOVERS, MOST_OWNERS = 12, 200
# What a day is compared with, and the granularity by which the report compares so.
AGAINST = {
    "week": ("the same day of the week before", A_WEEK, Granularity.WEEKLY),
    "day": ("the day before", ONE_DAY, Granularity.DAILY),
}
OWNER = ("business_unit", "cost_center")


class DayPage(Page):
    needs = READ_COSTS
    template_name = "costs/day.html"
    section = "explore"

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        day: date = named["day"]
        if not FIRST_DAY <= day <= LAST_DAY:
            raise Http404
        against = reader.one_of("against", tuple(AGAINST), "week")
        include, exclude = read_values(reader, DIMENSIONS)
        reader.finish()
        of_day = CostFilter(day, day + ONE_DAY, include=include, exclude=exclude)
        words, step, granularity = AGAINST[against]
        before = replace(of_day, start=day - step, end=day - step + ONE_DAY)
        today = datetime.now(UTC).date()
        found = grouped_costs(
            CostQuery(of_day, granularity, OWNER, compare=Compare.PREVIOUS),
            visibility,
            limit=MOST_OWNERS,
        )
        changed = movers(
            of_day,
            (before.start, before.end),
            visibility,
            by=("cluster", "line_type"),
            most=MOST_MOVERS,
        )
        return {
            "day": day,
            "before": before.start,
            "against": words,
            "summary": summary(of_day, visibility),
            "totals": found.totals,
            "change": found.totals.change,
            "earlier_missing": coverage(before, visibility).days_missing,
            "movers_total": movers_total(changed, found.totals),
            "owners": as_records(found.table),
            "owners_more": max(found.totals.rows - MOST_OWNERS, 0),
            "is_ahead": day >= today,
            "movers": mover_rows(
                changed, lambda ids: addresses.explanation(day, ids["cluster"], of_day)
            ),
            "mover_titles": [TITLES["cluster"], TITLES["line_type"]],
            "chips": chips(of_day, self.request, display_names(of_day, visibility)),
            "choices": [
                addresses.Pill(
                    f"Against {text}",
                    addresses.with_query(
                        self.request.path, [*of_day.values_to_query(), ("against", name)]
                    ),
                    name == against,
                )
                for name, (text, _, _) in AGAINST.items()
            ],
            "neighbours": (
                addresses.of_day(day - ONE_DAY, of_day),
                addresses.of_day(day + ONE_DAY, of_day) if day < today else "",
            ),
            "stored": as_records(day_table(billing_days(of_day, visibility), visibility)),
            "all": addresses.explore(
                CostQuery(of_day, Granularity.TOTAL, ("cluster", "line_type"), top=50)
            ),
            "month": day.replace(day=1),
        }


class ChangesPage(Page):
    """What changed most between a range and the one before it."""

    needs = READ_COSTS
    template_name = "costs/changes.html"
    section = "explore"
    choices = ("cluster", "env", "business_unit", "cost_center", "product", "line_type")

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        by = reader.one_of("by", self.choices, self.choices[0])
        cost_filter = CostFilter.read(reader, cost_types=(CostType.NET,))
        reader.finish()
        earlier = cost_filter.previous()
        compared = CostQuery(cost_filter, Granularity.TOTAL, compare=Compare.PREVIOUS)
        totals = grouped_costs(compared, visibility, limit=1).totals
        changed = movers(cost_filter, earlier, visibility, by=(by,), most=2 * MOST_MOVERS)
        path = self.request.path
        return {
            "filter": cost_filter,
            "earlier": earlier,
            "totals": totals,
            "change": totals.change,
            "coverage": coverage(cost_filter, visibility),
            "earlier_missing": coverage(cost_filter.before(), visibility).days_missing,
            "movers_total": movers_total(changed, totals),
            "movers": mover_rows(changed, lambda ids: addresses.of_group(ids, cost_filter)),
            "mover_titles": [TITLES[by]],
            "by": TITLES[by].lower(),
            "chips": chips(cost_filter, self.request, display_names(cost_filter, visibility)),
            "presets": addresses.presets(
                path, cost_filter, [*cost_filter.values_to_query(), ("by", by)]
            ),
            "choices": [
                addresses.Pill(
                    TITLES[name],
                    addresses.with_query(path, [*cost_filter.to_query(), ("by", name)]),
                    name == by,
                )
                for name in self.choices
            ],
        }
