"""Addresses that belong to no page of their own."""

import pytest


def test_it_gives_browsers_an_icon(client):
    response = client.get("/favicon.ico")

    assert (response.status_code, response["Location"]) == (302, "/static/favicon.svg")


def test_it_says_that_a_page_does_not_exist(client):
    response = client.get("/nowhere")

    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


def test_it_points_to_health_when_it_fails(db, client, monkeypatch):
    def fail(*args, **named):
        raise RuntimeError("password=hunter22")

    monkeypatch.setattr("costs.web.overview.overview", fail)
    client.raise_request_exception = False

    response = client.get("/", headers={"accept": "text/html"})
    content = response.content.decode()

    assert response.status_code == 500
    assert "The portal could not answer" in content
    assert 'href="/healthz"' in content
    assert "hunter22" not in content


@pytest.mark.parametrize("name", ["evil.example", "localhost.evil.example"])
def test_it_refuses_hosts_that_are_not_its_own(client, name):
    assert client.get("/", headers={"host": name}).status_code == 400


@pytest.mark.parametrize("address", ["/", "/api/v1/costs"])
def test_it_says_what_is_wrong_with_a_request_under_another_name(client, address):
    answer = client.get(address, headers={"host": "evil.example"})

    words = answer.content.decode()
    assert "cannot be read" in words
    assert answer["Content-Type"].startswith(
        "application/json" if address.startswith("/api/") else "text/html"
    )
