"""The inventory lists that the simulator serves, as the API documents them."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from collector.simulator import SimulatedConfluent, World
from collector.tests.test_simulator_server import all_pages, ask

BORN = date(2025, 1, 1)
NOON = datetime(2025, 3, 15, 12, tzinfo=UTC)
PRODUCTION = "env-p7kd2w"
OF_ENVIRONMENT = (
    "/cmk/v2/clusters",
    "/ksqldbcm/v2/clusters",
    "/fcpm/v2/compute-pools",
    "/srcm/v3/clusters",
)
CONNECTORS = f"/connect/v1/environments/{PRODUCTION}/clusters/lkc-7yz3mk/connectors"


@pytest.fixture
def simulated():
    world = World(born=BORN, scale=60)
    with SimulatedConfluent(world, clock=lambda: NOON) as simulated:
        yield simulated


def ids(simulated, path, environment):
    return {each["id"] for each in all_pages(simulated, path, {"environment": environment})[0]}


@pytest.mark.parametrize("path", OF_ENVIRONMENT)
def test_a_list_of_an_environment_needs_to_know_which(simulated, path):
    answer, document = ask(simulated, path)
    assert answer.status == 400
    assert document["errors"][0]["source"] == {"parameter": "environment"}
    assert ask(simulated, path, {"environment": "env-none"})[0].status == 404


def test_its_pages_hold_10_items_or_as_many_as_asked_for_up_to_100(simulated):
    clusters, pages = all_pages(simulated, "/cmk/v2/clusters", {"environment": PRODUCTION})
    assert (len(clusters), pages) == (20, 2)
    large = {"environment": PRODUCTION, "page_size": "100"}
    assert all_pages(simulated, "/cmk/v2/clusters", large) == (clusters, 1)
    assert ask(simulated, "/cmk/v2/clusters", {**large, "page_size": "101"})[0].status == 400


def test_a_page_token_is_good_for_its_environment_only(simulated):
    _, first = ask(simulated, "/cmk/v2/clusters", {"environment": PRODUCTION})
    token = parse_qs(urlsplit(first["metadata"]["next"]).query)["page_token"][0]
    other = {"environment": "env-d9xr4m", "page_token": token}
    assert ask(simulated, "/cmk/v2/clusters", other)[0].status == 400


@pytest.mark.parametrize("path", [*OF_ENVIRONMENT, "/iam/v2/service-accounts", "/iam/v2/users"])
def test_its_documents_have_the_fields_that_are_required(simulated, path):
    parameters = {"environment": PRODUCTION} if path in OF_ENVIRONMENT else {}
    answer, document = ask(simulated, path, parameters)
    assert answer.status == 200
    version = path.strip("/").rsplit("/", 1)[0]
    assert document["api_version"] == version
    assert document["data"]
    for each in document["data"]:
        assert each["api_version"] == version
        assert document["kind"] == f"{each['kind']}List"
        assert each["metadata"]["self"] == f"https://api.confluent.cloud{path}/{each['id']}"
        if path in OF_ENVIRONMENT:
            assert each["spec"]["environment"]["id"] == PRODUCTION
            assert each["status"]["phase"] == "PROVISIONED"


def test_its_clusters_are_of_every_type(simulated):
    types = {
        each["spec"]["config"]["kind"]
        for environment in simulated.world.environments()
        for each in simulated.world.inventory(NOON).kafka_clusters(environment["id"])
    }
    assert types == {"Basic", "Standard", "Enterprise", "Dedicated", "Freight"}


def test_it_lists_what_is_there_at_the_time(simulated):
    staging, supply = "env-s3vn8q", "lkc-n36bke"
    assert "lkc-j9d5xs" not in ids(simulated, "/cmk/v2/clusters", staging)
    assert supply in ids(simulated, "/cmk/v2/clusters", PRODUCTION)
    simulated.clock = lambda: NOON - timedelta(days=60)
    assert "lkc-j9d5xs" in ids(simulated, "/cmk/v2/clusters", staging)
    assert supply not in ids(simulated, "/cmk/v2/clusters", PRODUCTION)


def test_its_connectors_are_a_map_without_pages(simulated):
    _, names = ask(simulated, CONNECTORS)
    assert names == ["orders-to-s3", "orders-to-bigquery", "erp-cdc"]
    _, expanded = ask(simulated, CONNECTORS, {"expand": "id,status"})
    assert list(expanded) == names
    assert {tuple(sorted(parts)) for parts in expanded.values()} == {("id", "status")}
    assert ask(simulated, CONNECTORS.replace("lkc-7yz3mk", "lkc-none"))[0].status == 404


def test_every_connector_runs_on_a_listed_cluster_of_its_environment(simulated):
    inventory, found = simulated.world.inventory(NOON), {}
    for environment in simulated.world.environments():
        for cluster in inventory.kafka_clusters(environment["id"]):
            found |= inventory.connectors(environment["id"], cluster["id"])
    assert len(found) == 11
    assert {document["id"]["id"].split("-")[0] for document in found.values()} == {"lcc"}


def test_every_account_that_something_runs_as_is_listed(simulated):
    inventory = simulated.world.inventory(NOON)
    known = {each["id"] for each in inventory.service_accounts() + inventory.users()}
    for environment in simulated.world.environments():
        for cluster in inventory.ksqldb_clusters(environment["id"]):
            assert cluster["spec"]["credential_identity"]["id"] in known
    for document in inventory.connectors(PRODUCTION, "lkc-7yz3mk").values():
        assert document["info"]["config"]["kafka.service.account.id"] in known


@pytest.mark.parametrize(("fault", "document"), [("empty", {}), ("null-data", None)])
def test_the_map_of_connectors_can_be_spoilt(simulated, fault, document):
    simulated.faults.add(fault, path="/connect/")
    answer, spoilt = ask(simulated, CONNECTORS, {"expand": "id"})
    assert (answer.status, spoilt) == (200, document)


def test_it_serves_documents_written_by_hand(simulated):
    simulated.override_list("/cmk/v2/clusters", [{"id": "lkc-1"}, None], PRODUCTION)
    parameters = {"environment": PRODUCTION}
    _, document = ask(simulated, "/cmk/v2/clusters", parameters)
    assert document["data"] == [{"id": "lkc-1"}, None]
    simulated.override_list("/cmk/v2/clusters", None, PRODUCTION)
    assert len(ask(simulated, "/cmk/v2/clusters", parameters)[1]["data"]) == 10
    with pytest.raises(ValueError, match="there is no list at /cmk/v9"):
        simulated.override_list("/cmk/v9", [])
