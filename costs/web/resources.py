"""A resource, or an environment: what it costs, of what, at which prices, and who pays."""

from abc import abstractmethod
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.encoding import escape_uri_path

from costs import visible_dimensions
from costs.api.permissions import READ_COSTS
from costs.explanation import Candidate, explain
from costs.filters import CostFilter
from costs.models import AllocationRule
from costs.query_string import Reader
from costs.reports.charges import Granularity
from costs.reports.columns import as_records
from costs.reports.coverage import coverage, provisional_days
from costs.reports.grouped import grouped_costs
from costs.reports.payers import Payer, payers
from costs.reports.prices import unit_prices
from costs.reports.query import Compare, CostQuery
from costs.reports.series import series_by_period
from costs.visibility import Visibility
from costs.web import addresses
from costs.web.charts import chart, legend, sparkline
from costs.web.names import TITLES
from costs.web.page import Page, may_see
from costs.web.tables import group_rows, series_table
from dimensions.models import Cluster, Environment

MOST_SERIES, MOST_ROWS = 10, 200
A_YEAR = timedelta(days=366)
LONGEST = 400  # days


class ResourcePage(Page):
    """What both kinds of page show of the charges that they are of.

    kind: the dimension; id_field: where the thing keeps its id, which two organizations may share.
    """

    needs = READ_COSTS
    section = "explore"
    kind: str
    id_field: str
    stacked_by: tuple[str, ...]

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        id = named[self.id_field]
        found = self.known(visibility).filter(**{self.id_field: id})
        if org := reader.text("org"):
            found = found.filter(organization__org_id=org)
        things = list(found.select_related("organization"))
        if not things:
            raise Http404
        if len(things) > 1:
            self.template_name = "costs/which.html"
            return {"things": things, "id": id}
        shown = self.shown(reader, visibility, things[0])
        return shown | self.more(things[0], shown["filter"], shown["payers"], visibility)

    @abstractmethod
    def known(self, visibility: Visibility) -> QuerySet[Any]:
        """What the user may hear of."""

    @abstractmethod
    def more(
        self, thing: Any, cost_filter: CostFilter, paid: list[Payer], visibility: Visibility
    ) -> dict[str, Any]:
        """What only this kind of page shows."""

    def charges(self, reader: Reader, thing: Cluster | Environment) -> CostFilter:
        """The filter of the page: its days, and the thing."""
        days = CostFilter.read(reader, dimensions=(), cost_types=())
        if (days.end - days.start).days > LONGEST:
            reader.refuse("end_date", f"At most {LONGEST} days are shown; the explorer has more.")
            reader.finish()
        id = getattr(thing, self.id_field)
        return replace(days, include={"org": (thing.organization.org_id,), self.kind: (id,)})

    def shown(
        self, reader: Reader, visibility: Visibility, thing: Cluster | Environment
    ) -> dict[str, Any]:
        """Costs, payers, days and links; raises InvalidParameters."""
        by = reader.one_of("by", self.stacked_by, self.stacked_by[0])
        cost_filter = self.charges(reader, thing)
        reader.finish()
        daily = CostQuery(cost_filter, Granularity.DAILY, (by,), top=MOST_SERIES)
        found = series_by_period(daily, visibility)
        compared = CostQuery(cost_filter, Granularity.TOTAL, compare=Compare.PREVIOUS)
        totals = grouped_costs(compared, visibility, limit=1).totals
        covered = coverage(cost_filter, visibility)
        link = self._link_of_day(cost_filter)
        org = [("org", thing.organization.org_id)]
        path = escape_uri_path(self.request.path)
        days = list(cost_filter.days_to_query())
        return {
            "thing": thing,
            "filter": cost_filter,
            "totals": totals,
            "change": totals.change,
            "earlier": cost_filter.previous(),
            "coverage": covered,
            "earlier_missing": coverage(cost_filter.before(), visibility).days_missing,
            "stacked_by": TITLES[by].lower(),
            "chart": chart(
                found,
                (by,),
                link=link,
                provisional=provisional_days(cost_filter, visibility),
            ),
            "legend": legend((by,), found.series),
            "table": series_table(
                found,
                (by,),
                Granularity.DAILY,
                caption=f"Net USD a day by {TITLES[by].lower()}",
                link=link,
            ),
            "payers": payers(_long(cost_filter), visibility),
            "presets": addresses.presets(path, cost_filter, [*org, ("by", by)]),
            "choices": [
                addresses.Pill(
                    f"By {TITLES[name].lower()}",
                    addresses.with_query(path, [*days, *org, ("by", name)]),
                    name == by,
                )
                for name in self.stacked_by
            ],
            "explore": addresses.explore(daily),
            "changes": addresses.changes(cost_filter, "line_type"),
            "may_curate": self.request.user.has_perm("costs.change_allocationrule"),
            "may_see_notes": may_see(self.request.user, "dimensions.view_cluster"),
        }

    def _may_see_rules(self, visibility: Visibility) -> bool:
        """Rules are everybody's, and not for who sees shares only."""
        return not visibility.is_limited and may_see(self.request.user, "costs.view_allocationrule")

    def _link_of_day(self, cost_filter: CostFilter) -> Any:
        return lambda day: addresses.of_day(day, cost_filter)


