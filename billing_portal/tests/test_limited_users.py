"""Who is limited to business units sees what these owe, and learns nothing of anybody else."""

import csv
import io
import json
import re
from datetime import date

import pytest

from billing_portal.tests.people import bearer, person, token_of
from costs.models import BillingDay
from costs.tests.asking import ask
from costs.tests.billed import EVERY_DAY, bill, two_companies
from costs.tests.ownership import center, line, rule
from dimensions.models import Cluster, CostCenter, Environment, Organization

# Of BU-1's share of the bill in costs.tests.billed: 100 + 60 % of 50 + support by proportion on
# 30 October (130 of 150 direct USD: 26 of 30), 110 on 2 November.
OWN = "266.0000000000"
# What belongs to others, in any way of writing it.
SECRETS = [
    *("BU-2", "BU-9", "CC-2", "CC-9", "Unallocated", "Borealis", "o-2", "lkc-9", "env-9", "secret"),
    *("lcc-3", "sink", "CONNECT", "PROMO_CREDIT", "317", "307", "187", "-10.0", "shared_central"),
]
REPORTS = [
    ("costs", {"group_by": "org,env,stage,cluster,product,line_type"}),
    ("costs", {"group_by": "business_unit,cost_center,confidence,method"}),
    ("costs", {"group_by": "cluster", "top": 1, "granularity": "total"}),
    ("costs", {"group_by": "business_unit", "top": 1, "compare": "previous"}),
    ("costs", {"granularity": "hourly", "cost_type": "list"}),
    ("costs", {"cost_type": "credits", "group_by": "cluster"}),
    ("costs/summary", {}),
    ("costs/facts", {}),
    ("costs/line-items", {}),
    ("costs/days", {}),
]
LISTS = [
    "dimensions/orgs",
    "dimensions/envs",
    "dimensions/clusters",
    "dimensions/business-units",
    "dimensions/cost-centers",
]


@pytest.fixture
def company(db, settings):
    settings.PRODUCTION = True
    meridian, _ = two_companies()
    Cluster.objects.filter(cluster_id="lkc-2").update(parent_cluster_id="lcc-3", notes="BU-9 too")
    Environment.objects.update(notes="Ask BU-9.")
    return meridian


@pytest.fixture
def ada(company):
    """The headers of somebody who is limited to BU-1."""
    return bearer(token_of(person("ada", "Viewer", limited_to=["BU-1"])))


def said(answer):
    """The answer without what the question itself says and what names the request."""
    text = answer.getvalue() if answer.streaming else answer.content
    if "json" not in answer["Content-Type"]:
        return text.decode()
    document = json.loads(text)
    document.get("meta", {}).pop("filter", None)
    document.get("meta", {}).pop("links", None)
    document.pop("request_id", None)
    return json.dumps(document)


@pytest.mark.parametrize(("route", "asked"), REPORTS)
def test_no_report_says_a_word_of_others(ada, client, route, asked):
    answer = ask(client, route, **EVERY_DAY, **asked, headers=ada)

    assert answer.status_code == 200, answer.content
    assert [secret for secret in SECRETS if secret in said(answer)] == []


@pytest.mark.parametrize("route", ["costs", "costs/facts", "costs/line-items", "costs/days"])
def test_no_file_says_a_word_of_others(ada, client, route):
    answer = ask(client, route, **EVERY_DAY, format="csv", headers=ada)

    assert [secret for secret in SECRETS if secret in said(answer)] == []


@pytest.mark.parametrize("route", LISTS)
def test_no_list_says_a_word_of_others(ada, client, route):
    answer = ask(client, route, headers=ada)

    assert answer.status_code == 200
    assert [secret for secret in SECRETS if secret in said(answer)] == []


@pytest.mark.parametrize(
    ("route", "ids"),
    [
        ("dimensions/orgs", ["o-1"]),
        ("dimensions/envs", ["env-1", "env-2"]),
        ("dimensions/clusters", ["lkc-1", "lkc-2"]),
        ("dimensions/business-units", ["BU-1"]),
        ("dimensions/cost-centers", ["CC-1"]),
    ],
)
def test_lists_hold_what_the_own_units_pay_for(ada, client, route, ids):
    document = ask(client, route, headers=ada).json()
    key = {"orgs": "org_id", "envs": "env_id", "clusters": "cluster_id"}.get(
        route.split("/")[1], "code"
    )

    assert [row[key] for row in document["data"]] == ids
    assert document["meta"]["count"] == len(ids)


