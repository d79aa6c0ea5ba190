"""What /metrics says of bill and collecting: exact sums, few series, never half an answer."""

import fcntl
import shutil
import subprocess
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from billing_portal import metrics, reading
from billing_portal.tests import stored
from collector.models import CollectionRun, ProcessHeartbeat
from costs.clock import database_now
from costs.models import BillingDay, DailyCostFact
from costs.tests.billed import two_companies
from costs.tests.ownership import rule

RUNS = "billing_portal_collection_"


@pytest.fixture(autouse=True)
def nothing_cached():
    metrics._in_this_process.clear()
    yield
    metrics._in_this_process.clear()


@pytest.fixture
def scrape(db, client, settings, time_machine):
    """scrape() asks on 2026-11-04; the series by name, each {labels: value} without the key."""
    time_machine.move_to("2026-11-04T12:00:00Z")
    settings.METRICS_CACHE_SECONDS = 0

    def ask():
        response = client.get("/metrics")
        assert response.status_code == 200, response.content
        return series(response.content.decode())

    return ask


def series(text):
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = frozenset(sample.labels.items())
            assert key not in found.setdefault(sample.name, {}), sample
            found[sample.name][key] = sample.value
    return found


def by(name, metric):
    """The values by one label, added up."""
    sums = {}
    for labels, value in metric.items():
        key = dict(labels).get(name, "")
        sums[key] = round(sums.get(key, 0) + value, 10)
    return sums


def value(metric, **labels):
    return metric[frozenset(labels.items())]


def test_the_hour_is_the_last_of_each_organizations_last_day(scrape):
    two_companies()

    hours = scrape()["ccloud_cost_usd_hourly"]

    # Meridian's last day is 2 November, 110 and -10 USD; Borealis' is 30 October, 7 USD. What a
    # day does not share out evenly is in its first hours.
    assert {tuple(sorted(labels)): amount for labels, amount in hours.items()} == {
        labels("o-1", "lkc-1", "env-1", "KAFKA", "BU-1", "CC-1", "high"): 4.5833333333,
        labels("o-1", "", "", "PROMO_CREDIT", "Unallocated", "Unallocated", "low"): -0.4166666667,
        labels("o-2", "lkc-9", "env-9", "KAFKA", "BU-9", "CC-9", "high"): 0.2916666666,
    }


def labels(org_id, cluster, env, product, unit, center, confidence):
    return tuple(
        sorted(
            {
                "org_id": org_id,
                "cluster_id": cluster,
                "env_id": env,
                "product": product,
                "business_unit": unit,
                "cost_center": center,
                "allocation_confidence": confidence,
            }.items()
        )
    )


def test_sums_over_labels_are_the_sums_of_the_database(scrape):
    two_companies()

    hours = scrape()["ccloud_cost_usd_hourly"]

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT org_id, sum(cost_usd) FROM hourly_cost_facts WHERE (org_id, timestamp) IN "
            "(('o-1', '2026-11-02 23:00+00'), ('o-2', '2026-10-30 23:00+00')) GROUP BY 1"
        )
        assert by("org_id", hours) == {key: float(amount) for key, amount in cursor.fetchall()}


def test_day_and_month_are_what_the_api_says(scrape, client):
    two_companies()

    found = scrape()

    month = found["ccloud_cost_usd_month_to_date"]
    for org_id, days in (
        ("o-1", "start_date=2026-11-01&end_date=2026-11-03"),
        ("o-2", "start_date=2026-10-01&end_date=2026-10-31"),
    ):
        asked = f"{days}&org={org_id}&granularity=total"
        said = client.get(f"/api/v1/costs?{asked}").json()["data"][0]["cost_usd"]
        assert by("org_id", month)[org_id] == float(said)
    assert by("org_id", month) == {"o-1": 100, "o-2": 7}
    assert by("org_id", found["ccloud_cost_usd_daily"]) == {"o-1": 100, "o-2": 7}
    assert value(found["ccloud_credits_usd_month_to_date"], org_id="o-1") == -10
    assert value(found["ccloud_allocated_ratio"], org_id="o-1") == 1


