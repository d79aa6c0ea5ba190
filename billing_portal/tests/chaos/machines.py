"""The processes of an installation, to be killed and started again."""

import os
import signal
import subprocess
import time
from pathlib import Path

from django.conf import settings
from django.db import connection

from billing_portal.management.commands.scheduler import beat, worker
from billing_portal.postgres_binaries import find_programs, server_account
from billing_portal.postgres_cluster import Cluster, live_server
from collector.tests.processes import database_url


class Process:
    """A command of ours in a process group of its own."""

    def __init__(self, command, environment, log):
        self._command, self._environment, self._log = command, environment, log
        self._process = None

    def start(self):
        self._process = subprocess.Popen(
            self._command,
            cwd=settings.BASE_DIR,
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def kill(self):
        """kill -9 of the process and its children, as when a machine goes down."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def kill_child(self):
        """kill -9 of one that does the work, as when it takes too much memory."""
        path = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        for child in path.read_text().split()[-1:]:
            os.kill(int(child), signal.SIGKILL)

    def end(self):
        """Politely: what is being done is done first."""
        self._process.terminate()
        self._process.wait(timeout=60)


class Installation:
    """Two workers for the long jobs, one for the quick ones, beat, Redis and PostgreSQL."""

    def __init__(self, redis_server, confluent, log_file):
        self.redis = redis_server
        environment = os.environ | {
            "DATABASE_URL": database_url(),
            "REDIS_URL": redis_server.url,
            "CONFLUENT_CLOUD_URL": confluent.url,
            "CONFLUENT_API_KEY": "demo-key",
            "CONFLUENT_API_SECRET": "demo-secret",
            "CONFLUENT_MAX_WAIT": "3",
            "SCHEDULER_ENABLED": "true",
            "HOURLY_JOB_ENABLED": "true",
            "DAILY_JOB_ENABLED": "true",
        }
        self._log = log_file.open("wb")
        self.workers = [
            Process(worker(queue, processes=1, host=f"host-{number}"), environment, self._log)
            for number, queue in enumerate(("hourly", "long", "long"))
        ]
        self.beat = Process(beat(), environment, self._log)

    def __enter__(self):
        for process in (*self.workers, self.beat):
            process.start()
        return self

    def __exit__(self, *_):
        for process in (self.beat, *self.workers):
            process.kill()
        self._log.close()


def restart_postgres(how):
    """The tests' own server, at the same address; `how` is pg_ctl's mode."""
    connection.close()
    cluster, account = Cluster("test"), server_account()
    before = live_server(cluster.data)
    assert before, "Chaos restarts the project's own PostgreSQL; run it without DATABASE_URL."
    done = account.run(
        [
            *(find_programs().folder / "pg_ctl", "restart", "--pgdata", cluster.data),
            *("--mode", how, "--wait", "--log", "/dev/null"),
        ]
    )
    assert done.returncode == 0, done.stdout + done.stderr
    while not (server := live_server(cluster.data)) or not server.ready:
        time.sleep(0.05)
    assert server.port == before.port