@pytest.mark.parametrize(
    "address",
    [
        *("dimensions/orgs/o-2", "dimensions/envs/env-9", "dimensions/clusters/lkc-9"),
        *("dimensions/clusters/lcc-3", "dimensions/business-units/BU-2"),
        *("dimensions/cost-centers/CC-2", "dimensions/cost-centers/CC-9"),
    ],
)
def test_ids_of_others_are_404_as_ids_of_nobody(ada, client, address):
    kind = address.rpartition("/")[0]
    others, nobodys = (
        client.get(f"/api/v1/{each}", headers=ada) for each in (address, f"{kind}/nobody")
    )

    assert (others.status_code, said(others)) == (404, said(nobodys))


@pytest.mark.parametrize(
    ("parameter", "others", "nobodys"),
    [
        ("env", "env-9", "env-x"),
        ("cluster", "lcc-3", "lcc-x"),
        ("product", "CONNECT", "NOTHING"),
        ("business_unit", "BU-2", "BU-x"),
        ("cost_center", "CC-2", "CC-x"),
        ("org", "o-2", "o-x"),
    ],
)
@pytest.mark.parametrize("route", ["costs", "costs/summary", "costs/facts"])
@pytest.mark.parametrize("pattern", ["{}", "exclude[{}]"])
def test_filtering_by_others_is_filtering_by_nobody(
    ada, client, route, pattern, parameter, others, nobodys
):
    name = pattern.format(parameter)

    first, second = (
        ask(client, route, (name, value), **EVERY_DAY, headers=ada) for value in (others, nobodys)
    )

    assert (first.status_code, said(first)) == (200, said(second))


def test_totals_are_of_the_own_share(ada, client):
    total = ask(client, "costs", **EVERY_DAY, granularity="total", headers=ada).json()
    summary = ask(client, "costs/summary", **EVERY_DAY, headers=ada).json()["data"]

    assert total["meta"]["total"] == {"cost_usd": OWN}
    assert [row["cost_usd"] for row in total["data"]] == [OWN]
    assert (summary["total_usd"], summary["allocated_percent"]) == (OWN, "100.0000")
    assert summary["records"] == 4


def test_others_are_made_of_the_own_share(ada, client):
    answer = ask(
        client, "costs", **EVERY_DAY, group_by="cluster", granularity="total", top=1, headers=ada
    ).json()

    shown = [(row["cluster_name"], row["cost_usd"]) for row in answer["data"]]
    assert shown == [("lkc-1", "210.0000000000"), ("Others", "56.0000000000")]
    assert answer["meta"]["groups_in_others"] == 2


def test_a_line_that_others_pay_too_shows_the_share_and_hides_the_whole(ada, client):
    lines = ask(client, "costs/line-items", **EVERY_DAY, headers=ada).json()["data"]

    names = ("cluster_id", "is_share", "amount_usd", "quantity", "line_item_id")
    shown = [tuple(row[name] for name in names) for row in lines]
    kafka, shared, support, november = shown
    assert kafka[:3] == ("lkc-1", False, "100.0000000000")
    assert kafka[4] is not None
    assert shared == ("lkc-2", True, "30.0000000000", None, None)
    assert support == (None, True, "26.0000000000", None, None)
    assert november[:3] == ("lkc-1", False, "110.0000000000")
    hidden = {"price", "original_amount", "amount_received", "provider_id", "first_version"}
    assert all(lines[1][name] is None for name in hidden)


def test_days_show_no_amounts_and_no_counts(ada, client):
    days = ask(client, "costs/days", **EVERY_DAY, headers=ada).json()["data"]

    assert {day["org_id"] for day in days} == {"o-1"}
    assert {(day["line_count"], day["amount_usd"]) for day in days} == {(None, None)}


def test_earlier_versions_belong_to_nobody(ada, client):
    answer = ask(client, "costs/line-items", **EVERY_DAY, version=1, headers=ada)

    assert answer.status_code == 403


def test_a_resource_shows_no_host_of_others_and_no_notes(ada, client):
    cluster = client.get("/api/v1/dimensions/clusters/lkc-2", headers=ada).json()["data"]

    assert (cluster["parent_cluster_id"], cluster["notes"]) == (None, "")
    for tried in ({"parent_cluster": "lcc-3"}, {"search": "BU-9"}, {"search": "secret"}):
        assert ask(client, "dimensions/clusters", **tried, headers=ada).json()["data"] == []


