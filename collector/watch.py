"""How a run that nobody sits in front of is watched: its progress and its end by the database."""

import time

from collector.models import CollectionRun
from collector.runs import Cancelled
from collector.windows import Window
from costs.bill import KeptDay

# Seconds between two looks at whether the run is cancelled, and two writings of its progress.
BETWEEN_LOOKS = 1.0
_PROGRESS = ["organization", "days_done", *CollectionRun.COUNTS]


class Watch:
    """Writes the run's progress down, and ends it where somebody asked for that.

    It looks between pages and between days, each of which is whole then.
    """

    def __init__(self) -> None:
        self._run: CollectionRun | None = None
        self._looked_at = time.monotonic()

    def window_begins(self, window: Window, run: CollectionRun) -> None:
        self._run = run
        self._look()

    def rows_fetched(self, rows: int) -> None:
        self._look_again()

    def day_kept(self, kept: KeptDay) -> None:
        self._look_again()

    def window_ends(self, run: CollectionRun) -> None:
        self._run = None

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
        if self._run is None:
            return
        self._run.save(update_fields=_PROGRESS)
        self._run.refresh_from_db(fields=["cancel_requested_at"])
        if self._run.cancel_requested_at:
            raise Cancelled
