"""The commands of the containers, started without containers: each is healthy by its own check."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from billing_portal.tests.test_containers import DEVELOPMENT
from collector.tests.processes import database_url, free_port
from costs.tests.billed import two_companies

SERVICES = ("app", "worker", "worker-long", "beat")


def environment(redis_url):
    own = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "DATABASE_URL": database_url(),
        "REDIS_URL": redis_url,
        "ENV_FILE": "",
        "API_HOST": "127.0.0.1",
        "API_PORT": str(free_port()),
        "SCHEDULER_ENABLED": "true",
        "HOURLY_JOB_ENABLED": "true",
    }
    return os.environ | own


@contextmanager
def started(service, variables):
    process = subprocess.Popen(
        DEVELOPMENT["services"][service]["command"],
        cwd=settings.BASE_DIR,
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def is_healthy(service, variables):
    kind, *command = DEVELOPMENT["services"][service]["healthcheck"]["test"]
    assert kind == "CMD"
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=variables, capture_output=True)
    return done.returncode == 0


@pytest.mark.usefixtures("committed")
def test_each_service_becomes_healthy(redis_server):
    variables = environment(redis_server.url)
    call_command("prepare_database", verbosity=0)
    assert [service for service in SERVICES if is_healthy(service, variables)] == []

    with ExitStack() as stack:
        for service in SERVICES:
            stack.enter_context(started(service, variables))
        waiting, deadline = {*SERVICES}, time.monotonic() + 90
        while waiting and time.monotonic() < deadline:
            waiting = {service for service in waiting if not is_healthy(service, variables)}

    assert waiting == set()


@pytest.fixture
def server():
    """What libpq's programs need to log in to the tests' server."""
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed (apt-get install postgresql-client)")
    database = settings.DATABASES["default"]
    return {
        "PATH": os.environ["PATH"],
        "PGHOST": database["HOST"],
        "PGPORT": str(database["PORT"]),
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],
    }


@pytest.fixture
def backup(server, tmp_path):
    def run(**changed):
        script = settings.BASE_DIR / "docker" / "backup.sh"
        own = {"BACKUP_FOLDER": str(tmp_path), "BACKUP_ONCE": "yes"}
        own["PGDATABASE"] = connection.settings_dict["NAME"]
        return subprocess.run(["sh", script], env=server | own | changed, capture_output=True)

    return run


def test_a_failed_backup_leaves_nothing(backup, tmp_path):
    assert backup(PGPASSWORD="wrong").returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_old_dumps_go_and_new_ones_stay(db, backup, tmp_path):
    old = tmp_path / "billing-2026-01-01T000000Z.dump"
    old.touch()
    os.utime(old, (0, 0))

    assert backup().returncode == 0

    (dump,) = tmp_path.iterdir()
    assert dump != old
    assert dump.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("committed")
def test_a_dump_restores_what_was_there(backup, server, tmp_path):
    two_companies()
    assert backup().returncode == 0
    (dump,) = tmp_path.glob("billing-*.dump")
    name = f"restored_{os.getpid()}"

    def program(*words):
        done = subprocess.run(words, env=server, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    program("createdb", name)
    try:
        program("pg_restore", "--clean", "--if-exists", "--no-owner", "--dbname", name, dump)
        total = "SELECT sum(cost_usd)::numeric(20, 2) FROM reporting.daily_costs"
        assert program("psql", "-At", "-d", name, "-c", total) == "307.00"
    finally:
        program("dropdb", name)
