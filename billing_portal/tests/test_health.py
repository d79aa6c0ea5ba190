"""`/healthz`: 200 while the portal can answer, else 503 with the reason and no secrets."""

import logging

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from billing_portal.no_database.base import DatabaseWrapper

NO_DATABASE = {
    "status": "unavailable",
    "checks": {
        "process": "ok",
        "database": "the database does not answer; the log says why",
        "migrations": "not checked",
    },
}


@pytest.fixture
def closed_port(transactional_db, monkeypatch):
    """The server of the test's database, at a port where nobody listens."""
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
        patch.setitem(connection.settings_dict, "PORT", "1")
        patch.setitem(connection.settings_dict, "PASSWORD", "hunter22-hunter22")
        yield
    connection.close()


def test_it_says_ok(db, client):
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"process": "ok", "database": "ok", "migrations": "ok"},
    }


def test_it_is_never_cached(db, client):
    assert "no-store" in client.get("/healthz")["Cache-Control"]


def test_it_answers_head_without_a_body(db, client):
    response = client.head("/healthz")

    assert (response.status_code, response.content) == (200, b"")


def test_it_refuses_to_be_written_to(client):
    assert client.post("/healthz").status_code == 405


def test_it_says_that_the_database_does_not_answer(closed_port, client):
    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json() == NO_DATABASE


def test_it_tells_the_log_why_the_database_does_not_answer(closed_port, client, caplog):
    client.get("/healthz")

    (record,) = [each for each in caplog.records if each.name == "billing_portal.health"]
    assert record.levelno == logging.ERROR
    assert "Connection refused" in record.getMessage()
    assert "hunter22" not in record.getMessage()


def test_it_says_that_no_database_is_configured(client, monkeypatch):
    monkeypatch.setattr("billing_portal.health.connection", DatabaseWrapper({}))

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json() == NO_DATABASE


def newest_migration(app):
    return MigrationLoader(connection).graph.leaf_nodes(app)[0]


def test_it_counts_the_migrations_that_are_missing(db, client):
    MigrationRecorder(connection).record_unapplied(*newest_migration("costs"))

    response = client.get("/healthz")

    assert response.status_code == 503
    assert response.json() == {
        "status": "unavailable",
        "checks": {
            "process": "ok",
            "database": "ok",
            "migrations": "1 not applied; run: make migrate",
        },
    }
