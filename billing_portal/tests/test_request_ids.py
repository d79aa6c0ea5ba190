"""A request has one name: in its answer, in its error, and in every line of the log about it."""

import logging

import pytest
from django.db import OperationalError

SECRET = "password=hunter22"


@pytest.fixture
def failing(monkeypatch):
    """The summary fails with this error."""

    def fail_with(error):
        def fail(*arguments):
            raise error

        monkeypatch.setattr("costs.api.costs.summary", fail)

    return fail_with


def test_an_error_names_the_request_as_its_header_and_the_log_do(db, client, caplog):
    with caplog.at_level(logging.INFO):
        answer = client.get("/api/v1/costs?moon=1")

    named = answer.json()["request_id"]
    assert answer["X-Request-Id"] == named
    finished = [record.msg for record in caplog.records if "request_finished" in str(record.msg)]
    assert [line["request_id"] for line in finished] == [named]


def test_each_request_has_a_name_of_its_own_and_takes_none_from_a_client(db, client):
    names = {
        client.get("/api/v1/costs/summary", headers={"x-request-id": "mine"})["X-Request-Id"]
        for _ in range(3)
    }

    assert len(names) == 3
    assert "mine" not in names


def test_a_failure_says_nothing_of_what_failed(db, client, failing):
    failing(RuntimeError(SECRET))
    client.raise_request_exception = False

    answer = client.get("/api/v1/costs/summary")

    assert answer.status_code == 500
    assert answer.json() == {
        "detail": "The portal could not answer; its log says why, under this request_id.",
        "errors": [],
        "request_id": answer["X-Request-Id"],
    }


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        ("canceling statement due to statement timeout", "would take longer than 60s"),
        (f"connection to server failed: {SECRET}", "The database did not answer"),
    ],
)
def test_a_database_that_gives_up_is_503(db, client, failing, error, detail):
    failing(OperationalError(error))

    answer = client.get("/api/v1/costs/summary")

    assert answer.status_code == 503
    assert detail in answer.json()["detail"]
    assert SECRET not in answer.content.decode()