def test_a_bill_older_than_30_days_has_no_hour(scrape, time_machine):
    two_companies()
    time_machine.move_to("2026-11-30T12:00:00Z")

    found = scrape()

    assert set(by("org_id", found["ccloud_cost_usd_hourly"])) == {"o-1"}
    assert set(by("org_id", found["ccloud_data_through_timestamp_seconds"])) == {"o-1", "o-2"}


def test_data_goes_through_to_the_end_of_the_last_day(scrape):
    two_companies()

    through = scrape()["ccloud_data_through_timestamp_seconds"]

    assert value(through, org_id="o-1") == 1793664000  # 2026-11-03 00:00 UTC


def test_labels_beyond_the_limit_are_summed_up(scrape, settings):
    two_companies()
    settings.METRICS_MAX_SERIES = 1

    found = scrape()

    hours = found["ccloud_cost_usd_hourly"]
    assert by("cluster_id", hours) == {"lkc-1": 4.5833333333, "(other)": -0.1250000001}
    assert by("org_id", hours) == {"o-1": 4.1666666666, "o-2": 0.2916666666}
    assert set(by("product", found["ccloud_cost_usd_month_to_date"])) == {"KAFKA", "(other)"}


def test_it_tells_how_sure_the_days_are(scrape):
    meridian, _ = two_companies()
    BillingDay.objects.filter(organization=meridian, day="2026-11-02").update(
        fetched_at="2026-11-03T00:00:00Z", is_incomplete=True
    )
    stored.quarantined_row(of=meridian)
    rule("CC-2", of=meridian)

    found = scrape()

    bills = found["billing_portal_daily_bills"]
    assert value(bills, org_id="o-1", state="provisional") == 1
    assert value(bills, org_id="o-1", state="incomplete") == 1
    assert value(bills, org_id="o-1", state="pending") == 3
    assert value(bills, org_id="o-2", state="pending") == 0
    assert by("org_id", found["billing_portal_quarantined_rows"]) == {"o-1": 1, "o-2": 0}


def test_it_tells_of_names_that_nobody_knows(scrape):
    meridian, _ = two_companies()
    charges = DailyCostFact.objects.filter(organization=meridian, cost_usd=110)
    charges.update(product="MAGIC", line_type="WAND")

    names = scrape()["billing_portal_unknown_names"]

    # The credit, which has no product, goes by its line type.
    assert value(names, org_id="o-1", kind="line_type") == 1
    assert value(names, org_id="o-1", kind="product") == 1
    assert value(names, org_id="o-2", kind="line_type") == 0


def test_runs_are_counted_by_trigger_and_outcome(scrape):
    company = stored.organization()
    for state, failure in (("succeeded", ""), ("failed", "credentials"), ("failed", "database")):
        run = stored.run(of=company)
        CollectionRun.objects.filter(pk=run.pk).update(
            state=state,
            failure=failure,
            trigger="hourly",
            finished_at=run.started_at + timedelta(seconds=90),
            retries=2,
            rate_limited=1,
        )
    waiting = stored.run(of=company)
    CollectionRun.objects.filter(pk=waiting.pk).update(state="queued", finished_at=None)

    found = scrape()

    failed = {"trigger": "hourly", "outcome": "failed"}
    assert value(found[f"{RUNS}runs_total"], **failed) == 2
    assert value(found[f"{RUNS}duration_seconds_sum"], **failed) == 180
    assert value(found[f"{RUNS}retries_total"], **failed) == 4
    assert value(found[f"{RUNS}rate_limited_total"], **failed) == 2
    failures = by("reason", found[f"{RUNS}failures_total"])
    assert (failures["credentials"], failures["database"], failures["unreachable"]) == (1, 1, 0)
    assert by("state", found[f"{RUNS}unfinished_runs"]) == {"queued": 1, "running": 0}
    success = stored.FETCHED.timestamp() + 90
    assert by("trigger", found[f"{RUNS}last_success_timestamp_seconds"]) == {"hourly": success}


