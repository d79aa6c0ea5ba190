"""Addresses of the pages about costs."""

from django.urls import path, register_converter

from costs.web.chargeback import NewestStatements, StatementPage, Statements
from costs.web.converters import Day, Id, Month
from costs.web.days import ChangesPage, DayPage
from costs.web.explanations import ExplainPage
from costs.web.explore import Explorer, Values
from costs.web.resources import ClusterPage, EnvironmentPage

register_converter(Day, "day")
register_converter(Id, "id")
register_converter(Month, "month")

urlpatterns = [
    path("explore", Explorer.as_view(), name="explore"),
    path("explore/values", Values.as_view(), name="explore-values"),
    path("changes", ChangesPage.as_view(), name="changes"),
    path("days/<day:day>", DayPage.as_view(), name="day"),
    path("explain", ExplainPage.as_view(), name="explain"),
    path("clusters/<id:cluster_id>", ClusterPage.as_view(), name="cluster"),
    path("environments/<id:env_id>", EnvironmentPage.as_view(), name="environment"),
    path("chargeback", NewestStatements.as_view(), name="chargeback"),
    path("chargeback/<month:month>", Statements.as_view(), name="chargeback-month"),
    path("chargeback/<month:month>/statement", StatementPage.as_view(), name="statement"),
]