class ClusterPage(ResourcePage):
    template_name = "costs/cluster.html"
    makes_tables = True
    kind = "cluster"
    id_field = "cluster_id"
    stacked_by = ("line_type", "product", "cost_center")

    def known(self, visibility: Visibility) -> QuerySet[Any]:
        return visible_dimensions.clusters(visibility)

    def more(
        self, thing: Any, cost_filter: CostFilter, paid: list[Payer], visibility: Visibility
    ) -> dict[str, Any]:
        last = max((payer.last_day for payer in paid), default=None)
        neighbours = {"organization": thing.organization_id}
        environment = visible_dimensions.environments(visibility).filter(
            **neighbours, env_id=thing.env_id
        )
        parent = visible_dimensions.clusters(visibility).filter(
            **neighbours, cluster_id=thing.parent_cluster_id
        )
        prices = (
            unit_prices(thing.organization_id, thing.cluster_id, cost_filter, visibility)
            if may_see(self.request.user, "costs.view_costlineitem")
            else []
        )
        return {
            "environment": environment.first(),
            "parent": parent.first() if thing.parent_cluster_id else None,
            "prices": [(each, sparkline(list(each.by_day.values()))) for each in prices],
            "last_day": last,
            "may_see_rules": self._may_see_rules(visibility),
            "rules": _candidates(thing, last) if last and self._may_see_rules(visibility) else [],
        }

    def _link_of_day(self, cost_filter: CostFilter) -> Any:
        """To the lines: there is only one resource to find them of."""
        (cluster_id,) = cost_filter.include["cluster"]
        return lambda day: addresses.explanation(day, cluster_id, cost_filter)


class EnvironmentPage(ResourcePage):
    template_name = "costs/environment.html"
    kind = "env"
    id_field = "env_id"
    stacked_by = ("line_type", "cluster", "product", "cost_center")

    def known(self, visibility: Visibility) -> QuerySet[Any]:
        return visible_dimensions.environments(visibility)

    def more(
        self, thing: Any, cost_filter: CostFilter, paid: list[Payer], visibility: Visibility
    ) -> dict[str, Any]:
        of_resources = CostQuery(
            cost_filter, Granularity.TOTAL, ("cluster",), compare=Compare.PREVIOUS
        )
        resources = grouped_costs(of_resources, visibility, limit=MOST_ROWS)
        return {
            "resources": group_rows(
                as_records(resources.table),
                of_resources,
                resources.totals.cost_usd,
                link=lambda ids: (
                    addresses.page_of(ids, cost_filter) or addresses.narrowed(of_resources, ids)
                ),
            ),
            "resources_more": max(resources.totals.rows - MOST_ROWS, 0),
            "resource_files": addresses.exports(of_resources),
            "may_see_rules": self._may_see_rules(visibility),
            "rules": _rules_of(thing) if self._may_see_rules(visibility) else [],
        }


def _long(cost_filter: CostFilter) -> CostFilter:
    """The year up to the end of the filter's days: since when somebody pays may be long ago."""
    return replace(cost_filter, start=cost_filter.end - A_YEAR, period=None)


def _candidates(cluster: Cluster, day: date) -> list[Candidate]:
    """The rules that select the resource's lines of a day, each once, the deciding ones first."""
    explained = explain(cluster.organization, day, cluster.cluster_id)
    found: dict[int, Candidate] = {}
    for line in explained.lines:
        for candidate in line.candidates:
            known = found.get(candidate.rule.pk)
            if known is None or (candidate.decides and not known.decides):
                found[candidate.rule.pk] = candidate
    return sorted(found.values(), key=lambda each: (not each.decides, each.rule.pk))


def _rules_of(environment: Environment) -> list[AllocationRule]:
    """Rules that name the environment or its whole organization, the newest first."""
    named = Q(environment=environment) | Q(selector=AllocationRule.Selector.ORGANIZATION)
    rules = AllocationRule.objects.filter(named, organization=environment.organization)
    related = rules.select_related("environment").prefetch_related("targets__cost_center")
    return list(related.order_by("-valid_from"))
