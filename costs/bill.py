"""Keep one fetched UTC day of one organization's bill: versioned lines, then its facts.

The fetched lines stand in the temporary table `staged_lines`; whoever fills it makes it here, so
that its columns and hashes are defined once. A day changes only inside its own transaction.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Q

from costs.allocation import allocate_days
from costs.clock import database_now
from costs.day_lock import lock_days
from costs.models import BillingDay, BillingDayVersion
from dimensions.models import Organization

# What a fetched line brings, in the order of the COPY.
LINE_COLUMNS = (
    "day",
    "product",
    "line_type",
    "resource_id",
    "resource_name",
    "env_id",
    "network_access_type",
    "unit",
    "price",
    "quantity",
    "original_amount",
    "discount_amount",
    "amount_received",
    "amount",
    "amount_source",
    "list_amount",
    "description",
    "tier_dimensions",
    "granularity",
    "provider_id",
    "other_fields",
)
# What is updated in place: a new name or id is no new charge.
LABEL_COLUMNS = ("resource_name", "granularity", "provider_id", "other_fields", "amount_source")

# An empty answer for a day that has lines must be confirmed by a fetch this much later.
EMPTY_ANSWER_PATIENCE = timedelta(hours=1)

# quote_nullable keeps neighbours apart whatever they contain; trim_scale makes 1.50 equal to 1.5.
_CONTENT = " || ".join(
    [
        *(
            f"quote_nullable({name})"
            for name in (
                "product",
                "line_type",
                "resource_id",
                "env_id",
                "network_access_type",
                "unit",
                "description",
                "tier_dimensions::text",
            )
        ),
        *(
            f"quote_nullable(trim_scale({name})::text)"
            for name in (
                "price",
                "quantity",
                "original_amount",
                "discount_amount",
                "amount_received",
            )
        ),
    ]
)
_LABELS = " || ".join(f"quote_nullable({name}::text)" for name in LABEL_COLUMNS)
_COLUMNS = ", ".join(LINE_COLUMNS)

_CREATE_STAGING = f"""
    DROP TABLE IF EXISTS pg_temp.staged_lines;
    CREATE TEMPORARY TABLE staged_lines AS
        SELECT {_COLUMNS} FROM cost_line_items WITH NO DATA;
    ALTER TABLE staged_lines
        ADD COLUMN content_hash uuid GENERATED ALWAYS AS (md5({_CONTENT})::uuid) STORED;
"""

_STAGED_DAY = f"""
    SELECT count(*),
           coalesce(sum(amount), 0),
           md5(coalesce(string_agg(content_hash::text, '' ORDER BY content_hash), ''))::uuid,
           md5(coalesce(
               string_agg({_LABELS}, '' ORDER BY content_hash, {_LABELS}), ''
           ))::uuid
    FROM staged_lines
    WHERE day = %(day)s
"""

# Equal lines are numbered, so that two equal charges meet two and not one.
_PAIRED = f"""
    staged AS (
        SELECT *, row_number() OVER (PARTITION BY content_hash ORDER BY {_LABELS}) AS nth
        FROM staged_lines
        WHERE day = %(day)s
    ),
    stored AS (
        SELECT id, content_hash,
               row_number() OVER (PARTITION BY content_hash ORDER BY {_LABELS}, id) AS nth
        FROM cost_line_items
        WHERE organization_id = %(organization)s AND day = %(day)s AND last_version IS NULL
    )
"""

# The first name that the day gave a resource: rules for names match it, and it outlasts a rename
# and a restatement.
_FIRST_NAMED = """
    first_named AS (
        SELECT DISTINCT ON (resource_id) resource_id, name, id IS NOT NULL AS is_stored
        FROM (
            SELECT resource_id, billed_name AS name, id
            FROM cost_line_items
            WHERE organization_id = %(organization)s AND day = %(day)s
            UNION ALL
            SELECT resource_id, resource_name, NULL FROM staged_lines WHERE day = %(day)s
        ) AS given
        WHERE name <> ''
        ORDER BY resource_id, id NULLS LAST, name
    )
