"""Random requests against the running API, good and bad, held against its OpenAPI description.

`make fuzz` runs this; CASES sets how many random requests each route gets at most, beside those
that its description suggests; SEED repeats a run.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from billing_portal.tests import stored
from billing_portal.tests.people import token_of
from billing_portal.tests.serving import served
from costs.tests.billed import two_companies

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
CASES, SEED = os.environ.get("CASES", "10"), os.environ.get("SEED", "1")
# Asked for by this route alone: each good request starts a process.
COLLECT = "/api/v1/costs/collect"
PRODUCTION = {"ENVIRONMENT": "production", "SECRET_KEY": "x1" * 30, "LOG_LEVEL": "ERROR"}

pytestmark = [pytest.mark.fuzz, pytest.mark.usefixtures("company")]


@pytest.fixture
def company(committed):
    meridian, _ = two_companies()
    stored.run(of=meridian)


def schemathesis(address, *options):
    """Run it; what it found is what the test fails with."""
    program = Path(sys.executable).with_name("schemathesis")
    command = [
        *(program, "--config-file", CONFIGURATION, "run", f"{address}/api/schema/"),
        *("--checks", "all", "--seed", SEED, "--max-examples", CASES, "--continue-on-failure"),
        *("--no-color", "--workers", "1", "--generation-database", "none", "--warnings", "off"),
        *options,
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    print(done.stdout[-600:])  # noqa: T201 (how many cases there were)
    assert done.returncode == 0, done.stdout + done.stderr


def authorization(*scopes):
    return "--header", f"Authorization: Bearer {token_of(stored.superuser(), *scopes)}"


def test_it_answers_as_described_to_who_may_do_everything():
    token = authorization("read", "curate", "collect")

    with served(**PRODUCTION) as (_, address):
        schemathesis(address, *token, "--exclude-path", COLLECT)


def test_it_answers_as_described_without_a_login_in_development():
    with served(LOG_LEVEL="ERROR") as (_, address):
        # Development does not ask readers who they are, as documented.
        schemathesis(
            address, "--exclude-checks", "ignored_auth", "--exclude-path", COLLECT,
            "--phases", "coverage,fuzzing",
        )  # fmt: skip


def test_it_collects_as_described(live_server, settings, monkeypatch):
    """Runs are asked for and not started."""
    settings.PRODUCTION = True
    monkeypatch.setattr("collector.dispatch.start_process", lambda run: None)

    schemathesis(
        live_server.url, *authorization("read", "collect"), "--include-path", COLLECT,
        "--phases", "coverage,fuzzing",
    )  # fmt: skip
