"""The embedded cluster: its folder, its server, and what is true about them right now.

Whether a server runs is always read from PostgreSQL's own postmaster.pid and from the process
itself; runtime.json only repeats it, with the address, for the settings.
"""

# Programs and arguments below are ours.
# ruff: noqa: S603

import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from billing_portal.postgres_binaries import (
    PROJECT,
    Account,
    PostgresError,
    Programs,
    environment,
    variable,
)

HOST = "127.0.0.1"
USER = "billing_user"
DATABASE = "billing_db"
SECONDS_TO_START = 120  # recovery after a crash may take a while
SECONDS_TO_STOP = 60

SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A laptop's share of memory, taken as it is used. A table is cached whole only up to a quarter
    # of it: enough for a year of the sums by resource of a large bill.
    "shared_buffers": "512MB",
    # A year's collection writes in bursts; fewer checkpoints while it does.
    "max_wal_size": "2GB",
    # The reports take milliseconds; compiling them first takes longer than that.
    "jit": "off",
}
# Clusters whose content can be made again: speed is worth more than surviving a power cut.
DISPOSABLE = ("demo", "test")
DISPOSABLE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Server:
    """A live server, as its postmaster.pid describes it."""

    pid: int
    port: int
    ready: bool


@dataclass(frozen=True)
class Cluster:
    name: str

    @property
    def folder(self) -> Path:
        return base_folder() / self.name

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "postgres.log"

    @property
    def facts(self) -> Path:
        return self.folder / "runtime.json"

    @property
    def disposable(self) -> bool:
        return self.name in DISPOSABLE

    def password(self) -> str:
        try:
            return (self.folder / "password").read_text()
        except FileNotFoundError:
            raise PostgresError(f"The password of {self.data} is lost.\n{self.advice()}") from None

    def url(self, port: int, database: str = DATABASE) -> str:
        return f"postgresql://{USER}:{self.password()}@{HOST}:{port}/{database}"

    def advice(self) -> str:
        command = f"python -m billing_portal.with_postgres --name {self.name} --remove"
        return f"To start over with an empty database (this deletes its data): {command}"


