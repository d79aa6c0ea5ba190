"""pytest plugin of the project: loaded by pytest.ini before the settings are read."""

import os

import pytest
from hypothesis import settings

# A developer's .env, with a real key in it, must not reach a test.
os.environ["ENV_FILE"] = ""
for name in ("CONFLUENT_API_KEY", "CONFLUENT_API_SECRET", "CONFLUENT_CLOUD_URL"):
    os.environ.pop(name, None)

# How long an example takes says more about the machine than about the code.
settings.register_profile("portal", deadline=None)
settings.load_profile("portal")

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
