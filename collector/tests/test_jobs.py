"""The hourly and the daily job, against the simulated Confluent on 2026-11-20."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from collector import jobs, tasks
from collector.client import CredentialsRefused, Unreachable
from collector.failures import CredentialsMissing
from collector.models import CollectionRun
from collector.runs import Cancelled
from collector.tests.conftest import NOW
from costs.models import BillingDay, ReconciliationCheck
from dimensions.models import Cluster


@pytest.fixture
def key(db, settings, confluent, monkeypatch):
    """The settings name the simulated Confluent, and every clock says 2026-11-20."""
    settings.CONFLUENT_CLOUD_URL = confluent.url
    settings.CONFLUENT_API_KEY, settings.CONFLUENT_API_SECRET = "demo-key", "demo-secret"
    settings.CONFLUENT_MAX_WAIT = 0
    for module in ("collector.jobs", "collector.pipeline", "collector.inventory"):
        monkeypatch.setattr(f"{module}.database_now", lambda: NOW)


def stored_days():
    return [str(day) for day in BillingDay.objects.order_by("day").values_list("day", flat=True)]


def runs():
    return list(
        CollectionRun.objects.order_by("pk").values_list("trigger", "window_start", "state")
    )


def test_the_hourly_job_reads_inventory_and_three_days(key):
    jobs.collect_hourly()

    assert stored_days() == ["2026-11-18", "2026-11-19", "2026-11-20"]
    assert runs() == [("hourly", date(2026, 11, 18), "succeeded")]
    assert Cluster.objects.filter(kind="kafka").exists()


def test_the_hourly_job_again_writes_nothing(key):
    jobs.collect_hourly()

    (run,) = jobs.collect_hourly()

    assert (run.days_unchanged, run.lines_added, run.facts_written) == (3, 0, 0)


def test_an_inventory_that_fails_does_not_stop_the_bill(key, confluent):
    confluent.faults.add("503", path="/org/v2/environments")

    (run,) = jobs.collect_hourly()

    assert (run.state, run.days_changed) == ("succeeded", 3)
    assert any("inventory could not be read" in notice for notice in run.notices)


def test_the_daily_job_reads_the_trailing_days_and_proves_them(key):
    _, proof = jobs.collect_daily()

    assert stored_days() == [str(date(2026, 11, 13) + timedelta(days=n)) for n in range(8)]
    check = ReconciliationCheck.objects.get()
    assert (check.first_day, check.end_day, check.days) == (
        date(2026, 10, 1),
        date(2026, 11, 21),
        8,
    )
    assert (check.differences, check.difference_usd) == (0, 0)
    assert proof.differences == []


def test_the_daily_job_fills_what_an_outage_left_out(key, collect_days):
    collect_days("2026-10-20", "2026-10-23")

    jobs.collect_daily()

    assert stored_days() == [str(date(2026, 10, 20) + timedelta(days=n)) for n in range(32)]
    assert [start for _, start, _ in runs()][1:] == [
        date(2026, 11, 13),
        date(2026, 11, 1),
        date(2026, 10, 23),
    ]


def test_the_daily_job_asks_again_for_days_that_were_not_settled(key, collect_days):
    collect_days("2026-10-20", "2026-11-13")
    BillingDay.objects.filter(day="2026-11-05").update(fetched_at="2026-11-06T00:00:00Z")

    jobs.collect_daily()

    assert BillingDay.objects.get(day="2026-11-05").is_settled


def test_the_daily_job_tells_of_differences(key, caplog):
    jobs.collect_daily()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE daily_cost_facts SET cost_usd = cost_usd + 0.25 WHERE charge_date = "
            "'2026-11-14' AND id = (SELECT min(id) FROM daily_cost_facts WHERE charge_date = "
            "'2026-11-14')"
        )

    _, proof = jobs.collect_daily()

    check = ReconciliationCheck.objects.first()
    assert check.differences == len(proof.differences) > 0
    assert str(check.difference_usd) == "0.2500000000"
    assert "Bill and facts disagree from 2026-10-01 on" in caplog.text


def test_a_refused_key_ends_a_job_at_once(key, settings):
    settings.CONFLUENT_API_SECRET = "wrong"

    with pytest.raises(CredentialsRefused):
        jobs.collect_hourly()

    run = CollectionRun.objects.get()
    assert (run.state, run.failure) == ("failed", "credentials")


def test_a_missing_key_is_told_by_the_runs(key, settings):
    settings.CONFLUENT_API_SECRET = ""

    with pytest.raises(CredentialsMissing):
        jobs.collect_hourly()

    run = CollectionRun.objects.get()
    assert (run.trigger, run.state, run.failure) == ("hourly", "failed", "settings")


def test_what_is_stored_is_proved_also_when_nothing_could_be_collected(key, confluent):
    confluent.faults.add("503", "503", "503")

    with pytest.raises(Unreachable):
        jobs.collect_daily()

    assert ReconciliationCheck.objects.exists()


def test_the_tasks_are_doors_to_the_jobs(key):
    tasks.collect_hourly.delay()
    tasks.collect_daily.delay()

    assert [trigger for trigger, _, _ in runs()] == ["hourly", "daily"]


def test_a_job_that_is_cancelled_is_no_failure(key, monkeypatch, caplog):
    def cancelled():
        raise Cancelled

    monkeypatch.setattr(jobs, "collect_hourly", cancelled)
    caplog.set_level("INFO")

    tasks.collect_hourly.delay()

    assert "Cancelled; every stored day is whole." in caplog.text


def test_the_command_does_a_job_by_hand(key, capsys):
    call_command("run_job", "daily")

    said = capsys.readouterr().out
    assert "daily 2026-11-13 to 2026-11-21 (excluded)" in said
    assert "Proved. Days: 8" in said


def test_the_command_says_what_failed(key, confluent):
    confluent.faults.add("503", "503", "503")

    with pytest.raises(CommandError, match="Gave up") as caught:
        call_command("run_job", "hourly")

    assert caught.value.returncode == 4
