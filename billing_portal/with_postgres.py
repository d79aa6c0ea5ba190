"""Run a command with a PostgreSQL of the project's own, unless DATABASE_URL names another.

    python -m billing_portal.with_postgres [--name portal] [COMMAND ...]

Whoever starts the server stops it when COMMAND has ended; without COMMAND it runs until Ctrl-C.
PORTAL_DATA_DIR moves the data; PORTAL_POSTGRES_BIN names the folder of PostgreSQL's programs.

Two locks in the cluster's folder hold it together: `change.lock` while the server is started or
stopped, `owner.lock` for as long as the process lives that will stop the server. The kernel drops
them when their process dies, however it dies, so that nothing is ever left locked.
"""

# The command below is the operator's own command line.
# ruff: noqa: S603, S606

import argparse
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO

from billing_portal.postgres_binaries import (
    WHAT_TO_INSTALL,
    PostgresError,
    Programs,
    find_programs,
    reachable,
    server_account,
    variable,
)
from billing_portal.postgres_cluster import (
    DATABASE,
    HOST,
    SECONDS_TO_START,
    USER,
    Cluster,
    Server,
    base_folder,
    create_database,
    initialise,
    live_server,
    make_folder,
    running_url,
    start_server,
    stop_server,
    write_private,
)

__all__ = ["main", "running_url"]


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    try:
        if options.find:
            return _find()
        if options.remove:
            return _remove([options.name] if options.name else _our_names())
        if variable("DATABASE_URL") or variable("DATABASE_URL_FILE"):
            return _without_embedded(options.command)
        name = options.name or variable("EMBEDDED_DATABASE") or "portal"
        return _with_embedded(Cluster(name), options.command)
    except (PostgresError, OSError) as error:
        say(str(error))
        return 1


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m billing_portal.with_postgres",
        description="Run COMMAND with the project's own PostgreSQL, unless DATABASE_URL is set.",
        allow_abbrev=False,
    )
    parser.add_argument("--name", type=_name, help="which database: portal (default), demo, test")
    parser.add_argument("--find", action="store_true", help="print where PostgreSQL's programs are")
    parser.add_argument("--remove", action="store_true", help="stop and delete the databases")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    options = parser.parse_args(arguments)
    if options.command[:1] == ["--"]:
        del options.command[0]
    return options


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", text):
        raise argparse.ArgumentTypeError("small letters, digits, - and _ only")
    return text


def say(message: str) -> None:
    sys.stderr.write(f"with_postgres: {message}\n")
    sys.stderr.flush()


def _find() -> int:
    programs = find_programs()
    if programs:
        sys.stdout.write(f"{programs.folder}\n")
    return 0 if programs else 1


# --- Running the command ---------------------------------------------------------------------


def _without_embedded(command: list[str]) -> int:
    if not command:
        say("DATABASE_URL is set, so there is nothing to start")
        return 0
    try:
        os.execvp(command[0], command)
    except OSError as error:
        return _cannot_run(command, error)


def _with_embedded(cluster: Cluster, command: list[str]) -> int:
    signals = Signals()
    keeper = Keeper(cluster)
    try:
        keeper.acquire()
        if signals.received:
            return 128 + signals.received
        return _run(command, keeper, signals) if command else _serve(keeper, signals)
    finally:
        keeper.release()


def _run(command: list[str], keeper: "Keeper", signals: "Signals") -> int:
    try:
        child = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": keeper.url})
    except OSError as error:
        return _cannot_run(command, error)
    signals.forward_to(child)
    code = child.wait()
    return code if code >= 0 else 128 - code


def _serve(keeper: "Keeper", signals: "Signals") -> int:
    say(
        f"database {DATABASE} listens on {HOST}:{keeper.port} as {USER}; manage.py finds it by "
        f"itself while this runs; its address with the password is in {keeper.cluster.facts}; "
        + ("Ctrl-C stops it" if keeper.is_owner else "another process keeps it")
    )
    while not signals.received:
        if not keeper.is_running():
            raise PostgresError(f"The server has stopped; {keeper.cluster.log} may say why.")
        time.sleep(0.2)
    return 0


def _cannot_run(command: list[str], error: OSError) -> int:
    say(f"cannot run {command[0]}: {error.strerror}")
    return 127


