"""What is not sure, or may still change, is not archived; and nothing is lost by being refused."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from costs import archiving, partitions
from costs.archiving import CannotArchive, hours_to_archive
from costs.models import BillingDay
from costs.tests.long_ago import (
    EVERY_MONTH,
    FEBRUARY,
    JAN_31,
    JANUARY_FILE,
    MARCH,
    archive,
    hours_by_month,
    notes,
    somebody_reads,
    tables,
)
from costs.tests.ownership import elsewhere, rule, sql


def refused(folder, before=FEBRUARY):
    """Why, of a run that changed nothing."""
    stored, there = hours_by_month(), sorted(folder.iterdir())
    with pytest.raises(CannotArchive) as raised:
        archive(folder, before)
    assert (hours_by_month(), notes(), sorted(folder.iterdir())) == (stored, [], there)
    return str(raised.value)


def test_months_that_a_backfill_may_still_change(acme_long_ago, tmp_path, monkeypatch):
    noon = datetime(2025, 1, 31, 12, tzinfo=UTC)
    monkeypatch.setattr(archiving, "database_now", lambda: noon)

    assert refused(tmp_path) == (
        "Hours from 2024-01-01 on cannot be archived: a backfill may still change the current "
        "month and the 12 before it. The latest month to say is 2024-01."
    )
    monkeypatch.setattr(archiving, "database_now", lambda: noon.replace(month=2, day=1))
    assert len(archive(tmp_path)) == 1


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("UPDATE hourly_costs SET cost_usd = cost_usd + 1", "of 2024-01 disagree (4 differences)"),
        ("DELETE FROM daily_cost_facts WHERE cost_usd = 7", "of 2024-01 disagree (5 differences)"),
        (
            "UPDATE billing_days SET is_incomplete = true",
            "of 2024-01 that are incomplete or held: 2",
        ),
        ("UPDATE billing_days SET held_since = now()", "of 2024-01 that are incomplete or held: 2"),
    ],
)
def test_a_month_that_is_not_proven_or_doubtful(acme_long_ago, tmp_path, damage, reason):
    sql(damage)

    assert reason in refused(tmp_path)


def test_a_month_with_pending_days(acme_long_ago, tmp_path):
    rule("A", of=acme_long_ago, valid_from=JAN_31)

    assert refused(tmp_path).startswith(
        "Days of 2024-01 that are owed as by rules that have changed since: 1."
    )


def test_doubtful_days_are_archived_when_it_is_said(acme_long_ago, tmp_path):
    sql("UPDATE billing_days SET is_incomplete = true")

    assert len(archive(tmp_path, with_doubtful=True)) == 1


def test_a_dry_run_is_refused_for_the_same_reasons(acme_long_ago, tmp_path):
    sql("UPDATE billing_days SET is_incomplete = true")

    with pytest.raises(CannotArchive, match="incomplete or held"):
        list(hours_to_archive(before=FEBRUARY, folder=tmp_path))


def test_months_before_the_one_that_is_refused_are_archived(acme_long_ago, tmp_path):
    BillingDay.objects.filter(day__month=2).update(is_incomplete=True)

    with pytest.raises(CannotArchive, match="Days of 2024-02 that are incomplete"):
        archive(tmp_path, before=MARCH)

    assert (hours_by_month(), len(notes())) == (EVERY_MONTH[1:], 2)


def test_a_file_that_is_not_what_was_to_be_written(acme_long_ago, tmp_path):
    (tmp_path / JANUARY_FILE).write_bytes(b"of another portal")

    assert "exists and holds something else" in refused(tmp_path)
    assert (tmp_path / JANUARY_FILE).read_bytes() == b"of another portal"


def test_a_file_that_lacks_an_hour(acme_long_ago, tmp_path, monkeypatch):
    monkeypatch.setattr(
        archiving,
        "_HOURS_OF_DAY",
        archiving._HOURS_OF_DAY.replace("BY hour", "BY fact.id LIMIT 71 --"),
    )

    assert refused(tmp_path).startswith(
        f"{tmp_path}/{JANUARY_FILE}.partial holds other hours than the database: "
    )


def test_a_second_run_beside_the_first(acme_long_ago, tmp_path):
    with archiving._only_one(), connection.cursor():
        said = elsewhere(lambda: refused(tmp_path)).result(timeout=30)

    assert said == "Hours are being archived already; wait for that run to end."


def test_a_month_that_somebody_writes(acme_long_ago, tmp_path, monkeypatch):
    """It waits no longer than LOCK_TIMEOUT, and says so."""
    monkeypatch.setattr(archiving, "LOCK_TIMEOUT", "100ms")
    sql("SELECT pg_advisory_lock(%s, %s)", acme_long_ago.pk, JAN_31.toordinal())

    def run():
        with pytest.raises(CommandError, match="did not let go of a month"):
            call_command("archive_hours", "--before", "2024-02", "--to", str(tmp_path))

    elsewhere(run).result(timeout=30)
    sql("SELECT pg_advisory_unlock_all()")
    assert (hours_by_month(), notes(), list(tmp_path.iterdir())) == (EVERY_MONTH, [], [])


def test_a_table_that_somebody_reads_for_long_stays_until_the_next_run(
    acme_long_ago, tmp_path, monkeypatch
):
    monkeypatch.setattr(partitions, "LOCK_TIMEOUT", "100ms")
    asked = ("archive_hours", "--before", "2024-02", "--to", str(tmp_path))

    with somebody_reads(), pytest.raises(CommandError, match="goes on where it stopped"):
        call_command(*asked)

    assert "hourly_costs_2024_01" in tables()
    call_command(*asked, verbosity=0)
    assert (hours_by_month(), "hourly_costs_2024_01" in tables()) == (EVERY_MONTH[1:], False)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--before", "2024-13"), "'2024-13' is not a month; write it as YYYY-MM."),
        (("--before", "2024-02", "--to", "/nowhere"), "/nowhere is not a folder; make it first."),
        (("--before", "2024-02"), "--to"),
    ],
)
def test_wrong_arguments(db, arguments, reason):
    with pytest.raises(CommandError) as raised:
        call_command("archive_hours", *arguments)

    assert reason in str(raised.value)


def test_today_is_the_databases(db, tmp_path):
    with pytest.raises(CannotArchive):
        archive(tmp_path, before=date(2099, 1, 1))
