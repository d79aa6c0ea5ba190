"""Is a process of the schedule on this machine alive? For the health checks of containers."""

import socket
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from collector.heartbeats import beat_is_alive, worker_is_alive
from collector.queues import HOURLY, LONG

BEAT = "beat"


class Command(BaseCommand):
    help = (
        "Exit code 0 when the process told the database within the last minute that it lives, else "
        "1: beat, or the worker of that queue on this machine."
    )

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("process", choices=(BEAT, HOURLY, LONG))

    def handle(self, *args: Any, **options: Any) -> None:
        process = options["process"]
        host = socket.gethostname()
        is_alive = beat_is_alive() if process == BEAT else worker_is_alive(process, host)
        if not is_alive:
            where = "beat" if process == BEAT else f"{process}@{host}"
            raise CommandError(f"{where} was not seen for a minute; its log says why.")
        self.stdout.write("ok")
