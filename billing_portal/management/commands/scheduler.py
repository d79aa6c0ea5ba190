"""The schedule on this machine: beat and two workers, until Ctrl-C."""

import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing_portal.schedule import JOBS
from collector.queues import HOURLY, LONG

# The command lines below are ours.
# ruff: noqa: S603

logger = logging.getLogger(__name__)

SECONDS_TO_END = 20
SHORT_LIFE, MOST_SHORT_LIVES = 10.0, 3  # seconds; times in a row
# While one waits for Confluent, the other looks after runs.
QUICK_PROCESSES = 2


class Command(BaseCommand):
    help = (
        "Run the schedule on this machine: Celery's beat, a worker for the quick jobs and one for "
        "the long ones, until Ctrl-C. With REDIS_URL they use Redis, without it files of their own."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--long-workers", type=int, default=1, metavar="N", help="processes for long jobs (1)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["long_workers"] <= 32:
            raise CommandError("--long-workers is a number from 1 to 32.", returncode=2)
        if not settings.SCHEDULER_ENABLED:
            raise CommandError(
                "Nothing is scheduled: set SCHEDULER_ENABLED, and HOURLY_JOB_ENABLED or "
                "DAILY_JOB_ENABLED or both."
            )
        call_command("prepare_database", verbosity=0)
        with tempfile.TemporaryDirectory(prefix="billing-portal-queue-") as folder:
            environment = os.environ | ({} if settings.REDIS_URL else {"QUEUE_FOLDER": folder})
            wanted = "; ".join(job.name for job in JOBS if job.is_wanted)
            self.stdout.write(f"The schedule runs (Ctrl-C ends it): {wanted}.")
            self.stdout.flush()
            _keep_running(
                [
                    Child(command, environment)
                    for command in (
                        worker(HOURLY, processes=QUICK_PROCESSES),
                        worker(LONG, processes=options["long_workers"]),
                        beat(),
                    )
                ]
            )


def beat() -> list[str]:
    """The command line of beat."""
    return _celery("beat", "--pidfile=")


def worker(queue: str, *, processes: int, host: str = "%h") -> list[str]:
    """The command line of a worker of one queue; its name is queue@host."""
    return _celery(
        "worker",
        f"--queues={queue}",
        f"--concurrency={processes}",
        f"--hostname={queue}@{host}",
        "--without-gossip",
        "--without-mingle",
    )


def _celery(*words: str) -> list[str]:
    level = f"--loglevel={settings.LOG_LEVEL}"
    return [sys.executable, "-m", "celery", "--app=billing_portal", "--quiet", *words, level]


class Child:
    """A process of the schedule; one that dies is started again."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self._command, self._environment = command, environment
        self._short_lives = 0
        self.start()

    def start(self) -> None:
        self._started_at = time.monotonic()
        self.process = subprocess.Popen(self._command, env=self._environment, cwd=settings.BASE_DIR)

    def revive(self) -> None:
        """Raises CommandError when it cannot live: then something else is wrong."""
        lived = time.monotonic() - self._started_at
        self._short_lives = self._short_lives + 1 if lived < SHORT_LIFE else 0
        if self._short_lives == MOST_SHORT_LIVES:
            raise CommandError(
                f"A process of the schedule ended {MOST_SHORT_LIVES} times right after its start; "
                "its last words stand above."
            )
        logger.error("Ended by itself, started again: %s", " ".join(self._command[2:]))
        self.start()


def _keep_running(children: list[Child]) -> None:
    """Until a signal; what the processes are doing then, they do first."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, note)
    try:
        while not received:
            time.sleep(0.2)
            for child in children:
                if not received and child.process.poll() is not None:
                    child.revive()
    finally:
        _end([child.process for child in children])


def _end(processes: list["subprocess.Popen[bytes]"]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + SECONDS_TO_END
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            # In the middle of a run: it is found and begun anew the next time.
            process.kill()
