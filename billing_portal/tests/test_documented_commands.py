"""Each curl command of the README, run as it is printed, in development and in production."""

import json
import re
import subprocess
import time

import pytest
from django.conf import settings
from django.db import connection

from billing_portal.tests.people import person, token_of
from billing_portal.tests.serving import served
from costs.models import BillingDay
from costs.tests.billed import two_companies

README = (settings.BASE_DIR / "README.md").read_text()
COMMANDS = list(dict.fromkeys(re.findall(r"^curl .*?(?=  +#|$)", README, re.MULTILINE)))
COLLECT = "curl -X POST http://localhost:8000/api/v1/costs/collect"
SUMMARY = "curl http://localhost:8000/api/v1/costs/summary"
OPEN_IN_PRODUCTION = [f"curl http://localhost:8000/{name}" for name in ("healthz", "readyz")]
PRODUCTION = {"ENVIRONMENT": "production", "SECRET_KEY": "x1" * 30}


def run(command, address, *options):
    """The status and body of what the command prints, for the portal at another port."""
    elsewhere = command.replace("http://localhost:8000", address.replace("127.0.0.1", "localhost"))
    words = " ".join([elsewhere.strip(), "--silent", "--write-out '\\n%{http_code}'", *options])
    done = subprocess.run(words, shell=True, capture_output=True, text=True, check=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def test_the_readme_documents_these():
    assert {COLLECT, SUMMARY, *OPEN_IN_PRODUCTION} <= set(COMMANDS)
    assert len(COMMANDS) >= 10


@pytest.mark.usefixtures("committed")
def test_they_work_on_this_machine_without_a_login(confluent):
    simulated = {
        "CONFLUENT_CLOUD_URL": confluent.url,
        "CONFLUENT_API_KEY": "demo-key",
        "CONFLUENT_API_SECRET": "demo-secret",
    }
    with served(**simulated) as (_, address):
        status, body = run(COLLECT, address)
        assert status == 202
        run_url = json.loads(body)["data"]["url"]
        while (state := json.loads(run(f"curl {run_url}", address)[1])["data"]["state"]) in (
            "queued",
            "running",
        ):
            time.sleep(0.2)
        assert state == "succeeded"

        answers = {command: run(command, address) for command in COMMANDS if command != COLLECT}

    assert {status for status, _ in answers.values()} == {200}
    summary = json.loads(answers[SUMMARY][1])["data"]
    assert float(summary["total_usd"]) > 0
    assert summary["days_covered"] == BillingDay.objects.count()


@pytest.mark.usefixtures("committed")
def test_production_answers_401_without_a_token_and_200_with_one():
    two_companies()
    token = token_of(person("ada", "Viewer", "Operator"), "read", "collect")
    bearer = f"-H 'Authorization: Bearer {token}'"

    with served(**PRODUCTION) as (_, address):
        without = {command: run(command, address)[0] for command in COMMANDS}
        with_one = {command: run(command, address, bearer)[0] for command in COMMANDS}

    assert {c: s for c, s in without.items() if s != 401} == dict.fromkeys(OPEN_IN_PRODUCTION, 200)
    assert {c: s for c, s in with_one.items() if s != 200} == {COLLECT: 202}


@pytest.mark.django_db
def test_documented_queries_answer():
    two_companies()
    pages = [README, (settings.BASE_DIR / "docs" / "deployment.md").read_text()]
    queries = [sql for page in pages for sql in re.findall(r'-c (?:\\\n *)?"(SELECT[^"]*)"', page)]

    def answer(sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return [tuple(map(str, row)) for row in cursor.fetchall()]

    by_product = [("KAFKA", "267.00"), ("SUPPORT", "30.00"), ("CONNECT", "20.00")]
    assert len(queries) == 3
    assert answer(queries[0])[:3] == answer(queries[2])[:3] == by_product
    assert answer(queries[1]) == [("307.0000000000",)]