def running_url(name: str) -> str | None:
    """The address of the embedded server if it runs; used by the settings, starts nothing."""
    cluster = Cluster(name)
    try:
        facts = json.loads(cluster.facts.read_text())
        server = live_server(cluster.data)
        agree = server and (server.pid, server.port) == (facts["postmaster_pid"], facts["port"])
        return str(facts["url"]) if agree else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def live_server(data: Path) -> Server | None:
    """None when no server runs on this data, also if a crash left its postmaster.pid behind."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        ready = "".join(lines[7:8]).strip() == "ready"
        server = Server(pid=int(lines[0]), port=int(lines[3]), ready=ready)
    except (OSError, ValueError, IndexError):
        return None
    return server if _is_ours(server, data) else None


def _is_ours(server: Server, data: Path) -> bool:
    """After a crash of the machine the pid may be another program's by now."""
    if Path("/proc/self").exists():
        try:
            words = Path(f"/proc/{server.pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return os.fsencode(data) in words
    try:
        os.kill(server.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    with closing(socket.socket()) as probe:
        return not server.ready or probe.connect_ex((HOST, server.port)) == 0


# --- Folders and locks -----------------------------------------------------------------------


def base_folder() -> Path:
    """Where this project's clusters live; for root, where the server's own user can reach them."""
    if override := variable("PORTAL_DATA_DIR"):
        return Path(override).expanduser().resolve()
    if os.geteuid() != 0:
        return PROJECT / ".data"
    parent = Path("/var/lib" if os.access("/var/lib", os.W_OK) else "/var/tmp")  # noqa: S108
    project = hashlib.sha256(os.fsencode(PROJECT)).hexdigest()[:8]
    return parent / "confluent-billing-portal" / project


def make_folder(path: Path, mode: int) -> None:
    """Create what is missing, whatever the umask; folders that exist stay as they are."""
    if path.is_dir():
        if path.stat().st_uid != os.geteuid():
            raise PostgresError(f"{path} belongs to another user; remove it, or run as that user.")
        return
    if not path.parent.is_dir():
        make_folder(path.parent, mode)
    path.mkdir(exist_ok=True)
    path.chmod(mode)


def write_private(path: Path, text: str) -> None:
    """Readable by its owner only, and never seen half written."""
    handle, new = tempfile.mkstemp(prefix=f"{path.name}.new-", dir=path.parent)  # is 0600
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(new).replace(path)


# --- The server ------------------------------------------------------------------------------


def initialise(cluster: Cluster, programs: Programs, account: Account) -> None:
    """Make the data beside its place and move it there when it is whole.

    A killed initdb thus leaves nothing that looks like data; its remains go with the next try.
    """
    for remains in cluster.folder.glob("*.new-*"):
        if remains.is_dir():
            shutil.rmtree(remains, ignore_errors=True)
        else:
            remains.unlink()
    password = secrets.token_urlsafe(24)
    unfinished = Path(tempfile.mkdtemp(prefix="data.new-", dir=cluster.folder))
    handle, name = tempfile.mkstemp(prefix="password.new-", dir=cluster.folder)
    password_file = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(password)
        account.own(unfinished)
        account.own(password_file)
        made = account.run(
            [
                programs.folder / "initdb",
                f"--pgdata={unfinished}",
                f"--username={USER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                *(["--no-sync"] if cluster.disposable else []),
            ]
        )
    finally:
        password_file.unlink()
    if made.returncode != 0:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise PostgresError(f"initdb could not make {cluster.data}:\n{made.stderr.strip()}")
    write_private(cluster.folder / "password", password)
    unfinished.rename(cluster.data)


def start_server(
    cluster: Cluster, programs: Programs, account: Account
) -> tuple[subprocess.Popen[bytes], Server]:
    _disown_stale_pid(cluster.data)
    for _attempt in range(5):
        process = _launch(cluster, programs, account)
        if server := _wait_until_ready(cluster, process):
            return process, server
        if "could not create any TCP/IP sockets" not in end_of_log(cluster):
            break  # else: another program was faster to take the free port
    raise PostgresError(
        f"PostgreSQL {programs.version} did not start. Its last words, in {cluster.log}:\n"
        f"{end_of_log(cluster)}\n{cluster.advice()}"
    )


def _launch(cluster: Cluster, programs: Programs, account: Account) -> subprocess.Popen[bytes]:
    settings = SETTINGS | {"port": str(_port(cluster))}
    settings |= DISPOSABLE_SETTINGS if cluster.disposable else {}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    if cluster.log.exists():
        cluster.log.replace(cluster.log.with_suffix(".log.1"))
    with cluster.log.open("wb") as log:
        cluster.log.chmod(0o600)
        return subprocess.Popen(
            [programs.folder / "postgres", "-D", cluster.data, *options],
            user=account.uid,
            group=account.gid,
            extra_groups=[] if account.uid is not None else None,
            cwd="/",
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C in the terminal must not reach it before the command has ended.
            start_new_session=True,
        )


def _wait_until_ready(cluster: Cluster, process: subprocess.Popen[bytes]) -> Server | None:
    deadline = time.monotonic() + SECONDS_TO_START
    while process.poll() is None:
        if (server := live_server(cluster.data)) and server.ready:
            return server
        if time.monotonic() > deadline:
            process.send_signal(signal.SIGINT)
            process.wait()
        time.sleep(0.02)
    return None


def stop_server(cluster: Cluster) -> None:
    """PostgreSQL's fast mode: open sessions are ended, nothing committed is lost."""
    for how in (signal.SIGINT, signal.SIGQUIT):
        if server := live_server(cluster.data):
            with suppress(ProcessLookupError):
                os.kill(server.pid, how)
        deadline = time.monotonic() + SECONDS_TO_STOP
        while live_server(cluster.data) and time.monotonic() < deadline:
            time.sleep(0.02)
    cluster.facts.unlink(missing_ok=True)


def create_database(cluster: Cluster, server: Server) -> None:
    """Also the proof that the server answers to the password that we keep."""
    import psycopg2  # the portal's own driver; everything else here needs Python only

    address = cluster.url(server.port, "postgres")
    try:
        with closing(psycopg2.connect(address, sslmode="disable")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg2.Error as error:
        message = f"The server in {cluster.folder} cannot be used: {str(error).strip()}"
        raise PostgresError(f"{message}\n{cluster.advice()}") from error


def end_of_log(cluster: Cluster) -> str:
    try:
        lines = cluster.log.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return ""
    return "\n".join(f"  {line}" for line in lines[-8:])


def _port(cluster: Cluster) -> int:
    """That of the last time, so that what still runs finds the server again, or any free one."""
    with suppress(OSError), closing(socket.socket()) as probe:
        # As PostgreSQL does: connections that were closed a moment ago do not hold the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, _last_port(cluster)))
        return int(probe.getsockname()[1])
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _last_port(cluster: Cluster) -> int:
    """As the server keeps its own command line; 0 for none."""
    try:
        options = (cluster.data / "postmaster.opts").read_text()
    except OSError:
        return 0
    found = re.search(r'"port=(\d+)"', options)
    return int(found[1]) if found else 0


def _disown_stale_pid(data: Path) -> None:
    """After a crash another program may have the pid in postmaster.pid, and PostgreSQL gives up.

    The file stays, with a pid that cannot exist: PostgreSQL then still refuses to start while
    remains of the old server hold its shared memory.
    """
    pid_file = data / "postmaster.pid"
    if pid_file.exists():
        _pid, _, rest = pid_file.read_text().partition("\n")
        pid_file.write_text(f"{2**31 - 1}\n{rest}")
