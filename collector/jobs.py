"""What the schedule does, in two jobs; `manage.py run_job` does the same by hand."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date

from django.conf import settings

from collector import windows
from collector.account import client_from_settings
from collector.client import ConfluentClient, ConfluentError, CredentialsRefused, oldest_day
from collector.failures import CredentialsMissing
from collector.inventory import sync_inventory
from collector.models import CollectionRun
from collector.pipeline import collect
from collector.runs import record_failure
from collector.watch import Watch
from collector.windows import Window
from costs.bill import first_gap
from costs.clock import database_now
from costs.partitions import ONE_DAY
from costs.reconciliation import Reconciliation, record_reconciliation

logger = logging.getLogger(__name__)

HOURLY, DAILY = "hourly", "daily"


def collect_hourly() -> list[CollectionRun]:
    """Read the inventory, then make the last 3 days what Confluent says now; returns the runs.

    An inventory that cannot be read is a notice on the run; the bill is collected all the same.
    Raises what a collection raises.
    """
    window = windows.last_days(3, database_now().date())
    watch = Watch()
    with _client(watch, window, HOURLY) as client:
        return _collect(client, window, watch, HOURLY, notices=_read_inventory(client))


def collect_daily() -> tuple[list[CollectionRun], Reconciliation]:
    """Collect what Confluent may have restated, fill gaps, then prove what is stored.

    1. the trailing 7 days, until the 7th the whole previous month as well
    2. older days that an outage left out or that were not read again since
    3. the proof of the previous month and this one, recorded for whoever watches; also when
       collecting failed, which raises what a collection raises
    """
    today = database_now().date()
    window = windows.trailing(today)
    watch = Watch()
    try:
        with _client(watch, window, DAILY) as client:
            runs = _collect(client, window, watch, DAILY)
            if gap := _gap_before(runs[0], window.start, today):
                runs += _collect(client, gap, watch, DAILY, leave_out_settled=True)
    finally:
        proof = prove_recent(today)
    return runs, proof


def prove_recent(today: date) -> Reconciliation:
    """Reconcile the previous month and this one, and keep what came of it."""
    start = windows.month_before(today)
    proof = record_reconciliation(start, today + ONE_DAY)
    if proof.differences:
        logger.error(
            "Bill and facts disagree from %s on: differences %s; run `manage.py reconcile`.",
            start,
            len(proof.differences),
        )
    return proof


@contextmanager
def _client(watch: Watch, window: Window, trigger: str) -> Iterator[ConfluentClient]:
    """The configured key as a client; that there is none is recorded for who looks at runs."""
    try:
        client = client_from_settings(sleep=watch.sleep)
    except CredentialsMissing as error:
        record_failure([window], error, trigger=trigger)
        raise
    with closing(client):
        yield client


def _collect(
    client: ConfluentClient,
    window: Window,
    watch: Watch,
    trigger: str,
    *,
    leave_out_settled: bool = False,
    notices: Iterable[str] = (),
) -> list[CollectionRun]:
    return collect(
        client,
        window.by_month(),
        organization_id=settings.CONFLUENT_ORGANIZATION_ID,
        trigger=trigger,
        progress=watch,
        leave_out_settled=leave_out_settled,
        notices=notices,
    )


def _gap_before(run: CollectionRun, before: date, today: date) -> Window | None:
    assert run.organization
    first = first_gap(run.organization, oldest_day(today), before)
    return Window(first, before) if first else None


def _read_inventory(client: ConfluentClient) -> list[str]:
    """What the operator is to be told of it."""
    try:
        report = sync_inventory(
            client,
            organization_id=settings.CONFLUENT_ORGANIZATION_ID,
            collect_users=settings.COLLECT_USERS,
        )
    except CredentialsRefused:
        return []  # the collection hears the same and says it
    except ConfluentError as error:
        return [f"The inventory could not be read; what is stored of it stays. {error}"]
    return list(report.notices)
