"""Hours of long ago as files: a month is written, proven, noted, and only then dropped.

Hours are even shares of their day, and after a year nobody asks for them; of a large bill they are
most of the database. Lines, daily facts and everything made of them stay.

Every step is whole before the next one begins, and says in the database or by the file's name how
far it came: a run that is killed anywhere is finished by the next one.
"""

import csv
import gzip
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from filecmp import cmp
from io import BufferedWriter
from pathlib import Path

from django.db import connection, transaction

from costs.clock import database_now
from costs.day_lock import lock_days
from costs.models import ArchivedHours
from costs.partitions import (
    LOCK_TIMEOUT,
    ONE_DAY,
    Place,
    drop_partition,
    month_of,
    next_month,
    partition_name,
    stored_months,
)
from costs.reconciliation import reconcile
from dimensions.models import Organization

# A backfill reads twelve months again, and what it changes must have its hours.
MONTHS_KEPT = 12
BYTES_AT_ONCE = 1 << 20

_HOURS_OF_DAY = """
    COPY (
        SELECT organization.org_id,  -- first, and cost_usd last: so it is read back
               to_char(hour."timestamp" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                   AS "timestamp",
               fact.id AS daily_cost_fact_id, fact.env_id, fact.cluster_id, fact.product,
               fact.line_type, fact.business_unit, fact.cost_center, fact.allocation_confidence,
               fact.allocation_method, hour.cost_usd
        FROM hourly_costs AS hour
        JOIN daily_cost_facts AS fact
          ON fact.organization_id = hour.organization_id AND fact.id = hour.daily_cost_fact_id
        JOIN dimensions_orgs AS organization ON organization.id = hour.organization_id
        WHERE hour."timestamp" >= %(day)s::timestamp AT TIME ZONE 'UTC'
          AND hour."timestamp" < (%(day)s::timestamp + interval '1 day') AT TIME ZONE 'UTC'
          AND fact.charge_date = %(day)s
        ORDER BY hour."timestamp", hour.organization_id, fact.id
    ) TO STDOUT WITH (FORMAT csv, HEADER {header})
"""
# Every organization, also without a stored day: the month is archived for all of them.
_STORED = """
    SELECT organization.id, organization.org_id,
           coalesce(bill.days, 0), coalesce(bill.versions, 0),
           coalesce(hour.count, 0), coalesce(hour.cost_usd, 0)
    FROM dimensions_orgs AS organization
    LEFT JOIN (
        SELECT organization_id, count(*) AS days, sum(version) AS versions
        FROM billing_days
        WHERE day >= %(start)s AND day < %(end)s
        GROUP BY 1
    ) AS bill ON bill.organization_id = organization.id
    LEFT JOIN (
        SELECT organization_id, count(*), sum(cost_usd) AS cost_usd
        FROM hourly_costs
        WHERE "timestamp" >= %(start)s::timestamp AT TIME ZONE 'UTC'
          AND "timestamp" < %(end)s::timestamp AT TIME ZONE 'UTC'
        GROUP BY 1
    ) AS hour ON hour.organization_id = organization.id
    ORDER BY organization.id
"""


class CannotArchive(Exception):
    """Why, and what to do; the month at hand is as it was."""


@dataclass(frozen=True, slots=True)
class ArchivedMonth:
    """A month whose hours stand in the file (or would), of all organizations. cost_usd: USD."""

    month: date
    hours: int
    cost_usd: Decimal
    file: Path


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the database holds of an organization's month."""

    organization_id: int
    org_id: str
    days: int
    day_versions: int
    hours: int
    cost_usd: Decimal


# Rows and USD of each organization, by its org_id.
Totals = Mapping[str, tuple[int, Decimal]]


def archive_hours(
    *, before: date, folder: Path, with_doubtful: bool = False
) -> Iterator[ArchivedMonth]:
    """Move the hours of every month before that one into files, oldest first, a month a step.

    with_doubtful: also of months with incomplete or held days, which may never come again. Raises
    CannotArchive, or OperationalError when somebody holds the month for too long; months that were
    given back before are done.
    """
    _refuse_recent(before)
    with _only_one():
        for month, place in stored_months(before).items():
            if noted := _noted(month):
                _refuse_lost_file(month, noted, folder)
                drop_partition(month, place)
                yield _archived(month, noted, folder)
            elif place == Place.ATTACHED:
                totals = _write_and_note(month, folder, with_doubtful=with_doubtful)
                drop_partition(month, place)
                yield _archived(month, totals, folder)