"""

_REPLACE_LINES = f"""
    WITH {_PAIRED},
    {_FIRST_NAMED},
    closed AS (
        UPDATE cost_line_items AS line
        SET last_version = %(version)s - 1
        FROM stored LEFT JOIN staged USING (content_hash, nth)
        WHERE line.organization_id = %(organization)s AND line.id = stored.id
          AND staged.day IS NULL
        RETURNING 1
    ),
    added AS (
        INSERT INTO cost_line_items
            (organization_id, {_COLUMNS}, content_hash, first_version, billed_name)
        SELECT %(organization)s, {", ".join(f"staged.{name}" for name in LINE_COLUMNS)},
               content_hash, %(version)s,
               coalesce(
                   CASE WHEN first_named.is_stored THEN first_named.name END,
                   nullif(staged.resource_name, ''), first_named.name, ''
               )
        FROM staged
        LEFT JOIN stored USING (content_hash, nth)
        LEFT JOIN first_named USING (resource_id)
        WHERE stored.id IS NULL
        ORDER BY resource_id, line_type
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM added), (SELECT count(*) FROM closed)
"""

_UPDATE_LABELS = f"""
    WITH {_PAIRED},
    {_FIRST_NAMED}
    UPDATE cost_line_items AS line
    SET {", ".join(f"{name} = staged.{name}" for name in LABEL_COLUMNS)},
        billed_name = coalesce(nullif(line.billed_name, ''), first_named.name, '')
    FROM stored JOIN staged USING (content_hash, nth)
    LEFT JOIN first_named USING (resource_id)
    WHERE line.organization_id = %(organization)s AND line.id = stored.id
      AND ({", ".join(f"line.{name}" for name in LABEL_COLUMNS)})
          IS DISTINCT FROM ({", ".join(f"staged.{name}" for name in LABEL_COLUMNS)})
"""


_FIRST_GAP = """
    SELECT min(expected.day)
    FROM (
        SELECT generate_series(greatest(min(day), %(since)s), %(before)s - 1, '1 day')::date AS day
        FROM billing_days
        WHERE organization_id = %(organization)s
    ) AS expected
    LEFT JOIN billing_days ON organization_id = %(organization)s AND billing_days.day = expected.day
    WHERE is_settled IS NOT true
"""


class Outcome(StrEnum):
    """What keeping a fetched day came to."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class KeptDay:
    """Counts of what one day's transaction wrote."""

    day: date
    outcome: Outcome
    lines_added: int = 0
    lines_closed: int = 0
    facts_written: int = 0
    hours_written: int = 0


@dataclass(frozen=True, slots=True)
class _Fetched:
    """The staged day: count, USD, hash of the charges, hash with names and ids."""

    line_count: int
    amount: Decimal
    content_hash: UUID
    labels_hash: UUID


def create_staging() -> None:
    """Make an empty `staged_lines` for this database session."""
    with connection.cursor() as cursor:
        cursor.execute(_CREATE_STAGING)


def keep_day(
    organization: Organization, day: date, *, fetched_at: datetime, is_incomplete: bool
) -> KeptDay:
    """Make the staged day the stored one, in one transaction.

    1. One collector at a time works on a day.
    2. A fetch that began before the stored one changes nothing, unless that one is said to begin
       later than now: then the clock was ahead, and is believed no more.
    3. An answer that would lose lines for a bad reason is held, the stored lines stay.
    4. Equal content: the visit is recorded, names are brought up to date, nothing else is written.
    5. Otherwise: new lines in, vanished lines closed, facts made again where lines changed.

    fetched_at is when the fetch began, by the database's clock.
    """
    with transaction.atomic(durable=True):
        lock_days(organization, [day])
        stored = BillingDay.objects.filter(organization=organization, day=day).first()
        if stored and fetched_at < stored.fetched_at <= database_now():
            return KeptDay(day, Outcome.SUPERSEDED)
        fetched = _staged_day(day)
        if stored and _hold(stored, fetched, fetched_at=fetched_at, is_incomplete=is_incomplete):
            return KeptDay(day, Outcome.HELD)
        if stored and stored.content_hash == fetched.content_hash:
            is_relabelled = stored.labels_hash != fetched.labels_hash
            _record_visit(stored, fetched, fetched_at=fetched_at, is_incomplete=is_incomplete)
            if is_relabelled:
                _update_labels(organization, day)
                # A name that came late may be one that a rule waits for.
                allocate_days(organization, [day])
            return KeptDay(day, Outcome.UNCHANGED)
        return _replace(organization, day, stored, fetched, fetched_at, is_incomplete)