class Signals:
    """No signal may end this process before it has stopped its server.

    Ctrl-C reaches the command by itself, as it is in the same process group; the others are
    forwarded. The handler is a function, not SIG_IGN, which the command would inherit.
    """

    def __init__(self) -> None:
        self.received = 0
        self._child: subprocess.Popen[bytes] | None = None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._handle)

    def forward_to(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child
        if self.received not in (0, signal.SIGINT):
            child.send_signal(self.received)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self.received = number
        if self._child and number != signal.SIGINT:
            self._child.send_signal(number)


# --- Keeping the server ----------------------------------------------------------------------


class Keeper:
    """Makes sure that a cluster's server runs, and stops it at the end if that is ours to do."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.url = ""
        self.port = 0
        self._account = server_account()
        self._owner_lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_owner(self) -> bool:
        return self._owner_lock is not None

    def acquire(self) -> None:
        """1. become the owner if nobody is  2. find or start the server  3. write where it is."""
        self._prepare_folder()
        with _held(self.cluster.folder / "change.lock"):
            self._owner_lock = _try_to_hold(self.cluster.folder / "owner.lock")
            try:
                server = self._find() or self._start()
                self.port, self.url = server.port, self.cluster.url(server.port)
                if self.is_owner:
                    self._write_facts(server)
            except BaseException:
                self._stop()
                raise

    def release(self) -> None:
        if self.is_owner and self.cluster.folder.is_dir():
            with _held(self.cluster.folder / "change.lock"):
                self._stop()

    def is_running(self) -> bool:
        if self._process:
            self._process.poll()
        return live_server(self.cluster.data) is not None

    def _prepare_folder(self) -> None:
        folder, account = self.cluster.folder, self._account
        if (tried := account.run(["true"])).returncode != 0:
            raise PostgresError(
                f"PostgreSQL does not run as root, and root may not become {account.name} here "
                f"({tried.stderr}); run this as an ordinary user."
            )
        make_folder(folder, 0o700 if account.uid is None else 0o711)
        if not account.may_enter(folder):
            raise PostgresError(
                f"The user {account.name}, as whom root runs PostgreSQL, cannot enter {folder}; "
                "set PORTAL_DATA_DIR to a folder that it can enter."
            )

    def _find(self) -> Server | None:
        """The server that runs already; one on its way up or down is waited for."""
        deadline = time.monotonic() + SECONDS_TO_START
        while (server := live_server(self.cluster.data)) and not server.ready:
            if time.monotonic() > deadline:
                raise PostgresError(f"The server (process {server.pid}) hangs; end it.")
            time.sleep(0.02)
        if server and self.is_owner:
            say(f"taking over the server that a killed process left running ({server.pid})")
        return server

    def _start(self) -> Server:
        if not self.is_owner:
            raise PostgresError(
                f"The server of {self.cluster.name} has stopped, but the process that keeps it "
                "is alive; end that process (Ctrl-C) and try again."
            )
        programs = self._programs()
        if not self.cluster.data.is_dir():
            say(f"making the database in {self.cluster.folder} with PostgreSQL {programs.version}")
            initialise(self.cluster, programs, self._account)
        self._process, server = start_server(self.cluster, programs, self._account)
        create_database(self.cluster, server)
        return server

    def _programs(self) -> Programs:
        """Those that can read the data; data that can be made again give way to newer programs."""
        version = self.cluster.data / "PG_VERSION"
        major = int(version.read_text()) if version.exists() else None
        programs = find_programs(major) or find_programs()
        if programs is None:
            raise PostgresError(WHAT_TO_INSTALL)
        if major not in (None, programs.major):
            if not self.cluster.disposable:
                raise PostgresError(
                    f"The data in {self.cluster.data} need PostgreSQL {major}, but only "
                    f"{programs.version} was found; install {major}.\n{self.cluster.advice()}"
                )
            shutil.rmtree(self.cluster.data)
        return reachable(programs, self._account, base_folder())

    def _write_facts(self, server: Server) -> None:
        facts = {
            "url": self.url,
            "port": server.port,
            "postmaster_pid": server.pid,
            "owner_pid": os.getpid(),
        }
        write_private(self.cluster.facts, json.dumps(facts, indent=1))

    def _stop(self) -> None:
        if self._owner_lock is None:
            return
        stop_server(self.cluster)
        if self._process:
            self._process.wait()
        self._owner_lock.close()
        self._owner_lock = None


@contextmanager
def _held(path: Path) -> Iterator[None]:
    path.touch(mode=0o600)  # who can open a lock can hold it
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _try_to_hold(path: Path) -> IO[str] | None:
    """The lock, held until it is closed; None if another live process has it."""
    path.touch(mode=0o600)
    lock = path.open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


# --- Removing --------------------------------------------------------------------------------


def _our_names() -> list[str]:
    """A folder is ours if it has our lock; others in PORTAL_DATA_DIR are left alone."""
    return sorted(path.parent.name for path in base_folder().glob("*/owner.lock"))


def _remove(names: list[str]) -> int:
    for cluster in map(Cluster, names):
        if (cluster.folder / "owner.lock").exists():
            with _held(cluster.folder / "change.lock"):
                stop_server(cluster)
                shutil.rmtree(cluster.folder)
            say(f"removed {cluster.folder}")
    if not _our_names():
        _remove_copies()
    return 0


def _remove_copies() -> None:
    """What is left when the last database is gone: copied programs, empty folders of ours."""
    base = base_folder()
    for copied in base.glob("postgresql-*"):
        shutil.rmtree(copied)
        say(f"removed {copied}")
    with suppress(OSError):  # not there, or not empty
        base.rmdir()
        if base.parent.name == "confluent-billing-portal":
            base.parent.rmdir()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
