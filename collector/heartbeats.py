"""Which processes of the schedule are alive, as they tell the database."""

import logging
from datetime import timedelta

from django.db import Error as DatabaseError
from django.db import connection
from django.db.models import QuerySet

from collector.models import ProcessHeartbeat
from costs.clock import database_now

logger = logging.getLogger(__name__)

BEAT = "beat"
# Four heartbeats; who was seen longer ago is dead, or cannot reach the database.
ALIVE_FOR = timedelta(minutes=1)
# A process that was not seen for so long is gone; containers change their names.
FORGOTTEN_AFTER = timedelta(days=1)

_NOTE = """
    INSERT INTO process_heartbeats (kind, name, seen_at) VALUES (%s, %s, clock_timestamp())
    ON CONFLICT (kind, name) DO UPDATE SET seen_at = excluded.seen_at
"""


def note_beat() -> None:
    """Beat is alive; it says so in its own connection."""
    _note(ProcessHeartbeat.Kind.BEAT, BEAT)


def note_worker(name: str) -> None:
    """The worker is alive. Its parent process keeps no connection that its children could share."""
    _note(ProcessHeartbeat.Kind.WORKER, name)
    connection.close()


def beat_is_alive() -> bool:
    return _alive(ProcessHeartbeat.Kind.BEAT).exists()


def worker_is_alive(queue: str, host: str = "") -> bool:
    """Whether a worker was seen lately whose name begins with the queue, as in long@host.

    host: the one that it has to be on.
    """
    workers = _alive(ProcessHeartbeat.Kind.WORKER).filter(name__startswith=f"{queue}@")
    return (workers.filter(name=f"{queue}@{host}") if host else workers).exists()


def forget_dead_processes() -> None:
    ProcessHeartbeat.objects.filter(seen_at__lt=database_now() - FORGOTTEN_AFTER).delete()


def _alive(kind: ProcessHeartbeat.Kind) -> QuerySet[ProcessHeartbeat]:
    return ProcessHeartbeat.objects.filter(kind=kind, seen_at__gte=database_now() - ALIVE_FOR)


def _note(kind: ProcessHeartbeat.Kind, name: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, [kind, name[:255]])
    except DatabaseError as error:
        # It is the health of the database that tells of this, and the next one comes soon.
        logger.warning("The heartbeat of %s could not be noted: %s", name, error)
        connection.close()