def is_settled(organization: Organization, start: date, end: date) -> bool:
    """Whether every day of [start, end) is stored, complete, and past Confluent's restatements.

    A day without a line counts when a later visit found it empty again.
    """
    seen_twice = Q(last_collected_at__gte=F("first_collected_at") + EMPTY_ANSWER_PATIENCE)
    done = BillingDay.objects.filter(
        Q(line_count__gt=0) | seen_twice,
        organization=organization,
        day__gte=start,
        day__lt=end,
        is_settled=True,
        is_incomplete=False,
        held_since=None,
    )
    return done.count() == (end - start).days


def first_gap(organization: Organization, since: date, before: date) -> date | None:
    """The first UTC day of [since, before) that is not stored, though an earlier one is, or that
    was not fetched again after Confluent's restatements."""
    days: dict[str, Any] = {"organization": organization.pk, "since": since, "before": before}
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_GAP, days)
        (first,) = cursor.fetchone()
    assert first is None or isinstance(first, date)
    return first


def _staged_day(day: date) -> _Fetched:
    with connection.cursor() as cursor:
        cursor.execute(_STAGED_DAY, {"day": day})
        return _Fetched(*cursor.fetchone())


def _hold(
    stored: BillingDay, fetched: _Fetched, *, fetched_at: datetime, is_incomplete: bool
) -> bool:
    """Whether the stored lines stay although the answer has fewer.

    With rows that could not be read it says nothing about the lines that are missing, however
    often it comes. An empty one must come again after a while to be believed.
    """
    is_suspect = is_incomplete and fetched.line_count < stored.line_count
    is_emptied = stored.line_count > 0 and fetched.line_count == 0
    if not (is_suspect or is_emptied):
        return False
    # Only empty answers confirm each other: one with unreadable rows starts the wait anew.
    stored.held_since = None if is_suspect else min(stored.held_since or fetched_at, fetched_at)
    stored.is_incomplete = is_incomplete
    stored.save(update_fields=["held_since", "is_incomplete"])
    return stored.held_since is None or fetched_at - stored.held_since < EMPTY_ANSWER_PATIENCE


def _update_labels(organization: Organization, day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE_LABELS, {"organization": organization.pk, "day": day})


def _record_visit(
    day: BillingDay, fetched: _Fetched, *, fetched_at: datetime, is_incomplete: bool
) -> None:
    day.fetched_at = fetched_at
    day.last_collected_at = fetched_at
    day.labels_hash = fetched.labels_hash
    day.is_incomplete = is_incomplete
    day.held_since = None
    day.save()


def _replace(
    organization: Organization,
    day: date,
    stored: BillingDay | None,
    fetched: _Fetched,
    fetched_at: datetime,
    is_incomplete: bool,
) -> KeptDay:
    billing_day = stored or BillingDay(
        organization=organization, day=day, first_collected_at=fetched_at
    )
    # A day that has never had a line has no version yet.
    if fetched.line_count or billing_day.version:
        billing_day.version += 1
    billing_day.content_hash = fetched.content_hash
    billing_day.line_count = fetched.line_count
    billing_day.amount = fetched.amount
    billing_day.last_changed_at = fetched_at
    _record_visit(billing_day, fetched, fetched_at=fetched_at, is_incomplete=is_incomplete)
    if billing_day.version:
        _record_version(billing_day)
    key: dict[str, Any] = {"organization": organization.pk, "day": day}
    with connection.cursor() as cursor:
        cursor.execute(_REPLACE_LINES, key | {"version": billing_day.version})
        added, closed = cursor.fetchone()
    if stored:
        _update_labels(organization, day)
    written = allocate_days(organization, [day])
    return KeptDay(day, Outcome.CHANGED, added, closed, written.facts_added, written.hours_added)


def _record_version(billing_day: BillingDay) -> None:
    BillingDayVersion.objects.create(
        organization=billing_day.organization,
        day=billing_day.day,
        version=billing_day.version,
        changed_at=billing_day.last_changed_at,
        line_count=billing_day.line_count,
        amount=billing_day.amount,
    )
