"""A real Prometheus scrapes the running portal, and its sums are what the API says."""

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from billing_portal.tests.serving import served, wait_for
from collector.tests.processes import free_port
from costs.tests.billed import bill
from costs.tests.ownership import center, cluster, line, organization, rule

FOLDER = settings.BASE_DIR / "docker" / "prometheus"
TARGET, INTERVAL = '"app:8000"', "60s"


@pytest.fixture
def yesterdays_bill(committed):
    """99.99 USD that RETAIL owes, 1 USD that nobody does, and a credit; all of yesterday."""
    company = organization("o-1")
    center("CC-1", "RETAIL")
    rule("CC-1", of=company, cluster=cluster("lkc-1", of=company))
    yesterday = timezone.now().date() - timedelta(days=1)
    bill(
        company,
        line("99.99", "kafka", day=yesterday, resource="lkc-1", env="env-1"),
        line("1", "sink", day=yesterday, resource="lcc-2", env="env-1", product="CONNECT"),
        line("-0.5", "promo", day=yesterday, product="", line_type="PROMO_CREDIT"),
    )
    return yesterday


@contextmanager
def prometheus(portal, folder):
    """Prometheus with the project's own configuration, in a hurry; answers queries."""
    if shutil.which("prometheus") is None:
        pytest.skip("Prometheus is not installed (apt-get install prometheus)")
    text = (FOLDER / "prometheus.yml").read_text()
    assert TARGET in text
    assert INTERVAL in text
    text = text.replace(TARGET, json.dumps(portal.removeprefix("http://")))
    (folder / "prometheus.yml").write_text(text.replace(INTERVAL, "1s"))
    for rules in FOLDER.glob("*.rules.yml"):
        shutil.copy(rules, folder)
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [
            *("prometheus", f"--config.file={folder}/prometheus.yml"),
            *(f"--storage.tsdb.path={folder}/data", f"--web.listen-address={address}"),
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://{address}/-/ready")
        yield lambda query: asked(address, query)
    finally:
        process.terminate()
        process.wait()


def asked(address, query):
    """{labels: value} of the query now."""
    words = urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(f"http://{address}/api/v1/query?{words}") as answer:
        result = json.load(answer)["data"]["result"]
    return {tuple(row["metric"].values()): float(row["value"][1]) for row in result}


def api(portal, question):
    with urllib.request.urlopen(f"{portal}/api/v1/{question}") as answer:
        return json.load(answer)["data"]


def wait_until(done):
    for _ in range(150):
        if answer := done():
            return answer
        time.sleep(0.2)
    raise AssertionError("It did not come to pass.")


def test_its_sums_are_those_of_the_api(yesterdays_bill, tmp_path):
    day = f"start_date={yesterdays_bill}&end_date={yesterdays_bill + timedelta(days=1)}"
    with served() as (_, portal), prometheus(portal, tmp_path) as query:
        recorded = wait_until(lambda: query("org:ccloud_cost_usd_daily:sum"))
        by_unit = query("sum by (business_unit) (ccloud_cost_usd_daily)")
        hour = query("org:ccloud_cost_usd_hourly:sum")
        down = query('ALERTS{alertname="BillingPortalDown"}')
        (total,) = api(portal, f"costs?{day}&granularity=total")
        units = api(portal, f"costs?{day}&granularity=total&group_by=business_unit")
        (last,) = api(portal, f"costs?{day}&granularity=hourly")[-1:]

    (whole,) = recorded.values()
    assert whole == pytest.approx(float(total["cost_usd"])) == pytest.approx(100.49)
    assert by_unit == {
        (row["business_unit"],): pytest.approx(float(row["cost_usd"])) for row in units
    }
    assert list(hour.values()) == [pytest.approx(float(last["cost_usd"]))]
    assert down == {}
