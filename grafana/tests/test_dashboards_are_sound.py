"""Each dashboard as Grafana 11 to 13 want it, and all six alike."""

import itertools
import re

import pytest

from collector.payloads import KNOWN_PRODUCTS
from grafana.asking import panels
from grafana.source.palette import PRODUCTS
from grafana.source.queries import DATASOURCE, VARIABLES
from grafana.source.write import DASHBOARDS, outdated
from grafana.tests.shown import FILES, dashboard

KINDS = {"stat", "table", "timeseries", "bargauge", "piechart"}
UIDS = {each.uid for each in DASHBOARDS}


@pytest.fixture(params=FILES)
def document(request):
    return dashboard(request.param)


def test_it_is_what_the_sources_give():
    assert outdated() == []


def test_there_are_the_six_that_are_documented():
    assert {file: dashboard(file)["title"] for file in FILES} == {
        "ccloud_chargeback.json": "Confluent Cloud Chargeback",
        "clevel-cost-overview.json": "C-Level - Confluent Cloud Cost",
        "confidence-metrics.json": "Confidence Metrics",
        "cost-by-business-unit.json": "Cost by Business Unit",
        "cost-by-cluster.json": "Cost by Cluster",
        "historical_costs.json": "Historical Costs (SQL)",
    }


def test_it_has_a_uid_of_its_own(document):
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", document["uid"])
    assert len(UIDS) == len(FILES)


def test_it_opens_on_thirty_days_in_utc(document):
    assert document["schemaVersion"] == 42
    assert document["timezone"] == "utc"
    assert document["time"] == {"from": "now-30d", "to": "now"}
    assert document["editable"] is False


def test_every_query_goes_to_the_provisioned_postgresql(document):
    sources = [panel["datasource"] for panel in panels(document)]
    sources += [target["datasource"] for panel in panels(document) for target in panel["targets"]]
    sources += [variable["datasource"] for variable in document["templating"]["list"]]

    assert all(source == DATASOURCE for source in sources)


def test_variables_stand_in_the_same_order_everywhere(document):
    names = [variable["name"] for variable in document["templating"]["list"]]

    assert names == [name for name in VARIABLES if name in names]
    assert names[:4] == ["org", "environment", "product", "business_unit"]


def test_all_means_every_listed_value(document):
    """A value of All's own would go into the SQL unquoted."""
    for variable in document["templating"]["list"]:
        assert (variable["multi"], variable["includeAll"]) == (True, True)
        assert "allValue" not in variable


def test_queries_use_its_variables_quoted_and_nothing_else(document):
    names = {variable["name"] for variable in document["templating"]["list"]}
    queries = [target["rawSql"] for panel in panels(document) for target in panel["targets"]]
    queries += [variable["query"] for variable in document["templating"]["list"]]

    used = {word for sql in queries for word in re.findall(r"\$\{?[\w:]+\}?", sql)}

    macros = {"$__timeFilter", "$__timeFrom", "$__timeTo"}
    assert used <= macros | {f"${{{name}:sqlstring}}" for name in names}
    assert not any("{{" in sql for sql in queries)


def test_every_cost_is_filtered_by_every_variable(document):
    """But what speaks of days alone: how far the data reach."""
    names = [variable["name"] for variable in document["templating"]["list"]]
    for panel in panels(document):
        sql = panel["targets"][0]["rawSql"]
        if "daily_costs" in sql or "resource_costs" in sql:
            assert all(f"${{{name}:sqlstring}}" in sql for name in names), panel["title"]


def test_queries_ask_the_reporting_views_only(document):
    for panel in panels(document):
        for target in panel["targets"]:
            relations = re.findall(r"\b(?:FROM|JOIN) ([a-z_.]+)", target["rawSql"])
            named = set(re.findall(r"(\w+) AS (?:MATERIALIZED )?\(", target["rawSql"]))
            assert {name for name in relations if "." in name} <= {
                f"reporting.{view}"
                for view in (
                    *("daily_costs", "days", "organizations", "environments", "clusters"),
                    *("business_units", "cost_centers", "resource_costs"),
                )
            }
            assert {name for name in relations if "." not in name} <= named


def test_every_panel_is_named_described_and_measured(document):
    for panel in panels(document):
        assert panel["type"] in KINDS
        assert panel["title"]
        assert len(panel["description"]) > 20, panel["title"]
        assert panel["type"] == "table" or panel["fieldConfig"]["defaults"]["unit"]
        assert panel["fieldConfig"]["defaults"]["noValue"]
        assert panel["type"] != "bargauge" or panel["fieldConfig"]["defaults"]["min"] == 0


def test_dollars_have_no_limits_written_in(document):
    for panel in panels(document):
        defaults = panel["fieldConfig"]["defaults"]
        steps = defaults.get("thresholds", {}).get("steps", [])
        if defaults.get("unit") == "currencyUSD":
            assert [step["value"] for step in steps] in ([], [None])


def test_it_says_how_far_the_data_reach(document):
    titles = [panel["title"] for panel in panels(document)]

    assert "Data through · collected · provisional" in titles


def test_every_daily_chart_marks_provisional_days(document):
    for panel in panels(document):
        if panel["type"] == "timeseries":
            assert "is_provisional" in "".join(target["rawSql"] for target in panel["targets"])


def test_panels_have_ids_and_places_of_their_own(document):
    every = [*document["panels"], *(p for row in document["panels"] for p in row.get("panels", ()))]
    assert len({panel["id"] for panel in every}) == len(every)
    for group in (document["panels"], *(row.get("panels", ()) for row in document["panels"])):
        places = [panel["gridPos"] for panel in group]
        assert all(place["x"] + place["w"] <= 24 for place in places)
        for a, b in itertools.combinations(places, 2):
            beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
            above = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
            assert beside or above


def test_links_lead_to_the_six_and_keep_days_and_choices(document):
    (dashboards,) = document["links"]
    assert (dashboards["type"], dashboards["tags"]) == ("dashboards", document["tags"])
    assert (dashboards["keepTime"], dashboards["includeVars"]) == (True, True)
    names = {variable["name"] for variable in document["templating"]["list"]}
    for url in links_of(document):
        assert re.match(r"/d/([\w-]+)\?", url)[1] in UIDS
        assert "${__url_time_range}" in url
        kept = set(re.findall(r"\$\{(\w+):queryparam\}", url)) | set(re.findall(r"var-(\w+)=", url))
        assert kept == names


def links_of(document):
    return [
        link["url"]
        for panel in panels(document)
        for override in panel["fieldConfig"]["overrides"]
        for part in override["properties"]
        if part["id"] == "links"
        for link in part["value"]
    ]


def test_each_product_that_confluent_documents_has_a_colour():
    assert {*PRODUCTS} >= KNOWN_PRODUCTS


def test_a_name_has_one_colour_on_all_of_them():
    colours = {}
    for file in FILES:
        for panel in panels(dashboard(file)):
            for override in panel["fieldConfig"]["overrides"]:
                for part in override["properties"]:
                    if part["id"] == "color" and panel["type"] != "table":
                        name, colour = override["matcher"]["options"], part["value"]
                        colours.setdefault(name, set()).add(colour.get("fixedColor"))

    doubtful = {name for name, found in colours.items() if len(found - {None}) > 1}
    assert doubtful == set()
    assert {"KAFKA", "Credits", "High"} <= {*colours}
