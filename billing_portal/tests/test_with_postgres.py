"""The embedded PostgreSQL, with real servers in a folder of the test's own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from billing_portal.postgres_binaries import PROJECT, find_programs, reachable, server_account
from billing_portal.postgres_cluster import Cluster, live_server
from billing_portal.with_postgres import running_url

CLUSTER = Cluster("demo")
SAY_URL = [sys.executable, "-c", "import os; print(os.environ['DATABASE_URL'])"]
SLEEP = ["sh", "-c", "echo up; exec sleep 60"]


@pytest.fixture(scope="module")
def folder():
    """Root's own temporary folders are closed to the user who runs the server."""
    path = Path(tempfile.mkdtemp(prefix="with-postgres-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(autouse=True)
def surroundings(folder, monkeypatch):
    for name in ("DATABASE_URL", "DATABASE_URL_FILE", "EMBEDDED_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ENV_FILE", "")
    monkeypatch.setenv("PORTAL_DATA_DIR", str(folder))
    yield
    assert live_server(CLUSTER.data) is None, "a test left a server running"


def begin(*words: str, name: str = CLUSTER.name) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "billing_portal.with_postgres", "--name", name, *words],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def end(wrapper: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for it: exit code, what it printed, what it said."""
    printed, said = wrapper.communicate(timeout=30)
    return wrapper.returncode, printed.strip(), said


def begin_sleep() -> subprocess.Popen[str]:
    wrapper = begin(*SLEEP)
    assert wrapper.stdout
    assert wrapper.stdout.readline() == "up\n"
    return wrapper


def wait_until_it_runs() -> str:
    deadline = time.monotonic() + 10
    while (url := running_url(CLUSTER.name)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return url


def test_it_starts_nothing_when_the_environment_names_a_database(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")

    assert end(begin(*SAY_URL, name="unused")) == (0, "postgresql://elsewhere/db", "")
    assert not Cluster("unused").folder.exists()


def test_it_starts_nothing_when_the_env_file_names_a_database(monkeypatch, tmp_path):
    env_file = tmp_path / ".env"
    env_file.write_text("API_PORT=1\nDATABASE_URL='postgresql://elsewhere/db'\n")
    monkeypatch.setenv("ENV_FILE", str(env_file))

    code, _, said = end(begin(name="unused"))

    assert (code, said) == (
        0,
        "with_postgres: DATABASE_URL is set, so there is nothing to start\n",
    )
    assert not Cluster("unused").folder.exists()


def test_it_passes_on_the_exit_code_and_stops_the_server():
    question = (
        "import os, psycopg2\n"
        "with psycopg2.connect(os.environ['DATABASE_URL']) as connection:\n"
        "    cursor = connection.cursor()\n"
        "    cursor.execute('SELECT current_database(), current_user')\n"
        "    print(*cursor.fetchone())\n"
        "    cursor.execute('SHOW timezone')\n"
        "    print(*cursor.fetchone())\n"
        "connection.close()\n"
        "raise SystemExit(7)\n"
    )

    code, printed, _ = end(begin(sys.executable, "-c", question))

    assert (code, printed) == (7, "billing_db billing_user\nUTC")
    assert live_server(CLUSTER.data) is None
    assert running_url(CLUSTER.name) is None


ADDRESS = "import os; print(os.environ['DATABASE_URL'])"


def test_it_has_the_same_address_again_so_that_others_find_it():
    first = end(begin(sys.executable, "-c", ADDRESS))

    assert end(begin(sys.executable, "-c", ADDRESS)) == first


def test_it_leaves_a_port_to_who_took_it_meanwhile():
    _, before, _ = end(begin(sys.executable, "-c", ADDRESS))
    with socket.create_server(("127.0.0.1", urlsplit(before).port or 0)):
        code, after, _ = end(begin(sys.executable, "-c", ADDRESS))

    assert code == 0
    assert urlsplit(after).port != urlsplit(before).port


def test_it_says_which_command_it_cannot_run():
    code, _, said = end(begin("./no-such-program"))

    assert code == 127
    assert "cannot run ./no-such-program: No such file or directory" in said


def test_it_says_where_the_database_is_but_not_the_password():
    keeper = begin()
    url = wait_until_it_runs()
    keeper.send_signal(signal.SIGINT)

    code, printed, said = end(keeper)

    assert (code, printed) == (0, "")
    assert url.rpartition("@")[2].partition("/")[0] in said
    assert CLUSTER.password() not in said
    assert CLUSTER.password() in url


def test_it_keeps_the_address_to_its_owner():
    keeper = begin_sleep()
    modes = {
        path.name: path.stat().st_mode & 0o777
        for path in (CLUSTER.facts, CLUSTER.folder / "password", CLUSTER.log, CLUSTER.data)
    }
    os.killpg(keeper.pid, signal.SIGTERM)
    end(keeper)

    assert modes == {"runtime.json": 0o600, "password": 0o600, "postgres.log": 0o600, "data": 0o700}


def test_it_uses_a_running_server_and_leaves_it_running():
    keeper = begin()
    url = wait_until_it_runs()

    assert end(begin(*SAY_URL)) == (0, url, "")
    assert running_url(CLUSTER.name) == url

    keeper.terminate()
    assert end(keeper)[0] == 0


def test_it_starts_one_server_for_commands_that_start_together():
    both = [begin("sh", "-c", 'echo "$DATABASE_URL"; sleep 0.7') for _ in range(2)]

    (code, url, _), (other_code, other_url, _) = map(end, both)

    assert (code, other_code) == (0, 0)
    assert url == other_url


def test_it_adopts_and_stops_the_server_of_a_killed_process():
    killed = begin()
    url = wait_until_it_runs()
    killed.kill()
    end(killed)
    assert running_url(CLUSTER.name) == url

    code, printed, said = end(begin(*SAY_URL))

    assert (code, printed) == (0, url)
    assert "taking over the server" in said
    assert live_server(CLUSTER.data) is None


def test_it_leaves_nothing_running_after_ctrl_c():
    wrapper = begin_sleep()
    os.killpg(wrapper.pid, signal.SIGINT)

    assert end(wrapper)[0] == 128 + signal.SIGINT
    assert live_server(CLUSTER.data) is None


def test_it_passes_a_termination_on_to_the_command():
    wrapper = begin_sleep()
    wrapper.terminate()

    assert end(wrapper)[0] == 128 + signal.SIGTERM
    assert live_server(CLUSTER.data) is None


def test_it_starts_after_a_crash_whose_pid_another_program_has_now():
    wrapper = begin_sleep()
    pid_file = CLUSTER.data / "postmaster.pid"
    text = pid_file.read_text()
    os.killpg(wrapper.pid, signal.SIGTERM)
    end(wrapper)
    pid_file.write_text(text.replace(text.partition("\n")[0], str(os.getpid()), 1))
    pid_file.chmod(0o600)
    server_account().own(pid_file)

    assert live_server(CLUSTER.data) is None
    assert end(begin("true"))[0] == 0


def test_it_redoes_an_initdb_that_was_killed():
    cluster = Cluster("test")
    remains = cluster.folder / "data.new-killed"
    remains.mkdir(parents=True)
    cluster.folder.chmod(0o711)
    (remains / "PG_VERSION").write_text("15\n")

    assert end(begin("true", name="test"))[0] == 0
    assert not remains.exists()
    assert (cluster.data / "PG_VERSION").exists()


def test_it_says_what_to_do_about_broken_data():
    cluster = Cluster("broken")
    assert end(begin("true", name="broken"))[0] == 0
    (cluster.data / "global" / "pg_control").unlink()

    code, _, said = end(begin("true", name="broken"))

    assert code == 1
    assert "pg_control" in said
    assert "--name broken --remove" in said

    _, _, said = end(begin("--remove", name="broken"))
    assert said == f"with_postgres: removed {cluster.folder}\n"
    assert not cluster.folder.exists()


def test_it_finds_no_programs_that_are_too_old(monkeypatch, tmp_path):
    monkeypatch.setenv("PORTAL_POSTGRES_BIN", str(fake_programs(tmp_path, "14.9")))

    assert find_programs() is None
    code, _, said = end(begin("true", name="test"))
    assert (code, "No PostgreSQL 15 or newer was found" in said) == (1, True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_it_copies_a_wheel_that_the_servers_user_cannot_reach(monkeypatch, tmp_path, folder):
    tmp_path.chmod(0o700)
    monkeypatch.setenv("PORTAL_POSTGRES_BIN", str(fake_programs(tmp_path, "99.1")))
    (tmp_path / "package.libs").mkdir()
    (tmp_path / "package.libs" / "libpq.so").touch()
    programs = find_programs()
    assert programs

    copied = reachable(programs, server_account(), folder)

    assert copied.folder == folder / "postgresql-99.1" / "package" / "pginstall" / "bin"
    assert (folder / "postgresql-99.1" / "package.libs" / "libpq.so").exists()
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def fake_programs(tmp_path: Path, version: str) -> Path:
    programs = tmp_path / "package" / "pginstall" / "bin"
    programs.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        (programs / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
        (programs / name).chmod(0o755)
    return programs
