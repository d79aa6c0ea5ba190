"""The description of the API that is kept with the code is true, and complete."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

from billing_portal.management.commands.describe_api import FILE, description
from billing_portal.tests.test_api_matrix import ROUTES


@pytest.fixture(scope="module")
def document():
    return yaml.safe_load(FILE.read_text())


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_the_file_is_what_the_code_describes():
    assert FILE.read_text() == description(), "Run: make openapi"


def test_it_is_valid_and_nothing_had_to_be_guessed(capfd):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", "/dev/null")


def test_it_describes_every_route(document):
    described = {(method, path) for path, method, _ in operations(document)}

    named = set()
    for method, address, _, _ in ROUTES:
        parts = [
            "{id}" if "{" in part or part in ("o-1", "env-1", "lkc-1", "BU-1", "CC-1") else part
            for part in address.split("/")
        ]
        named.add((method, "/api/v1/" + "/".join(parts)))
    assert described == named


def test_every_operation_says_what_it_is_and_how_it_fails(document):
    for path, _, operation in operations(document):
        assert operation["summary"], path
        assert {"400", "401", "403", "429", "503"} <= operation["responses"].keys(), path
        for parameter in operation.get("parameters", []):
            assert parameter["description"] if parameter["in"] == "query" else True, parameter


def test_names_of_operations_are_unique(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(names) == len(set(names))


def test_the_portal_serves_it(db, client):
    served = client.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi+json"})

    assert json.loads(served.content) == json.loads(json.dumps(yaml.safe_load(FILE.read_text())))


def test_production_serves_it_to_who_is_logged_in(db, client, settings):
    settings.PRODUCTION = True

    assert client.get("/api/schema/").status_code == 401


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """A Python client, generated from the description by openapi-python-client."""
    target = tmp_path_factory.mktemp("client") / "portal_client"
    program = Path(sys.executable).with_name("openapi-python-client")
    configuration = target.with_name("config.yaml")
    configuration.write_text(
        "package_name_override: portal_client\npost_hooks: []\nliteral_enums: true\n"
    )
    subprocess.run(
        [program, "generate", "--path", FILE, "--output-path", target, "--config", configuration],
        check=True, cwd=settings.BASE_DIR, capture_output=True, text=True,
    )  # fmt: skip
    sys.path.insert(0, str(target))
    yield target
    sys.path.remove(str(target))
