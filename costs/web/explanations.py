"""From a number to the bill lines behind it, and why who pays: rule and version."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from costs.api.permissions import READ_COSTS, Needs
from costs.explanation import ExplainedLine, explain
from costs.filters import NONE, CostFilter
from costs.partitions import ONE_DAY
from costs.query_string import Reader
from costs.reports.columns import Table, as_records
from costs.reports.line_items import COLUMNS, line_items
from costs.reports.payers import payers
from costs.reports.summary import summary
from costs.visibility import Visibility
from costs.web import addresses
from costs.web.page import Page, may_see
from dimensions.models import Organization

MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class Line:
    """A bill line as the report of lines gives it, with the rules weighed for it.

    explained: None for who is limited to shares, whom others' rules do not concern.
    """

    item: dict[str, Any]
    explained: ExplainedLine | None


class ExplainPage(Page):
    needs = Needs(read="costs.view_costlineitem")
    template_name = "costs/explain.html"
    makes_tables = True
    section = "explore"

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        day = reader.day("day")
        if day is None:
            reader.refuse("day", "Say which UTC day, as YYYY-MM-DD.")
        cluster = reader.text("cluster", NONE)
        orgs = reader.texts("org")
        reader.finish()
        assert day is not None  # or finish has raised
        include = {"cluster": (cluster,)} | ({"org": orgs} if orgs else {})
        of_day = CostFilter(day, day + ONE_DAY, include=include)
        page = line_items(of_day, visibility, version=None, after=None, limit=MOST_LINES)
        items = as_records(Table(COLUMNS, page.rows))
        user = self.request.user
        may_see_rules = not visibility.is_limited and may_see(user, "costs.view_allocationrule")
        explained, is_pending = (
            _explained(items, day, cluster, visibility) if may_see_rules else ({}, False)
        )
        return {
            "day": day,
            "cluster_id": None if cluster == NONE else cluster,
            "name": next((item["cluster_name"] for item in items if item["cluster_name"]), ""),
            "lines": [Line(item, explained.get(item["line_item_id"])) for item in items],
            "is_cut": page.next is not None,
            "is_pending": is_pending,
            "summary": summary(of_day, visibility),
            "payers": payers(of_day, visibility) if may_see(user, READ_COSTS.read) else [],
            "may_see_rules": may_see_rules,
            "of_day": addresses.of_day(day),
            "files": addresses.lines(of_day),
            "neighbours": (
                addresses.explanation(day - ONE_DAY, cluster, of_day),
                addresses.explanation(day + ONE_DAY, cluster, of_day),
            ),
            "may_curate": user.has_perm("costs.view_allocationrule") and user.is_staff,
            "org": orgs[0] if len(orgs) == 1 else "",
        }


def _explained(
    items: list[dict[str, Any]], day: date, cluster: str, visibility: Visibility
) -> tuple[dict[int, ExplainedLine], bool]:
    """The explained lines by their id; whether one's facts still follow a change of rules."""
    named = {item["org_id"] for item in items}
    found: dict[int, ExplainedLine] = {}
    is_pending = False
    for organization in Organization.objects.filter(org_id__in=named):
        explanation = explain(organization, day, "" if cluster == NONE else cluster)
        is_pending |= explanation.is_pending
        found |= {line.line_item_id: line for line in explanation.lines}
    return found, is_pending
