"""check_collection: one line and an exit code for monitors."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from collector.models import CollectionRun, QuarantinedRow
from costs.models import ReconciliationCheck
from dimensions.models import Organization


@pytest.fixture
def check(db, capsys):
    """check(*arguments) runs it; the exit code and the line."""

    def run(*arguments):
        code = 0
        try:
            call_command("check_collection", *arguments)
        except SystemExit as ended:
            code = ended.code
        return code, capsys.readouterr().out.strip()

    return run


def ended(state="succeeded", hours=1.0, failure="", error=""):
    moment = timezone.now() - timedelta(hours=hours)
    return CollectionRun.objects.create(
        organization=Organization.objects.get_or_create(org_id="o-1")[0],
        trigger="hourly",
        window_start="2026-11-01",
        window_end="2026-11-04",
        state=state,
        started_at=moment,
        finished_at=moment,
        failure=failure,
        error=error,
    )


def test_it_says_ok_with_the_age_in_hours(check):
    ended(hours=2)

    assert check() == (0, "COLLECTION OK - the bill is collected and proved | age=2.00h;30;54;0")


def test_it_knows_nothing_before_the_first_success(check):
    assert check() == (3, "COLLECTION UNKNOWN - no collection has ever succeeded")


@pytest.mark.parametrize(("hours", "code"), [(29, 0), (31, 1), (55, 2)])
def test_it_looks_at_the_age(check, hours, code):
    ended(hours=hours)

    assert check()[0] == code


def test_an_hourly_schedule_may_not_be_late(check, settings):
    settings.SCHEDULER_ENABLED = settings.HOURLY_JOB_ENABLED = True
    ended(hours=4)

    code, line = check()

    assert code == 2  # beat has never been seen, either
    assert "the last success is 4.0 h old, 3.0 h are allowed" in line
    assert "beat has never been seen" in line


def test_the_limits_can_be_said(check):
    ended(hours=2)

    assert check("--warning", "1", "--critical", "3")[0] == 1
    assert check("--warning", "0.5", "--critical", "1")[0] == 2


def test_it_refuses_limits_in_the_wrong_order(check):
    with pytest.raises(CommandError, match="the first not more than the second"):
        check("--warning", "3", "--critical", "1")


@pytest.mark.parametrize(
    ("failure", "code"), [("credentials", 2), ("settings", 2), ("unreachable", 1)]
)
def test_it_says_why_the_newest_run_failed(check, failure, code):
    ended(hours=2)
    run = ended("failed", 1, failure, "Confluent said:\nno | never")

    found, line = check()

    assert found == code
    assert f"run {run.pk} failed: Confluent said: no / never | age=2.00h" in line


def test_a_failure_before_a_success_is_forgotten(check):
    ended("failed", 3, "credentials", "Refused.")
    ended(hours=2)

    assert check()[0] == 0


def test_it_tells_of_differences_and_quarantine_the_worst_first(check):
    ended()
    ReconciliationCheck.objects.create(
        checked_at=timezone.now(),
        first_day="2026-10-01",
        end_day="2026-11-20",
        days=50,
        missing_days=0,
        doubtful_days=0,
        pending_days=0,
        differences=2,
        difference_usd="0.5",
    )
    QuarantinedRow.objects.create(
        organization=Organization.objects.get(),
        window_start="2026-11-01",
        window_end="2026-11-02",
        reason="No.",
        raw="{}",
        raw_hash="00000000-0000-0000-0000-000000000001",
        occurrences=3,
        first_fetched_at=timezone.now(),
        fetched_at=timezone.now(),
    )

    code, line = check()

    assert code == 2
    assert line.startswith(
        "COLLECTION CRITICAL - bill and facts disagree in 2 places; run manage.py reconcile; "
        "rows in quarantine: 3 |"
    )


def test_it_knows_nothing_without_the_database(check, monkeypatch):
    def fail():
        raise OperationalError("connection refused")

    monkeypatch.setattr("collector.health.last_success", fail)

    assert check() == (3, "COLLECTION UNKNOWN - the database does not answer: connection refused")
