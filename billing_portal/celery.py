"""The Celery app: what the schedule and the API ask for is done by its workers.

    celery -A billing_portal worker --queues hourly      the quick jobs, never behind a long one
    celery -A billing_portal worker --queues long        backfills, proofs, re-allocations
    celery -A billing_portal beat                        sends what is due, by the admin's schedule

`manage.py scheduler` runs all three. What must not be lost is in the database; a message only
wakes a worker.
"""

import os
from typing import Any

from celery import Celery, bootsteps
from celery.signals import setup_logging

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "billing_portal.settings")

HEARTBEAT_SECONDS = 15.0

app = Celery("billing_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["collector", "costs"])


@setup_logging.connect
def keep_the_logs_of_the_settings(**_: Any) -> None:
    """Celery's own format knows nothing of secrets; being connected is what keeps it away."""


class NoteHeartbeat(bootsteps.StartStopStep):
    """Lets the database know that this worker is alive."""

    requires = ("celery.worker.components:Timer",)

    def start(self, worker: Any) -> None:
        self._note(worker)
        self._repeated = worker.timer.call_repeatedly(
            HEARTBEAT_SECONDS, self._note, (worker,), priority=10
        )

    def stop(self, worker: Any) -> None:
        self._repeated.cancel()

    def _note(self, worker: Any) -> None:
        from collector.heartbeats import note_worker  # Django is set up by now

        note_worker(worker.hostname)


app.steps["worker"].add(NoteHeartbeat)
