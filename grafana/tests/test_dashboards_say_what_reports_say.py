"""Every query of every dashboard on the demo's bill, asked as Grafana asks: by its role, with its
macros, for all, one and two values of each variable; and the sums against the portal's reports."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser

from costs.filters import NONE, CostFilter, CostType
from costs.models import DailyCostFact
from costs.partitions import ONE_DAY
from costs.reports.charges import Granularity
from costs.reports.grouped import grouped_costs
from costs.reports.query import CostQuery
from costs.reports.summary import summary
from costs.tests.billed import two_companies
from costs.visibility import visible_to
from dimensions.models import BusinessUnit, CostCenter, Environment, Organization
from grafana.asking import panels
from grafana.source.queries import FOLDER
from grafana.source.write import DASHBOARDS
from grafana.tests.shown import all_options, asked, dashboard

NET, USAGE, CREDITS = CostType.NET, CostType.USAGE, CostType.CREDITS
RESOURCES = {"cluster": (NONE,)}  # left out
KAFKA = {"cluster": "all but lkc-"}  # left out
ON_RESOURCES, ON_KAFKA = "cluster_id <> 'none'", "cluster_id LIKE 'lkc-%'"
TYPES = ("Kafka", "Connectors", "Flink", "Schema Registry", "ksqlDB", "Other")
DIMENSIONS = {
    "org": "org",
    "environment": "env",
    "product": "product",
    "business_unit": "business_unit",
    "cluster": "cluster",
    "cost_center": "cost_center",
}
# What the column of a query sums up to: a cost type's total, of what is left after an exclusion.
SUMS = {
    "clevel/spend": {"Total spend": (USAGE, {})},
    "clevel/credits": {"Total credits": (CREDITS, {})},
    "clevel/net": {"Net cost": (NET, {})},
    "clevel/trend": {("Settled", "Provisional"): (NET, {})},
    "common/organizations": {
        "Total spend": (USAGE, {}),
        "Credits": (CREDITS, {}),
        "Net cost": (NET, {}),
    },
    "common/usage_by_environment": {"Usage": (USAGE, {})},
    "common/usage_by_product": {"Usage": (USAGE, {})},
    "common/largest_products": {"Net cost": (NET, {})},
    "common/daily_by_product": {"usage_usd": (NET, {})},
    "chargeback/breakdown": {
        "Total cost": (NET, {}),
        "Usage": (USAGE, {}),
        "Credits": (CREDITS, {}),
    },
    "chargeback/usage_by_kafka_cluster": {"Usage": (USAGE, KAFKA)},
    f"chargeback/resource_details {ON_KAFKA}": {"Net cost": (NET, KAFKA)},
    "chargeback/usage_by_resource_type": {"Usage": (USAGE, {})},
    "chargeback/cost_by_business_unit": {"Net cost": (NET, {})},
    "chargeback/environment_details": {"Net cost": (NET, {})},
    "chargeback/resource_details": {"Net cost": (NET, {})},
    "chargeback/details": {"Total cost": (NET, {})},
    "business_unit/summary": {"Total spend": (USAGE, {})},
    "business_unit/by_business_unit": {
        "Usage": (USAGE, {}),
        "Credits": (CREDITS, {}),
        "Net cost": (NET, {}),
    },
    "business_unit/by_cost_center": {
        "Usage": (USAGE, {}),
        "Credits": (CREDITS, {}),
        "Net cost": (NET, {}),
    },
    "business_unit/daily_by_business_unit": {"usage_usd": (NET, {})},
    "business_unit/daily_by_cost_center": {"usage_usd": (NET, {})},
    "business_unit/usage_by_stage": {"Usage": (USAGE, {})},
    "cluster/summary_cost": {"Total cluster cost": (NET, RESOURCES)},
    "cluster/daily": {"usage_usd": (NET, RESOURCES)},
    "cluster/ranking": {"Total": (NET, RESOURCES)},
    f"common/usage_by_product {ON_RESOURCES}": {"Usage": (USAGE, RESOURCES)},
    f"common/environments_by_type {ON_RESOURCES}": {
        "Total": (NET, RESOURCES),
        TYPES: (NET, RESOURCES),
    },
    "common/environments_by_type": {"Total": (NET, {}), TYPES: (NET, {})},
    "historical/credits": {"Credits": (CREDITS, {})},
    "historical/audit": {"Total": (NET, {})},
    "confidence/cost": {"Net cost": (NET, {})},
    "confidence/methods": {"Tracked cost": (NET, {})},
    "confidence/environments": {"Net cost": (NET, {})},
}
# Records, of the same charges.
RECORDS = {
    "chargeback/coverage": ("Settled", "Provisional"),
    "confidence/total": ("Records",),
    "confidence/records": ("Records",),
    "confidence/over_time": ("High", "Medium", "Low"),
    "confidence/methods": ("Records",),
    "confidence/environments": ("High", "Medium", "Low"),
    "historical/audit": ("Records",),
}
# Tops, averages, extremes, shares, parts: nothing of a report's that they would add up to.
APART = {
    *("clevel/change", "clevel/allocated", "clevel/top_clusters", "chargeback/top_clusters"),
    *("business_unit/unallocated", "business_unit/environment_by_product"),
    *("cluster/summary_clusters", "cluster/summary_average", "cluster/summary_environments"),
    *("historical/insights", "confidence/score", "common/freshness"),
}


@dataclass(frozen=True)
class Question:
    """chosen: by variable, all of them; narrowed: those where that is not everything."""

    start: datetime
    end: datetime
    chosen: dict[str, list[str]]
    narrowed: frozenset[str] = frozenset()

    def filter(self, cost_type=NET, exclude=None):
        keys = {str(pk): org for pk, org in Organization.objects.values_list("pk", "org_id")}
        include = {
            DIMENSIONS[name]: tuple(
                keys[value] if name == "org" else value for value in self.chosen[name]
            )
            for name in self.narrowed
        }
        return CostFilter(
            self.start.date(),
            self.end.date() + ONE_DAY,
            cost_type,
            include=include,
            exclude=exclude or {},
        )


def month():
    today = datetime.now(UTC).replace(microsecond=123000)
    return today - timedelta(days=30), today


def questions(document):
    """All; then of each variable the first value alone, and two of them."""
    start, end = month()
    every = all_options(document, start, end)
    yield Question(start, end, every)
    for name, values in every.items():
        for some in (values[:1], values[-2:]):
            yield Question(start, end, every | {name: some}, frozenset({name}))


def sql_names():
    return {
        (each.file, number): f"{panel.sql} {panel.only}".strip()
        for each in DASHBOARDS
        for number, panel in enumerate(_flat(each.panels))
    }


def _flat(items):
    for item in items:
        yield from getattr(item, "panels", (item,))


def queries(document, file):
    """Each panel with the name of its SQL."""
    names = sql_names()
    for number, panel in enumerate(panels(document)):
        yield names[file, number], panel


def everything():
    return visible_to(AnonymousUser())


def total(question, cost_type, exclude):
    if exclude == KAFKA:
        others = DailyCostFact.objects.exclude(cluster_id__startswith="lkc-")
        ids = others.exclude(cluster_id=None).values_list("cluster_id", flat=True).distinct()
        exclude = {"cluster": (*ids, NONE)}
    query = CostQuery(question.filter(cost_type, exclude), Granularity.TOTAL)
    return grouped_costs(query, everything(), limit=1).totals.cost_usd


def summed(answer, columns):
    names = columns if isinstance(columns, tuple) else (columns,)
    return sum((value or 0 for name in names for value in answer.column(name)), Decimal(0))


def test_each_query_is_accounted_for():
    assert {*SUMS, *RECORDS, *APART} == set(sql_names().values())
    stored = {str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.sql")}
    shown = {name.split()[0] for name in sql_names().values()}
    assert shown <= stored
    assert stored - shown == {
        "common/provisional_days",
        *(f"variables/{name}" for name in DIMENSIONS),
    }


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_company")
@pytest.mark.parametrize("file", [each.file for each in DASHBOARDS])
class TestOnTheDemo:
    def test_breakdowns_add_up_to_the_reports_exactly(self, file):
        document = dashboard(file)
        compared = 0
        for question in questions(document):
            for name, panel in queries(document, file):
                answer = ask(panel, question)
                for columns, (cost_type, exclude) in SUMS.get(name, {}).items():
                    said = summed(answer, columns)
                    expected = total(question, cost_type, exclude)
                    assert said == expected, (name, columns, question.narrowed)
                    compared += 1
        assert compared

    def test_records_are_those_of_the_summary(self, file):
        document = dashboard(file)
        for question in questions(document):
            records = summary(question.filter(), everything()).records
            for name, panel in queries(document, file):
                if name in RECORDS:
                    assert summed(ask(panel, question), RECORDS[name]) == records, name

    def test_answers_have_the_shape_that_the_panel_draws(self, file):
        document = dashboard(file)
        start, end = month()
        question = Question(start, end, all_options(document, start, end))
        for name, panel in queries(document, file):
            answer = ask(panel, question)
            assert answer.rows, name
            SHAPES[panel["type"]](answer, panel)

    def test_an_empty_range_answers_without_an_error(self, file):
        document = dashboard(file)
        start, end = datetime(2020, 2, 1, tzinfo=UTC), datetime(2020, 2, 28, 12, tzinfo=UTC)
        question = Question(start, end, all_options(document, start, end))
        assert all(question.chosen.values())
        for name, panel in queries(document, file):
            answer = ask(panel, question)
            costs = [c for c in SUMS.get(name, {}) if isinstance(c, str)]
            assert all(value is None for c in costs for value in answer.column(c)), name


@pytest.mark.django_db
@pytest.mark.parametrize("file", [each.file for each in DASHBOARDS])
def test_two_organizations_with_the_same_names_stay_apart(file):
    _, borealis = two_companies()
    Environment.objects.create(organization=borealis, env_id="env-9", name="Live")
    BusinessUnit.objects.update(name="Shop")
    CostCenter.objects.update(name="Credits")
    document = dashboard(file)
    start, end = datetime(2026, 10, 30, tzinfo=UTC), datetime(2026, 11, 2, 23, tzinfo=UTC)
    question = Question(start, end, all_options(document, start, end))
    for name, panel in queries(document, file):
        answer = ask(panel, question)
        if answer.rows:
            SHAPES[panel["type"]](answer, panel)
        for columns, (cost_type, exclude) in SUMS.get(name, {}).items():
            assert summed(answer, columns) == total(question, cost_type, exclude), (name, columns)


@pytest.mark.django_db
@pytest.mark.parametrize("file", [each.file for each in DASHBOARDS])
def test_a_new_database_answers_without_an_error(file):
    document = dashboard(file)
    start, end = month()
    question = Question(start, end, all_options(document, start, end))

    assert all(question.chosen.values())
    for _, panel in queries(document, file):
        ask(panel, question)


def ask(panel, question):
    """The panel's own query; what is drawn behind it must answer, too."""
    answers = [
        asked(target["rawSql"], question.start, question.end, question.chosen)
        for target in panel["targets"]
    ]
    return answers[0]


