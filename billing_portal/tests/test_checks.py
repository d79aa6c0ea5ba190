"""Each system check with good and bad settings; those of the database with a real one."""

import pytest
from django.core.checks import run_checks
from django.db import connection

from billing_portal.checks import check_database

STRONG = "k" * 50
GOOD = {
    "PRODUCTION": True,
    "SECRET_KEY": STRONG,
    "CONFLUENT_CLOUD_URL": "https://api.confluent.cloud",
    "CONFLUENT_API_KEY": "key",
    "CONFLUENT_API_SECRET": "secret",
    "SCHEDULER_ENABLED": True,
    "HOURLY_JOB_ENABLED": False,
    "DAILY_JOB_ENABLED": True,
}


@pytest.fixture
def found(settings):
    """The ids that the checks find with these settings, the others being good."""

    def run(**changed):
        for name, value in (GOOD | changed).items():
            setattr(settings, name, value)
        return [each.id for each in run_checks() if each.id.startswith("portal.")]

    return run


@pytest.fixture
def time_zone(transactional_db, monkeypatch):
    """time_zone("Europe/Berlin"): as if the server gave every session that time zone."""
    connection.close()
    with monkeypatch.context() as patch:

        def give(name):
            options = connection.settings_dict["OPTIONS"] | {"options": f"-c TimeZone={name}"}
            patch.setitem(connection.settings_dict, "OPTIONS", options)

        yield give
    connection.close()


def test_it_finds_nothing_wrong(found):
    assert found() == []


@pytest.mark.parametrize(
    ("changed", "ids"),
    [
        ({"SECRET_KEY": "k" * 49}, ["portal.E001"]),
        ({"SECRET_KEY": "development-only-not-a-secret"}, ["portal.E001"]),
        ({"SECRET_KEY": "k" * 49, "PRODUCTION": False}, []),
        ({"SECRET_KEY": "development-only-not-a-secret", "PRODUCTION": False}, []),
        ({"CONFLUENT_CLOUD_URL": "http://api.confluent.cloud"}, ["portal.E002"]),
        ({"CONFLUENT_CLOUD_URL": "http://simulator:8090"}, ["portal.E002"]),
        ({"CONFLUENT_CLOUD_URL": "http://simulator:8090", "PRODUCTION": False}, []),
        ({"CONFLUENT_CLOUD_URL": "http://a.example", "PRODUCTION": False}, ["portal.E002"]),
        ({"CONFLUENT_CLOUD_URL": "http://127.0.0.1.evil.example"}, ["portal.E002"]),
        ({"CONFLUENT_CLOUD_URL": "http://127.0.0.1:8099"}, []),
        ({"CONFLUENT_CLOUD_URL": "http://localhost"}, []),
        ({"CONFLUENT_CLOUD_URL": "http://[::1]:8099"}, []),
        ({"CONFLUENT_API_KEY": ""}, ["portal.W001"]),
        ({"CONFLUENT_API_SECRET": ""}, ["portal.W001"]),
        ({"SCHEDULER_ENABLED": False}, ["portal.W002"]),
        ({"DAILY_JOB_ENABLED": False}, ["portal.W002"]),
        ({"DAILY_JOB_ENABLED": False, "SCHEDULER_ENABLED": False}, []),
    ],
)
def test_it_finds(found, changed, ids):
    assert found(**changed) == ids


def test_it_accepts_a_database_in_utc(time_zone):
    time_zone("UTC")

    assert check_database(databases=["default"]) == []


def test_it_refuses_a_database_that_is_not_in_utc(time_zone):
    time_zone("Europe/Berlin")

    (error,) = check_database(databases=["default"])

    assert (error.id, error.msg) == (
        "portal.E011",
        "The database's time zone is Europe/Berlin.",
    )


def test_it_refuses_an_old_database(time_zone, monkeypatch):
    time_zone("UTC")
    monkeypatch.setattr("billing_portal.checks.OLDEST_POSTGRESQL", 990_000)

    (error,) = check_database(databases=["default"])

    assert error.id == "portal.E010"
    assert error.msg.endswith(" is too old.")


@pytest.mark.parametrize("databases", [None, [], ["another"]])
def test_it_asks_no_database_unless_told(databases):
    assert check_database(databases=databases) == []