def test_whoever_triggers_runs_is_one_of_a_few(scrape):
    for number in range(3):
        run = stored.run(of=stored.organization())
        CollectionRun.objects.filter(pk=run.pk).update(trigger=f"somebody {number}")

    runs = by("trigger", scrape()[f"{RUNS}runs_total"])

    assert runs == {"(other)": 3, "daily": 0, "hourly": 0}


def test_it_tells_of_the_last_proof(scrape):
    assert "billing_portal_reconciliation_differences" not in scrape()
    stored.reconciliation_check(differences=3)

    found = scrape()

    assert found["billing_portal_reconciliation_differences"] == {frozenset(): 3}
    assert found["billing_portal_reconciliation_difference_usd"] == {frozenset(): 1.5}


def test_it_tells_who_is_alive_and_what_waits(scrape, settings, redis_server):
    seen = database_now()
    ProcessHeartbeat.objects.create(kind="worker", name="long@here", seen_at=seen)
    settings.REDIS_URL = redis_server.url

    found = scrape()

    alive = found["billing_portal_process_last_seen_timestamp_seconds"]
    assert value(alive, kind="worker", queue="long", name="long@here") == pytest.approx(
        seen.timestamp()
    )
    assert by("queue", found["billing_portal_queue_messages"]) == {"hourly": 0, "long": 0}
    assert found["billing_portal_broker_up"] == {frozenset(): 1}
    redis_server.kill()
    assert scrape()["billing_portal_broker_up"] == {frozenset(): 0}
    redis_server.start()


@pytest.mark.parametrize("count", [3, 30])
def test_it_asks_as_often_however_much_there_is(db, client, count):
    stored.store(count)

    with CaptureQueriesContext(connection) as captured:
        assert client.get("/metrics").status_code == 200

    assert len(captured) == 14


def test_it_asks_once_in_a_while(db, client, settings):
    settings.METRICS_CACHE_SECONDS = 30
    client.get("/metrics")

    with CaptureQueriesContext(connection) as captured:
        client.get("/metrics")

    assert len(captured) == 0


def test_all_processes_of_a_server_say_the_same(db, client, settings, tmp_path, monkeypatch):
    settings.METRICS_CACHE_SECONDS = 30
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    first = client.get("/metrics").content
    stored.run(of=stored.organization())
    # As another process, which has nothing in its memory.
    metrics._in_this_process.clear()

    second = client.get("/metrics").content

    assert second == first
    (tmp_path / "cache").rename(tmp_path / "old")
    assert client.get("/metrics").content != first


def test_it_says_nothing_rather_than_half(db, client, settings, monkeypatch):
    settings.METRICS_CACHE_SECONDS = 0

    def fail():
        raise OperationalError("canceling statement; password=hunter22")

    monkeypatch.setattr(reading, "run_metrics", fail)

    response = client.get("/metrics")

    assert (response.status_code, response["Content-Type"]) == (503, "text/plain")
    assert response.content == b"the database does not answer; the log says why\n"


def test_it_gives_up_before_prometheus_does(db, client, monkeypatch):
    monkeypatch.setattr(reading, "LONGEST_READING", -1)

    assert client.get("/metrics").status_code == 503


def test_it_does_not_wait_for_ever_for_another_scrape(db, client, monkeypatch, tmp_path):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setattr(metrics, "LONGEST_READING", 0.1)
    with (tmp_path / "metrics.lock").open("wb") as of_another_process:
        fcntl.flock(of_another_process, fcntl.LOCK_EX)
        assert client.get("/metrics").status_code == 503

    assert client.get("/metrics").status_code == 200


def test_promtool_finds_nothing_to_complain_of(scrape, client):
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed (apt-get install prometheus)")
    two_companies()
    stored.reconciliation_check()
    stored.heartbeat()

    text = client.get("/metrics").content

    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True)
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")