def hours_to_archive(
    *, before: date, folder: Path, with_doubtful: bool = False
) -> Iterator[ArchivedMonth]:
    """What archive_hours would give back or raise; nothing is changed."""
    _refuse_recent(before)
    for month, place in stored_months(before).items():
        if noted := _noted(month):
            yield _archived(month, noted, folder)
        elif place == Place.ATTACHED:
            _refuse_unproven(month, with_doubtful=with_doubtful)
            yield _archived(month, _totals(_stored(month)), folder)


def file_name(month: date) -> str:
    """hourly_costs_2025_01.csv.gz"""
    return f"{partition_name(month)}.csv.gz"


def _refuse_recent(before: date) -> None:
    newest = month_of(database_now().date())
    for _ in range(MONTHS_KEPT):
        newest = month_of(newest - ONE_DAY)
    if before > newest:
        raise CannotArchive(
            f"Hours from {newest} on cannot be archived: a backfill may still change the current "
            f"month and the {MONTHS_KEPT} before it. The latest month to say is {newest:%Y-%m}."
        )


def _refuse_unproven(month: date, *, with_doubtful: bool) -> None:
    proof = reconcile(month, next_month(month))
    days = f"--start {month} --end {next_month(month)}"
    if proof.differences:
        raise CannotArchive(
            f"Bill, facts and hours of {month:%Y-%m} disagree ({len(proof.differences)} "
            f"differences). See `manage.py reconcile {days}`, mend them by "
            f"`manage.py reallocate {days}`, and run this again."
        )
    if proof.pending_days:
        raise CannotArchive(
            f"Days of {month:%Y-%m} that are owed as by rules that have changed since: "
            f"{proof.pending_days}. Run `manage.py reallocate`, then this again."
        )
    if proof.doubtful_days and not with_doubtful:
        raise CannotArchive(
            f"Days of {month:%Y-%m} that are incomplete or held: {proof.doubtful_days} (Billing "
            f"days in the admin). Collect them again by `manage.py collect_costs {days}`, or "
            "archive what is stored of them by --with-doubtful."
        )


def _write_and_note(month: date, folder: Path, *, with_doubtful: bool) -> Totals:
    """1. hold  2. prove  3. write  4. read back and compare  5. name  6. note.

    From the note on nobody writes an hour of the month; until then nobody can.
    """
    with transaction.atomic(durable=True):
        _hold(month)
        _refuse_unproven(month, with_doubtful=with_doubtful)
        stored = _stored(month)
        partial = folder / f"{file_name(month)}.partial"
        try:
            _write(month, partial)
            _refuse_other_totals(partial, _totals(stored))
            _give_name(partial, folder / file_name(month))
        finally:
            partial.unlink(missing_ok=True)
        _note(month, stored)
    return _totals(stored)


def _refuse_lost_file(month: date, noted: Totals, folder: Path) -> None:
    """A killed run has noted the month; before its hours go the file must be seen to hold them."""
    file = folder / file_name(month)
    if not file.exists():
        raise CannotArchive(
            f"{month:%Y-%m} is noted as archived, its hours are not dropped yet, and {file} is not "
            "there. Say the folder that it was written to by --to."
        )
    _refuse_other_totals(file, noted)


def _hold(month: date) -> None:
    """Let nobody change the month's bill, facts or hours until the transaction ends."""
    days = [month + timedelta(days=n) for n in range((next_month(month) - month).days)]
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        # An organization that appears meanwhile would have days that are not held.
        cursor.execute("LOCK TABLE dimensions_orgs IN SHARE MODE")
    for organization in Organization.objects.order_by("pk"):
        lock_days(organization, days)


