"""Let the role that dashboards read with log in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import encrypt_password

ROLE = "grafana_reader"

_CREATE = f"CREATE ROLE {ROLE}"
# A panel that takes longer than this helps nobody; the data source has at most 10 connections.
_LIMITS = (
    f"ALTER ROLE {ROLE} LOGIN CONNECTION LIMIT 30",
    f"ALTER ROLE {ROLE} SET default_transaction_read_only = on",
    f"ALTER ROLE {ROLE} SET statement_timeout = '30s'",
    f"ALTER ROLE {ROLE} SET idle_in_transaction_session_timeout = '60s'",
    f"ALTER ROLE {ROLE} SET timezone = 'UTC'",
    # A year of a large bill is grouped in memory.
    f"ALTER ROLE {ROLE} SET work_mem = '64MB'",
    f"ALTER ROLE {ROLE} SET search_path = reporting, public",
)
_GRANTS = (
    f"GRANT USAGE ON SCHEMA reporting TO {ROLE}",
    f"GRANT SELECT ON ALL TABLES IN SCHEMA reporting TO {ROLE}",
    f"ALTER DEFAULT PRIVILEGES IN SCHEMA reporting GRANT SELECT ON TABLES TO {ROLE}",
)


class Command(BaseCommand):
    help = (
        f"Give the role {ROLE} the password of GRAFANA_READER_PASSWORD, its limits (read only, "
        "UTC, 30 seconds a query), and the right to read what dashboards show. Again changes "
        "nothing but the password. Where the portal's database user may not make roles, an "
        "administrator's role is used as it is."
    )

    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.GRAFANA_READER_PASSWORD:
            raise CommandError("GRAFANA_READER_PASSWORD is not set; dashboards log in with it.")
        if _may_log_in() is None and not _allowed(_CREATE):
            raise CommandError(_for_an_administrator())
        with connection.cursor() as cursor:
            for statement in _GRANTS:
                cursor.execute(statement)
        if _allowed(*_LIMITS, f"ALTER ROLE {ROLE} PASSWORD '{_scrambled()}'"):
            said = f"{ROLE} may log in and read what dashboards show."
        elif _may_log_in():
            said = f"{ROLE} reads what dashboards show; its password is an administrator's."
        else:
            raise CommandError(_for_an_administrator())
        if options["verbosity"]:
            self.stdout.write(said)


def _may_log_in() -> bool | None:
    """None: there is no such role."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [ROLE])
        row = cursor.fetchone()
    return bool(row[0]) if row else None


def _allowed(*statements: str) -> bool:
    """Execute them all; False, and none of them done, if the database user may not."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    except ProgrammingError as error:
        if isinstance(error.__cause__, InsufficientPrivilege):
            return False
        raise
    return True


def _for_an_administrator() -> str:
    return (
        f"The portal's database user may not make or change the role {ROLE}. Let an administrator "
        "of the server run this and give it the password of GRAFANA_READER_PASSWORD:\n"
        + ";\n".join([_CREATE, *_LIMITS])
        + ";"
    )


def _scrambled() -> str:
    """The password as the server stores it: the words themselves are in no statement or log."""
    connection.ensure_connection()
    return encrypt_password(
        settings.GRAFANA_READER_PASSWORD, ROLE, connection.connection, "scram-sha-256"
    )
