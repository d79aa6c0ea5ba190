"""Beat with the schedule of the database: it says that it is alive and outlives its servers."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import Error as DatabaseError
from django.db import close_old_connections
from django_celery_beat.schedulers import DatabaseScheduler
from kombu.exceptions import OperationalError as BrokerError

from billing_portal.schedule import make_schedule, mend_times_of_a_wrong_clock
from collector.heartbeats import note_beat

logger = logging.getLogger(__name__)

BETWEEN_HEARTBEATS = 15.0  # seconds
AFTER_A_FAILURE = 5.0  # seconds
A_JUMP = 60.0  # seconds by which the clock may drift between two ticks


class PortalScheduler(DatabaseScheduler):  # type: ignore[misc]
    """Makes the rows of the schedule at its start, as the settings ask."""

    _noted_at = float("-inf")
    # How far the clock of the day is ahead of the one that nobody sets.
    _ahead: float | None = None

    def setup_schedule(self) -> None:
        for name, is_on in make_schedule().items():
            logger.info("%s: %s", name, "on" if is_on else "off")
        mend_times_of_a_wrong_clock()
        super().setup_schedule()

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due; seconds until the next look.

        A database that is down is waited for: beat has nothing that it could lose.
        """
        try:
            self._mind_the_clock()
            if time.monotonic() - self._noted_at >= BETWEEN_HEARTBEATS:
                note_beat()
                self._noted_at = time.monotonic()
            # Before anything is taken for sent; later a broker that is away is told of and passed.
            self._ensure_producer()
            return float(super().tick(*args, **kwargs))
        except DatabaseError as error:
            logger.error("The database does not answer, beat waits: %s", error)
            close_old_connections()
        except (BrokerError, OSError) as error:
            logger.error("The broker does not answer, beat waits: %s", error)
        return AFTER_A_FAILURE

    def _ensure_producer(self) -> None:
        """Made at its first use; raises BrokerError."""
        _ = self.producer

    def _ensure_connected(self) -> Any:
        """Celery's own waits for ever, and beat would seem dead meanwhile."""
        return self.connection.ensure_connection(max_retries=1, interval_start=0)

    def _mind_the_clock(self) -> None:
        """After the clock was set, read the schedule anew: what was planned is by the old one."""
        ahead = time.time() - time.monotonic()
        if self._ahead is not None and abs(ahead - self._ahead) > A_JUMP:
            logger.warning("The clock was set by %.0f s; planning anew.", ahead - self._ahead)
            self.sync()
            mend_times_of_a_wrong_clock()
            self._last_full_sync = datetime.now() - timedelta(days=1)  # noqa: DTZ005 (as there)
        self._ahead = ahead
