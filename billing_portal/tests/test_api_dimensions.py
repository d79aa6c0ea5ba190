"""Lists of who and what by the API, and what people may say of each."""

import pytest
from django.db import connection

from billing_portal.tests.people import bearer, person, token_of
from costs.tests.asking import ask, refusals
from costs.tests.billed import two_companies
from costs.tests.browsing import changed, database
from dimensions.models import Cluster, Environment, Organization


@pytest.fixture
def fay(db):
    two_companies()
    Cluster.objects.filter(cluster_id="lkc-1").update(kind="kafka", env_id="env-1", region="eu")
    Cluster.objects.filter(cluster_id="lcc-3").update(
        kind="connector", env_id="env-1", parent_cluster_id="lkc-1", gone_since="2026-11-01"
    )
    return bearer(token_of(person("fay", "FinOps")))


def patch(client, address, body, headers):
    return client.patch(
        f"/api/v1/dimensions/{address}", body, content_type="application/json", headers=headers
    )


def test_it_describes_a_resource(fay, client):
    assert client.get("/api/v1/dimensions/clusters/lcc-3", headers=fay).json() == {
        "data": {
            "cluster_id": "lcc-3",
            "org_id": "o-1",
            "env_id": "env-1",
            "env_name": "Live",
            "name": "lcc-3",
            "name_from_confluent": "",
            "name_override": "",
            "kind": "connector",
            "cluster_type": "",
            "capacity": "",
            "cloud_provider": "",
            "region": "",
            "availability": "",
            "status": "",
            "owner_principal": "",
            "parent_cluster_id": "lkc-1",
            "notes": "",
            "first_seen": None,
            "last_seen": None,
            "gone_since": "2026-11-01",
        }
    }


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, ["lcc-3", "lkc-1", "lkc-2", "lkc-9"]),
        ({"order_by": "-cluster_id"}, ["lkc-9", "lkc-2", "lkc-1", "lcc-3"]),
        ({"order_by": "kind"}, ["lcc-3", "lkc-1", "lkc-2", "lkc-9"]),
        ({"search": "KC-1"}, ["lkc-1"]),
        ({"kind": "kafka"}, ["lkc-1"]),
        ({"env": "env-1"}, ["lcc-3", "lkc-1"]),
        ({"region": "eu"}, ["lkc-1"]),
        ({"parent_cluster": "lkc-1"}, ["lcc-3"]),
        ({"is_gone": "true"}, ["lcc-3"]),
        ({"is_gone": "false", "org": "o-1"}, ["lkc-1", "lkc-2"]),
        ({"limit": "1", "offset": "2"}, ["lkc-2"]),
    ],
)
def test_it_finds_resources(fay, client, asked, ids):
    answer = ask(client, "dimensions/clusters", **asked)

    assert [row["cluster_id"] for row in answer.json()["data"]] == ids


@pytest.mark.parametrize(
    ("stage", "ids"), [("production", ["env-1"]), ("none", ["env-2"]), ("non-production", [])]
)
def test_it_finds_environments_by_stage(fay, client, stage, ids):
    answer = ask(client, "dimensions/envs", stage=stage)

    assert [row["env_id"] for row in answer.json()["data"]] == ids


def test_it_finds_cost_centers_by_their_unit_today(fay, client):
    data = ask(client, "dimensions/cost-centers", business_unit="BU-2").json()["data"]

    assert [(row["code"], row["business_unit"]) for row in data] == [("CC-2", "BU-2")]


@pytest.mark.parametrize(
    ("asked", "parameter", "allowed"),
    [
        ({"kind": "moon"}, "kind", "kafka"),
        ({"order_by": "amount"}, "order_by", "-cluster_id"),
        ({"is_gone": "perhaps"}, "is_gone", "true"),
        ({"cluster": "lkc-1"}, "cluster", "search"),
    ],
)
def test_it_refuses_what_it_does_not_know(fay, client, asked, parameter, allowed):
    (name,) = (said := refusals(ask(client, "dimensions/clusters", **asked)))

    assert name == parameter
    assert allowed in said[name][1]


@pytest.mark.parametrize(
    ("address", "body", "shown"),
    [
        ("orgs/o-1", {"name_override": "Ours", "notes": "Ask Ada."}, {"name": "Ours"}),
        ("envs/env-2", {"stage": "non-production"}, {"stage": "non-production"}),
        ("clusters/lkc-1", {"name_override": "Orders"}, {"name": "Orders"}),
        ("business-units/BU-1", {"name": "Shop", "contact": "ada@example.com"}, {"name": "Shop"}),
        ("cost-centers/CC-1", {"notes": "Old."}, {"notes": "Old.", "business_unit": "BU-1"}),
    ],
)
def test_it_takes_what_people_say(fay, client, address, body, shown):
    answer = patch(client, address, body, fay)

    assert answer.status_code == 200, answer.content
    assert answer.json()["data"].items() >= {**body, **shown}.items()


@pytest.mark.parametrize(
    ("address", "body", "parameter"),
    [
        ("envs/env-1", {"stage": "moon"}, "stage"),
        ("envs/env-1", {"env_id": "env-9"}, "env_id"),
        ("envs/env-1", {"name": "Other"}, "name"),
        ("clusters/lkc-1", {"kind": "flink"}, "kind"),
        ("clusters/lkc-1", {"name_override": "x" * 501}, "name_override"),
        ("clusters/lkc-1", {"name_override": "a\x00b"}, "name_override"),
        ("business-units/BU-1", {"code": "BU-7"}, "code"),
        ("cost-centers/CC-1", {"business_unit": "BU-2"}, "business_unit"),
        ("orgs/o-1", ["name"], ""),
    ],
)
def test_it_refuses_what_is_not_theirs_to_say(fay, client, address, body, parameter):
    before = database()

    assert parameter in refusals(patch(client, address, body, fay))
    assert changed(before, database()) == set()


def test_it_writes_nothing_but_what_is_said(fay, client):
    """A sync of the inventory between reading and writing stays."""

    def sync(execute, sql, params, many, context):
        if sql.startswith('UPDATE "dimensions_clusters"'):
            assert '"region"' not in sql
        return execute(sql, params, many, context)

    with connection.execute_wrapper(sync):
        assert patch(client, "clusters/lkc-1", {"notes": "x"}, fay).status_code == 200


def test_history_names_who_said_it(fay, client):
    patch(client, "envs/env-1", {"notes": "Agreed."}, fay)

    record = Environment.objects.get(env_id="env-1").history.first()
    assert (record.history_user.username, record.notes) == ("fay", "Agreed.")


def test_it_asks_whose_where_two_organizations_share_an_id(fay, client):
    other = Organization.objects.get(org_id="o-2")
    Environment.objects.create(organization=other, env_id="env-1", name="Theirs")

    unclear = ask(client, "dimensions/envs/env-1")
    theirs = ask(client, "dimensions/envs/env-1", org="o-2")

    assert (unclear.status_code, theirs.status_code) == (409, 200)
    assert "say which one by org" in unclear.json()["detail"]
    assert theirs.json()["data"]["name"] == "Theirs"


def test_lists_of_the_inventory_need_no_login_in_development(fay, client):
    for route in ("orgs", "envs", "clusters", "orgs/", "envs/", "clusters/"):
        assert ask(client, f"dimensions/{route}").status_code == 200
