"""The files for Prometheus, by its own tool."""

import re
import shutil
import subprocess

import pytest
from django.conf import settings

FOLDER = settings.BASE_DIR / "docker" / "prometheus"
TESTS = ("rules.test.yml", "days.test.yml")


@pytest.fixture
def promtool():
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (apt-get install prometheus)")

    def run(*words):
        done = subprocess.run(["promtool", *words], cwd=FOLDER, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_configuration_is_valid(promtool):
    assert promtool("check", "config", "prometheus.yml")[0] == 0


def test_the_rules_do_what_their_tests_say(promtool):
    code, said = promtool("test", "rules", *TESTS)

    assert code == 0, said


def alerts():
    return re.findall(r"- alert: (\w+)", (FOLDER / "alerts.rules.yml").read_text())


@pytest.mark.parametrize("alert", alerts())
def test_every_alert_is_tested_and_says_what_to_do(alert):
    text = (FOLDER / "alerts.rules.yml").read_text()
    rule = text.split(f"- alert: {alert}\n")[1].split("- alert:")[0]

    assert any(f"alertname: {alert}\n" in (FOLDER / name).read_text() for name in TESTS)
    assert re.search(r'runbook: ".{20,}"', rule)
    assert f"`{alert}`" in (settings.BASE_DIR / "docs" / "operations.md").read_text()


def test_rules_ask_for_metrics_that_there_are(db, client):
    known = set(re.findall(r"^# TYPE (\w+)", client.get("/metrics").content.decode(), re.M))
    rules = "".join((FOLDER / f"{name}.rules.yml").read_text() for name in ("alerts", "recording"))

    asked = set(re.findall(r"(?<!:)\b(?:ccloud|billing_portal)_[a-z_]+(?!:)\b", rules))

    assert asked - known == set()
