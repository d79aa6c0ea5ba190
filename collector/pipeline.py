"""From Confluent's bill to exact facts: the one way in which costs come into being.

Read top to bottom; every step is a module of its own.
"""

import logging
from collections.abc import Iterable
from datetime import date
from typing import Protocol

from collector.client import ConfluentClient, ConfluentError
from collector.inventory import collect_environments, identify_organization
from collector.models import CollectionRun
from collector.quarantine import store_unreadable
from collector.runs import open_run, record_failure
from collector.staging import incomplete_days, stage_window, unknown_names
from collector.windows import Window
from costs.bill import KeptDay, Outcome, is_settled, keep_day
from costs.billed_resources import note_billed_resources
from costs.clock import database_now
from costs.partitions import ensure_partitions
from costs.reallocation import Followed, reallocate_for
from dimensions.models import Organization

logger = logging.getLogger(__name__)

# Seconds that a collection spends on days whose rules changed; the next one goes on.
PATIENCE_WITH_RULES = 300.0


class Progress(Protocol):
    """Who watches a collection: a progress bar, a log, nobody."""

    def window_begins(self, window: Window, run: CollectionRun) -> None: ...
    def rows_fetched(self, rows: int) -> None: ...
    def day_kept(self, kept: KeptDay) -> None: ...
    def window_ends(self, run: CollectionRun) -> None: ...


def collect(
    client: ConfluentClient,
    windows: Iterable[Window],
    *,
    organization_id: str = "",
    trigger: str,
    progress: Progress,
    leave_out_settled: bool = False,
    notices: Iterable[str] = (),
) -> list[CollectionRun]:
    """Find out whose bill it is, then collect window after window.

    leave_out_settled: a window whose days are all stored, complete and settled is not asked again.
    notices: what the operator is to be told with the first of the runs.

    The first failure ends it and leaves the finished windows. Raises ConfluentError or a database
    error; the run of that window says the same in words.
    """
    windows = list(windows)
    today = database_now().date()
    try:
        organization = identify_organization(client, today, organization_id)
        notices = [*notices, *collect_environments(client, organization, today)]
    except ConfluentError as error:
        record_failure(windows, error, trigger=trigger)
        raise
    runs = []
    for window in windows:
        if leave_out_settled and is_settled(organization, window.start, window.end):
            continue
        run = collect_window(
            client, organization, window, trigger=trigger, progress=progress, notices=notices
        )
        runs.append(run)
        notices = []
    follow_changed_rules()
    return runs


def follow_changed_rules() -> Followed:
    """Take along days that an edit left pending, so that none waits for the next edit."""
    followed = reallocate_for(PATIENCE_WITH_RULES)
    if followed.days or followed.pending:
        logger.info(
            "Rules had changed. Days allocated again: %s, still pending: %s.",
            followed.days,
            followed.pending,
        )
    return followed


def collect_window(
    client: ConfluentClient,
    organization: Organization,
    window: Window,
    *,
    trigger: str,
    progress: Progress,
    notices: Iterable[str] = (),
) -> CollectionRun:
    """Make the stored days of a window (at most a month) what Confluent says now.

    1. read   the whole window, page by page; an error leaves every day as it was
    2. parse  each row; what cannot be read goes to quarantine
    3. stage  each page in a temporary table
    4. keep   day by day, each in a transaction of its own, only what changed
    5. allocate  the changed day in the same transaction
    """
    with open_run(organization, window, trigger=trigger) as run:
        run.notices += notices
        _make_current(client, organization, window, run, progress)
    progress.window_ends(run)
    return run


def collect_requested(
    client: ConfluentClient, run: CollectionRun, progress: Progress, *, organization_id: str = ""
) -> None:
    """Collect the window of a run that was asked for and has been started.

    Raises ConfluentError or a database error; whoever started the run records it.
    """
    today = database_now().date()
    run.organization = identify_organization(client, today, organization_id)
    run.notices += collect_environments(client, run.organization, today)
    window = Window(run.window_start, run.window_end)
    _make_current(client, run.organization, window, run, progress)
    progress.window_ends(run)


def _make_current(
    client: ConfluentClient,
    organization: Organization,
    window: Window,
    run: CollectionRun,
    progress: Progress,
) -> None:
    """The steps of collect_window."""
    progress.window_begins(window, run)
    fetched_at = database_now()
    try:
        run.notices += _fetch(client, window, run, progress)
    finally:
        _count_traffic(client, run)
    note_billed_resources(organization)
    ensure_partitions(window.start, window.last)
    run.rows_quarantined = store_unreadable(organization, window, fetched_at)
    incomplete = incomplete_days(window)
    for day in window.days():
        kept = keep_day(organization, day, fetched_at=fetched_at, is_incomplete=day in incomplete)
        _count_day(run, kept)
        progress.day_kept(kept)
    run.notices += unknown_names()
    run.notices += _quarantine_notice(run, incomplete)


def _fetch(
    client: ConfluentClient, window: Window, run: CollectionRun, progress: Progress
) -> list[str]:
    def fetched(rows: int) -> None:
        run.lines_received += rows
        progress.rows_fetched(rows)

    return stage_window(client, window, fetched)


def _count_traffic(client: ConfluentClient, run: CollectionRun) -> None:
    traffic = client.take_traffic()
    run.pages += traffic.pages
    run.requests += traffic.requests
    run.retries += traffic.retries
    run.rate_limited += traffic.rate_limited


def _count_day(run: CollectionRun, kept: KeptDay) -> None:
    run.days_done += 1
    match kept.outcome:
        case Outcome.CHANGED:
            run.days_changed += 1
        case Outcome.UNCHANGED:
            run.days_unchanged += 1
        case Outcome.SUPERSEDED:
            run.days_superseded += 1
            run.notices.append(
                f"{kept.day} already holds a fetch that began after this one; nothing was changed."
            )
        case Outcome.HELD:
            run.days_held += 1
            run.notices.append(
                f"{kept.day} was answered with fewer lines than are stored, for a bad reason: "
                "empty, or with rows that cannot be read. The stored lines stay. An empty answer "
                "is believed when a collection at least an hour from now gets it again."
            )
    run.lines_added += kept.lines_added
    run.lines_closed += kept.lines_closed
    run.facts_written += kept.facts_written
    run.hours_written += kept.hours_written


def _quarantine_notice(run: CollectionRun, incomplete: set[date]) -> list[str]:
    if not run.rows_quarantined:
        return []
    first, last = min(incomplete, default=None), max(incomplete, default=None)
    return [
        f"Rows that could not be read: {run.rows_quarantined}; they are in quarantine with the "
        "reason. "
        + (f"Incomplete days: {len(incomplete)}, from {first} to {last}." if incomplete else "")
    ]
