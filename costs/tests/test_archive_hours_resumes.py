"""A run that is killed between any two steps loses nothing, and the next one ends its work."""

import gzip
import os
import signal
import time

import pytest
from django.db import connections

from costs import archiving, partitions
from costs.allocation import allocate_days
from costs.archiving import CannotArchive
from costs.partitions import ensure_partitions
from costs.reallocation import rewrite_days
from costs.reconciliation import reconcile
from costs.tests.long_ago import (
    EVERY_MONTH,
    FEBRUARY,
    JAN_31,
    JANUARY,
    JANUARY_FILE,
    NOTES_OF_JANUARY,
    archive,
    hours_by_month,
    notes,
    rows_of,
    somebody_reads,
    tables,
)
from costs.tests.ownership import just_before, sql

STEPS = {
    "before the month is held": "LOCK TABLE",
    "before it is proven": "WITH line AS",
    "while the file is written": "_refuse_other_totals",
    "before the file has its name": "_give_name",
    "before the month is noted": 'INSERT INTO "archived_hours"',
    "before its hours are detached": "DETACH PARTITION",
    "before its hours are dropped": "DROP TABLE",
}
FILES = {
    "while the file is written": [f"{JANUARY_FILE}.partial"],
    "before the file has its name": [f"{JANUARY_FILE}.partial"],
    "before the month is noted": [JANUARY_FILE],
    "before its hours are detached": [JANUARY_FILE],
    "before its hours are dropped": [JANUARY_FILE],
}
NOTED = {"before its hours are detached", "before its hours are dropped"}


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def killed(step, folder):
    """Let another process archive January, and kill it there."""
    connections.close_all()
    if (process := os.fork()) == 0:
        try:
            if step.startswith("_"):
                setattr(archiving, step, lambda *_: die())
                archive(folder)
            with just_before(step, die):
                archive(folder)
        finally:
            os._exit(1)
    _, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status)
    while sql("SELECT FROM pg_stat_activity WHERE datname = current_database() AND "
              "pid <> pg_backend_pid() AND backend_type = 'client backend'"):  # fmt: skip
        time.sleep(0.01)


def files(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("step", STEPS)
def test_killed(acme_long_ago, tmp_path, step):
    killed(STEPS[step], tmp_path)
    assert files(tmp_path) == FILES.get(step, [])
    assert notes() == (NOTES_OF_JANUARY if step in NOTED else [])
    assert reconcile(JANUARY, FEBRUARY).differences == []

    assert archive(tmp_path) == [(JANUARY, 72, "9.1600000000")]

    assert (notes(), hours_by_month()) == (NOTES_OF_JANUARY, EVERY_MONTH[1:])
    assert (files(tmp_path), len(rows_of(tmp_path / JANUARY_FILE))) == ([JANUARY_FILE], 73)
    assert tables() == ["hourly_costs_2024_02", "hourly_costs_2024_03"]
    assert archive(tmp_path) == []


@pytest.fixture
def half_detached(acme_long_ago, tmp_path, monkeypatch):
    """January is noted; detaching it gave up, since somebody read for too long."""
    monkeypatch.setattr(partitions, "LOCK_TIMEOUT", "100ms")
    with somebody_reads(), pytest.raises(Exception, match="lock timeout"):
        archive(tmp_path)
    monkeypatch.undo()
    pending = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhdetachpending"
    assert sql(pending) == [("hourly_costs_2024_01",)]
    return acme_long_ago


def test_a_detaching_that_gave_up_is_finished(half_detached, tmp_path):
    assert archive(tmp_path) == [(JANUARY, 72, "9.1600000000")]

    assert (notes(), hours_by_month()) == (NOTES_OF_JANUARY, EVERY_MONTH[1:])
    assert tables() == ["hourly_costs_2024_02", "hourly_costs_2024_03"]


def test_meanwhile_days_of_the_month_can_be_allocated(half_detached, tmp_path):
    ensure_partitions(JAN_31, JAN_31)
    (batch,) = rewrite_days(half_detached, JAN_31, FEBRUARY)

    assert (batch.written.facts_added, batch.written.hours_added) == (2, 0)
    assert hours_by_month() == EVERY_MONTH[1:]
    assert archive(tmp_path) == [(JANUARY, 72, "9.1600000000")]


def test_hours_are_not_written_between_the_note_and_the_end(acme_long_ago, tmp_path):
    killed("DETACH PARTITION", tmp_path)
    sql("DELETE FROM hourly_costs WHERE \"timestamp\" < '2024-02-01 00:00+00'")
    sql("DELETE FROM daily_cost_facts WHERE charge_date = '2024-01-31'")
    allocate_days(acme_long_ago, [JAN_31])

    assert hours_by_month() == EVERY_MONTH[1:]
    assert archive(tmp_path) == [(JANUARY, 72, "9.1600000000")]


@pytest.mark.parametrize("lost", ["gone", "damaged", "another"])
def test_hours_are_not_dropped_when_their_file_was_lost(acme_long_ago, tmp_path, lost):
    killed("DETACH PARTITION", tmp_path)
    file = tmp_path / JANUARY_FILE
    file.rename(tmp_path / "elsewhere")
    if lost == "damaged":
        file.write_bytes((tmp_path / "elsewhere").read_bytes()[:-100])
    if lost == "another":
        file.write_bytes(gzip.compress(b"org_id,cost_usd\nnobody,nothing\n"))

    with pytest.raises(CannotArchive, match=JANUARY_FILE):
        archive(tmp_path)

    assert hours_by_month() == EVERY_MONTH
    (tmp_path / "elsewhere").replace(file)
    assert archive(tmp_path) == [(JANUARY, 72, "9.1600000000")]
