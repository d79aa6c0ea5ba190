"""Collections that somebody asks for and that go on in a process of their own.

The request does not wait: it records a queued run and starts `manage.py run_collection`, which
shares nothing with it but the database. Progress is written to the run; cancelling is read there.
"""

import logging
import subprocess
import sys
import threading
import time
from contextlib import closing

from django.conf import settings
from django.contrib.auth.models import User

from collector.account import client_from_settings
from collector.models import CollectionRun
from collector.pipeline import collect_requested, follow_changed_rules
from collector.runs import Cancelled, fail_queued, request_run, start_run
from collector.windows import Window
from costs.bill import KeptDay

logger = logging.getLogger(__name__)

# Seconds between two looks at whether the run is cancelled, and two writings of its progress.
BETWEEN_LOOKS = 1.0
_PROGRESS = ["organization", "days_done", *CollectionRun.COUNTS]


def ask_for_collection(window: Window, *, trigger: str, requested_by: User | None) -> CollectionRun:
    """Queue a run of the window (at most a month) and start its process.

    Raises AlreadyAsked while a run of the same days goes on.
    """
    run = request_run(window, trigger=trigger, requested_by=requested_by)
    try:
        start_process(run)
    except OSError as error:
        return fail_queued(run.pk, f"Its process could not be started: {error}.")
    return run


def start_process(run: CollectionRun) -> None:
    """Run the collection apart from this process, which only waits to bury it."""
    # No secret is among the arguments: the process reads its own settings.
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_collection", str(run.pk)]
    process = subprocess.Popen(  # noqa: S603 (our own interpreter)
        command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    threading.Thread(target=process.wait, daemon=True, name=f"collection-{run.pk}").start()


def run_requested(run_id: int) -> CollectionRun:
    """Start the queued run and see it through; what went wrong is on the run, too.

    Raises NotQueued, and what a collection raises.
    """
    with start_run(run_id) as run:
        watch = Watch(run)
        with closing(client_from_settings(sleep=watch.sleep)) as client:
            collect_requested(
                client, run, watch, organization_id=settings.CONFLUENT_ORGANIZATION_ID
            )
    follow_changed_rules()
    return run


class Watch:
    """Writes the run's progress down, and ends it where somebody asked for that.

    It looks between pages and between days, each of which is whole then.
    """

    def __init__(self, run: CollectionRun) -> None:
        self._run = run
        self._looked_at = time.monotonic()

    def window_begins(self, window: Window) -> None:
        self._look()

    def rows_fetched(self, rows: int) -> None:
        self._look_again()

    def day_kept(self, kept: KeptDay) -> None:
        self._look_again()

    def window_ends(self, run: CollectionRun) -> None: ...

    def sleep(self, seconds: float) -> None:
        """Wait, but not for longer than until somebody cancels."""
        wake_at = time.monotonic() + seconds
        while (left := wake_at - time.monotonic()) > 0:
            time.sleep(min(left, BETWEEN_LOOKS))
            self._look_again()

    def _look_again(self) -> None:
        if time.monotonic() - self._looked_at >= BETWEEN_LOOKS:
            self._look()

    def _look(self) -> None:
        """Raises Cancelled."""
        self._looked_at = time.monotonic()
        self._run.save(update_fields=_PROGRESS)
        self._run.refresh_from_db(fields=["cancel_requested_at"])
        if self._run.cancel_requested_at:
            raise Cancelled