def _write(month: date, file: Path) -> None:
    """A day after the other, so that neither side holds more than a day's rows."""
    with file.open("wb") as raw:
        # No name and no time inside: the same hours are the same bytes.
        packed = gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0)
        # COPY hands over a row at a time, which is much too little to compress.
        with BufferedWriter(packed, BYTES_AT_ONCE) as rows, connection.cursor() as cursor:
            day = month
            while day < next_month(month):
                header = "true" if day == month else "false"
                copy = cursor.mogrify(_HOURS_OF_DAY.format(header=header), {"day": day})
                # Django wraps the driver's errors in its own, but not those of COPY.
                with connection.wrap_database_errors:
                    cursor.copy_expert(copy.decode(), rows)
                day += ONE_DAY
        raw.flush()
        os.fsync(raw.fileno())


def _refuse_other_totals(file: Path, expected: Totals) -> None:
    """Read the file as whoever needs it would, and compare it with what it is to hold."""
    found = _totals_of(file)
    with_hours = {org_id: totals for org_id, totals in expected.items() if totals[0]}
    if found != with_hours:
        raise CannotArchive(
            f"{file} holds other hours than the database: {_in_words(found)} instead of "
            f"{_in_words(with_hours)}. Nothing was dropped. Look at the disk, then run this again."
        )


def _totals_of(file: Path) -> Totals:
    found: dict[str, tuple[int, Decimal]] = {}
    try:
        with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
            rows = csv.reader(text)
            next(rows, None)
            for org_id, *_, cost_usd in rows:
                hours, cost = found.get(org_id, (0, Decimal(0)))
                found[org_id] = (hours + 1, cost + Decimal(cost_usd))
    except (EOFError, gzip.BadGzipFile, zlib.error, ValueError, ArithmeticError) as error:
        raise CannotArchive(
            f"{file} cannot be read back: {error}. Nothing was dropped. Look at the disk, and for "
            "another copy of the file."
        ) from error
    return found


def _give_name(partial: Path, file: Path) -> None:
    """A killed run may have come this far; anything else of that name is not ours to replace."""
    if file.exists() and not cmp(partial, file, shallow=False):
        raise CannotArchive(
            f"{file} exists and holds something else than the hours of now. Move it away, or say "
            "another folder by --to; every portal needs one of its own."
        )
    partial.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _note(month: date, stored: list[_Stored]) -> None:
    now = database_now()
    ArchivedHours.objects.bulk_create(
        ArchivedHours(
            organization_id=each.organization_id,
            month=month,
            days=each.days,
            day_versions=each.day_versions,
            hours=each.hours,
            cost_usd=each.cost_usd,
            archived_at=now,
            file_name=file_name(month),
        )
        for each in stored
    )


def _stored(month: date) -> list[_Stored]:
    with connection.cursor() as cursor:
        cursor.execute(_STORED, {"start": month, "end": next_month(month)})
        return [_Stored(*row) for row in cursor.fetchall()]


def _totals(stored: list[_Stored]) -> Totals:
    return {each.org_id: (each.hours, each.cost_usd) for each in stored}


def _noted(month: date) -> Totals:
    """What the month held when it was archived; nothing for a month that was not."""
    notes = ArchivedHours.objects.filter(month=month).select_related("organization")
    return {note.organization.org_id: (note.hours, note.cost_usd) for note in notes}


def _archived(month: date, totals: Totals, folder: Path) -> ArchivedMonth:
    return ArchivedMonth(
        month,
        sum(hours for hours, _ in totals.values()),
        sum((cost for _, cost in totals.values()), Decimal(0)),
        folder / file_name(month),
    )


def _in_words(totals: Totals) -> str:
    said = [f"{org_id} {hours:,} hours, {cost:f} USD" for org_id, (hours, cost) in totals.items()]
    return "; ".join(said) or "none"


@contextmanager
def _only_one() -> Iterator[None]:
    """Of the runs that go on now; a killed one gives way by itself."""
    key = "SELECT {}(hashtextextended('archive_hours', 0))"
    with connection.cursor() as cursor:
        cursor.execute(key.format("pg_try_advisory_lock"))
        (is_ours,) = cursor.fetchone()
        if not is_ours:
            raise CannotArchive("Hours are being archived already; wait for that run to end.")
        try:
            yield
        finally:
            cursor.execute(key.format("pg_advisory_unlock"))