def test_a_cost_center_shows_only_its_time_in_the_own_units(company, client):
    center("CC-3", "BU-2", valid_to=date(2026, 6, 1))
    center("CC-3", "BU-1", valid_from=date(2026, 6, 1))
    ada = bearer(token_of(person("ada", "Viewer", limited_to=["BU-1"])))

    shown = client.get("/api/v1/dimensions/cost-centers/CC-3", headers=ada).json()["data"]

    assert shown["business_unit"] == "BU-1"
    assert shown["placements"] == [
        {"business_unit": "BU-1", "valid_from": "2026-06-01", "valid_to": None}
    ]


def test_nothing_changes_when_only_others_change(ada, company, client):
    """Whatever happens to the rest of the bill, every answer stays the same to the last letter."""
    asked = [(route, EVERY_DAY | said_too) for route, said_too in REPORTS]
    asked += [(route, {}) for route in LISTS]
    before = [said(ask(client, route, **each, headers=ada)) for route, each in asked]

    other = Cluster.objects.create(organization=company, cluster_id="lkc-77", name="another")
    CostCenter.objects.create(code="CC-77")
    rule("CC-77", of=company, cluster=other)
    BillingDay.objects.filter(day__in=["2026-10-31"]).delete()
    bill(
        company,
        line("1000", "other", day=date(2026, 10, 31), resource="lkc-77", env="env-77"),
        line("-500", "credit", day=date(2026, 10, 31), resource="lkc-77", product="MAGIC"),
    )

    after = [said(ask(client, route, **each, headers=ada)) for route, each in asked]
    # The day itself is known of: it was collected anew.
    days = [number for number, (route, _) in enumerate(asked) if route == "costs/days"]
    assert [n for n in range(len(asked)) if before[n] != after[n] and n not in days] == []


def test_they_do_not_see_when_others_are_billed(ada, company, client):
    """A day on which only others were charged is a day that was collected, no more."""
    before = ask(client, "costs/summary", **EVERY_DAY, headers=ada).json()
    bill(company, line("5", "other", day=date(2026, 11, 9), resource="lkc-9", env="env-9"))

    after = ask(client, "costs/summary", **EVERY_DAY, headers=ada).json()
    (day,) = ask(
        client, "costs/days", start_date="2026-11-09", end_date="2026-11-10", headers=ada
    ).json()["data"]

    assert before["meta"]["data_through"] == after["meta"]["data_through"] == "2026-11-02"
    whole = ("version", "last_changed_at", "is_pending", "line_count", "amount_usd")
    assert {day[name] for name in whole} == {None}


@pytest.fixture
def shared_ids(company):
    """Borealis has environments and resources with Meridian's ids, and one that BU-1 pays for."""
    borealis = Organization.objects.get(org_id="o-2")
    for env_id in ("env-1", "env-2", "env-8"):
        Environment.objects.create(organization=borealis, env_id=env_id, name=f"Secret {env_id}")
    Environment.objects.create(organization=company, env_id="env-8", name="Meridian's env-8")
    Cluster.objects.create(organization=borealis, cluster_id="lkc-1", name="Secret lkc-1")
    own = Cluster.objects.create(organization=borealis, cluster_id="lkc-77", name="ours")
    rule("CC-1", of=borealis, cluster=own)
    bill(
        borealis,
        line("1", "own", day=date(2026, 11, 1), resource="lkc-77", env="env-8"),
        line("9", "theirs", day=date(2026, 11, 1), resource="lkc-1", env="env-1"),
    )


def test_an_id_that_organizations_share_opens_nothing(shared_ids, company, client):
    ada = bearer(token_of(person("ada", "Viewer", limited_to=["BU-1"])))

    envs = ask(client, "dimensions/envs", headers=ada).json()["data"]
    clusters = ask(client, "dimensions/clusters", headers=ada).json()["data"]
    detail = ask(client, "dimensions/envs/env-1", headers=ada)

    assert [(row["org_id"], row["name"]) for row in envs] == [
        ("o-1", "Live"),
        ("o-1", "Try"),
        ("o-2", "Secret env-8"),
    ]
    assert [(row["org_id"], row["cluster_id"]) for row in clusters] == [
        ("o-1", "lkc-1"),
        ("o-1", "lkc-2"),
        ("o-2", "lkc-77"),
    ]
    assert (detail.status_code, detail.json()["data"]["name"]) == (200, "Live")


