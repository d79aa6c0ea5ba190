"""Routes of the API below /api/v1/; each answers with and without a slash at the end."""

from collections.abc import Callable, Iterable, Iterator

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from costs.api import bill, costs, dimensions, rules
from costs.api.lists import DetailView, Kind, ListView, ReadOnlyDetailView

Route = tuple[str, Callable[..., HttpResponseBase], str]


def with_and_without_slash(routes: Iterable[Route]) -> Iterator[URLPattern]:
    """The name belongs to the address without."""
    for address, view, name in routes:
        yield path(address, view, name=name)
        yield path(f"{address}/", view)


def _of_kind(address: str, kind: Kind) -> list[Route]:
    """A list of things, and each of them."""
    return [
        (address, ListView.as_view(kind=kind), kind.plural),
        (f"{address}/<str:id>", DetailView.as_view(kind=kind), kind.name),
    ]


_POLICY = "allocation/policies"
ROUTES: list[Route] = [
    ("costs", costs.CostsView.as_view(), "costs"),
    ("costs/summary", costs.SummaryView.as_view(), "costs-summary"),
    ("costs/facts", bill.FactsView.as_view(), "costs-facts"),
    ("costs/line-items", bill.LineItemsView.as_view(), "costs-line-items"),
    ("costs/days", bill.DaysView.as_view(), "costs-days"),
    ("costs/reconciliation", bill.ReconciliationView.as_view(), "costs-reconciliation"),
    *_of_kind("dimensions/orgs", dimensions.ORGANIZATIONS),
    *_of_kind("dimensions/envs", dimensions.ENVIRONMENTS),
    *_of_kind("dimensions/clusters", dimensions.CLUSTERS),
    *_of_kind("dimensions/business-units", dimensions.BUSINESS_UNITS),
    *_of_kind("dimensions/cost-centers", dimensions.COST_CENTERS),
    ("allocation/rules", rules.RulesView.as_view(kind=rules.RULES), "rules"),
    ("allocation/rules/<int:id>", rules.RuleView.as_view(kind=rules.RULES), "rule"),
    ("allocation/rules/<int:id>/close", rules.CloseRuleView.as_view(), "rule-close"),
    (_POLICY, ListView.as_view(kind=rules.POLICIES), "policies"),
    (
        f"{_POLICY}/<int:id>",
        ReadOnlyDetailView.as_view(kind=rules.POLICIES),
        "policy",
    ),
]
urlpatterns = list(with_and_without_slash(ROUTES))