def series(answer, panel):
    times = answer.column("time")
    assert None not in times
    assert times == sorted(times)
    if "metric" in answer.columns:
        assert answer.columns[:2] == ["time", "metric"]
        assert len(answer.columns) == 3
        points = list(zip(times, answer.column("metric"), strict=True))
        assert len(set(points)) == len(points)


def named_values(answer, panel):
    """A text, then a number, the largest first; of shares none is below zero; no name twice."""
    (text, number) = zip(*answer.rows, strict=True)
    assert len(set(text)) == len(text)
    assert all(isinstance(value, str) for value in text)
    values = [value for value, name in zip(number, text, strict=True) if name != "Others"]
    if "Confidence" not in answer.columns:
        assert values == sorted(values, reverse=True)
    if panel["type"] == "piechart":
        assert min(number) >= 0


def cells(answer, panel):
    overridden = {override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]}
    assert overridden <= {*answer.columns}
    linked = {
        column
        for override in panel["fieldConfig"]["overrides"]
        for part in override["properties"]
        if part["id"] == "links"
        for link in part["value"]
        for column in _fields(link["url"])
    }
    assert linked <= {*answer.columns}


def _fields(url):
    return [word.split('"]')[0] for word in url.split('__data.fields["')[1:]]


def numbers(answer, panel):
    if panel["options"]["reduceOptions"]["values"]:
        named_values(answer, panel)
    else:
        assert len(answer.rows) == 1
        cells(answer, panel)


SHAPES = {
    "timeseries": series,
    "bargauge": named_values,
    "piechart": named_values,
    "table": cells,
    "stat": numbers,
}