def test_costs_carry_the_names_of_their_own_organization(shared_ids, company, client):
    ada = bearer(token_of(person("ada", "Viewer", limited_to=["BU-1"])))

    for headers in (ada, bearer(token_of(person("vic", "Viewer")))):
        rows = ask(
            client, "costs", **EVERY_DAY, group_by="org,env", granularity="total", headers=headers
        ).json()["data"]
        names = {(row["org_id"], row["env_id"]): row["env_name"] for row in rows}
        assert names["o-1", "env-1"] == "Live"
        assert names["o-2", "env-8"] == "Secret env-8"
        parts = ask(client, "costs/summary", **EVERY_DAY, headers=headers).json()["data"]
        assert "Meridian's env-8" not in json.dumps(parts)


def test_a_resource_shows_no_environment_that_only_others_pay_for(company, client):
    Cluster.objects.filter(cluster_id="lkc-2").update(env_id="env-secret", owner_principal="u-boss")
    Environment.objects.create(organization=company, env_id="env-secret", name="Falcon")
    ada = bearer(token_of(person("ada", "Viewer", limited_to=["BU-1"])))

    shown = client.get("/api/v1/dimensions/clusters/lkc-2", headers=ada).json()["data"]

    assert (shown["env_id"], shown["env_name"], shown["owner_principal"]) == (None, None, "")
    assert ask(client, "dimensions/clusters", env="env-secret", headers=ada).json()["data"] == []


def test_a_cost_center_that_others_have_today_shows_its_name_only(company, client):
    """CC-5 was in BU-1 when it was charged, and is in BU-2 now; CC-6 will be in BU-1."""
    center("CC-5", "BU-1", valid_to=date(2026, 11, 10))
    center("CC-5", "BU-2", valid_from=date(2026, 11, 10))
    center("CC-6", "BU-1", valid_from=date(2099, 1, 1))
    CostCenter.objects.filter(code="CC-5").update(contact="cfo@bu-2", notes="Will close.")
    rule("CC-5", of=company, cluster=Cluster.objects.get(cluster_id="lcc-3"))
    bill(company, line("3", "old", day=date(2026, 11, 5), resource="lcc-3"))
    ada = bearer(token_of(person("ada", "Viewer", limited_to=["BU-1"])))

    rows = ask(client, "dimensions/cost-centers", headers=ada).json()["data"]

    assert [row["code"] for row in rows] == ["CC-1", "CC-5"]
    assert (rows[1]["business_unit"], rows[1]["contact"], rows[1]["notes"]) == (None, "", "")


def test_the_front_page_shows_the_own_share(company, client):
    user = person("ada", "Viewer", limited_to=["BU-1"])
    client.force_login(user)

    page = client.get("/", headers={"accept": "text/html"}).content.decode()

    assert "Your share of the Confluent Cloud bill" in page
    assert "$266.00" in page
    assert "307" not in page
    assert "Borealis" not in page


def test_the_front_page_of_somebody_without_a_group_shows_no_cost(company, client):
    client.force_login(person("noa"))

    page = client.get("/", headers={"accept": "text/html"}).content.decode()

    assert "Your login does not see costs yet" in page
    assert "$" not in page


def test_who_is_limited_to_nothing_sees_nothing(company, client):
    headers = bearer(token_of(person("ada", "Viewer", limited_to=[])))

    for route, asked in REPORTS:
        document = ask(client, route, **EVERY_DAY, **asked, headers=headers).json()
        amounts = set(re.findall(r'"-?\d+\.\d{10}"', json.dumps(document)))
        assert amounts <= {'"0.0000000000"'}, route
    for route in LISTS:
        assert ask(client, route, headers=headers).json()["data"] == []


def test_the_admin_is_closed_to_the_limited(company, client):
    user = person("ada", "Viewer", "FinOps", limited_to=["BU-1"])
    user.is_staff = True
    user.save()
    client.force_login(user)

    answer = client.get("/admin/costs/billingday/")

    assert (answer.status_code, answer["Location"]) == (
        302,
        "/admin/login/?next=/admin/costs/billingday/",
    )


def test_csv_and_json_of_the_own_share_agree(ada, client):
    asked = {**EVERY_DAY, "group_by": "cluster"}
    streamed = ask(client, "costs", **asked, format="csv", headers=ada).getvalue().decode()

    amounts = [row["cost_usd"] for row in csv.DictReader(io.StringIO(streamed))]
    data = ask(client, "costs", **asked, headers=ada).json()["data"]
    assert amounts == [row["cost_usd"] for row in data]
