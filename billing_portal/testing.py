"""pytest plugin of the project: loaded by pytest.ini before the settings are read."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

# A developer's .env, with a real key in it, must not reach a test.
os.environ["ENV_FILE"] = ""
for name in ("CONFLUENT_API_KEY", "CONFLUENT_API_SECRET", "CONFLUENT_CLOUD_URL"):
    os.environ.pop(name, None)

# A test asks more in a minute than a person; those of the limit set their own.
os.environ["API_RATE_USER"] = os.environ["API_RATE_ANONYMOUS"] = "1000000"

# How long an example takes says more about the machine than about the code.
settings.register_profile("portal", deadline=None)
settings.load_profile("portal")


@pytest.fixture
def committed(transactional_db: Any) -> Iterator[None]:
    """A test that commits; Django's flush leaves out the table that it does not manage."""
    from django.db import connection  # the settings are not read yet when this plugin is

    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE hourly_costs")


_skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(f"{report.nodeid}: {report.longrepr}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With FORBID_SKIPS set (the build does), a test that could not run is a failure."""
    if _skipped and os.environ.get("FORBID_SKIPS"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _skipped and os.environ.get("FORBID_SKIPS"):
        terminalreporter.section("skipped although FORBID_SKIPS is set", red=True)
        for line in _skipped:
            terminalreporter.line(line)
