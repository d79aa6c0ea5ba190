"""The inventory lists as the client asks for them."""

import json
from contextlib import closing

import pytest

from collector.client import ConfluentError, Unreachable
from collector.tests.test_client_double import Double, client_of

EMPTY_PAGE: tuple[int, dict[str, str], bytes] = (200, {}, b'{"data":[]}')


def answering(body):
    return Double((200, {}, json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("kafka_clusters", "/cmk/v2/clusters"),
        ("ksqldb_clusters", "/ksqldbcm/v2/clusters"),
        ("compute_pools", "/fcpm/v2/compute-pools"),
        ("schema_registries", "/srcm/v3/clusters"),
    ],
)
def test_it_asks_for_pages_of_100_of_an_environment(name, path):
    with Double(EMPTY_PAGE) as double, closing(client_of(double.url)) as client:
        list(getattr(client, name)("env-1"))
    asked = [(asked.path, asked.parameters) for asked in double.asked]
    assert asked == [(path, {"environment": "env-1", "page_size": "100"})]


@pytest.mark.parametrize(
    ("name", "path"),
    [("service_accounts", "/iam/v2/service-accounts"), ("users", "/iam/v2/users")],
)
def test_it_asks_for_pages_of_100_of_the_organization(name, path):
    with Double(EMPTY_PAGE) as double, closing(client_of(double.url)) as client:
        list(getattr(client, name)())
    asked = [(asked.path, asked.parameters) for asked in double.asked]
    assert asked == [(path, {"page_size": "100"})]


def test_it_asks_for_connectors_with_all_their_parts():
    with (
        answering({"data": {"id": {"id": "lcc-1"}}}) as double,
        closing(client_of(double.url)) as client,
    ):
        found = client.connectors("env-1", "lkc/../1")
    (asked,) = double.asked
    assert asked.path == "/connect/v1/environments/env-1/clusters/lkc%2F..%2F1/connectors"
    assert asked.parameters == {"expand": "info,status,id"}
    assert found == {"data": {"id": {"id": "lcc-1"}}}
    assert client.traffic.pages == 1


@pytest.mark.parametrize("empty", [{}, [], None])
def test_it_takes_an_empty_map_in_any_dress(empty):
    with answering(empty) as double, closing(client_of(double.url)) as client:
        assert client.connectors("env-1", "lkc-1") == {}


@pytest.mark.parametrize("body", [["to-s3"], "to-s3", 7])
def test_it_asks_again_for_what_is_no_map(body):
    with (
        answering(body) as double,
        closing(client_of(double.url, max_wait=2)) as client,
        pytest.raises(Unreachable, match="the answer is not a list of objects"),
    ):
        client.connectors("env-1", "lkc-1")
    assert len(double.asked) > 1


def test_a_list_whose_paging_loops_is_an_answer_and_no_outage():
    page = {"data": [], "metadata": {"next": "https://x/?page_token=again"}}
    with (
        answering(page) as double,
        closing(client_of(double.url)) as client,
        pytest.raises(ConfluentError, match="its paging loops") as failed,
    ):
        list(client.users())
    assert failed.value.status == 200
