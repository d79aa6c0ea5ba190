"""What an operator can get wrong, each with an id and a hint (`manage.py check`).

portal.E001 weak or default secret key in production
portal.E002 plain http to Confluent, other than to a simulator
portal.W001 no credentials for Confluent
portal.W002 the scheduler is on and has no collection to send, or a job is on without it
portal.E010 PostgreSQL older than 15                (with --database default)
portal.E011 the database's time zone is not UTC     (with --database default)
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

OLDEST_POSTGRESQL = 150_000
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@register(Tags.security)
def check_secret_key(**_: Any) -> list[CheckMessage]:
    weak = settings.SECRET_KEY == settings.DEVELOPMENT_SECRET_KEY or len(settings.SECRET_KEY) < 50
    if not (settings.PRODUCTION and weak):
        return []
    return [
        Error(
            "SECRET_KEY is the development one or shorter than 50 characters.",
            hint="Set SECRET_KEY (or SECRET_KEY_FILE) to 50 or more random characters.",
            id="portal.E001",
        )
    ]


@register(Tags.security)
def check_confluent_url(**_: Any) -> list[CheckMessage]:
    address = urlsplit(settings.CONFLUENT_CLOUD_URL)
    host = str(address.hostname)
    # A name without a dot is a neighbour's in a network of containers.
    is_neighbour = not settings.PRODUCTION and "." not in host
    if address.scheme == "https" or host in _LOOPBACK or is_neighbour:
        return []
    return [
        Error(
            "CONFLUENT_CLOUD_URL is http: the API key would travel unencrypted.",
            hint="Use https; http is for a simulator on this machine or in a container beside it.",
            id="portal.E002",
        )
    ]


@register()
def check_credentials(**_: Any) -> list[CheckMessage]:
    if settings.CONFLUENT_API_KEY and settings.CONFLUENT_API_SECRET:
        return []
    return [
        Warning(
            "CONFLUENT_API_KEY and CONFLUENT_API_SECRET are not both set: nothing to collect with.",
            hint="Make a Cloud API key whose owner has BillingAdmin or OrganizationAdmin; "
            "put both into .env (`make demo` needs none).",
            id="portal.W001",
        )
    ]


@register()
def check_schedule(**_: Any) -> list[CheckMessage]:
    has_job = settings.HOURLY_JOB_ENABLED or settings.DAILY_JOB_ENABLED
    if has_job == settings.SCHEDULER_ENABLED:
        return []
    return [
        Warning(
            "SCHEDULER_ENABLED is true, but neither job is: nothing is collected by itself."
            if settings.SCHEDULER_ENABLED
            else "A job is enabled, but SCHEDULER_ENABLED is not: nothing runs by itself.",
            hint="Set SCHEDULER_ENABLED together with HOURLY_JOB_ENABLED, DAILY_JOB_ENABLED or "
            "both, and run `make scheduler` (or workers and beat).",
            id="portal.W002",
        )
    ]


@register(Tags.database)
def check_database(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Runs with `check --database default` and before `migrate`, when a server is reachable."""
    if not databases or "default" not in databases:
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        (version,) = cursor.fetchone()
        # What a psql or Grafana session gets, not this session (Django sets its own to UTC).
        cursor.execute("SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'")
        (time_zone,) = cursor.fetchone()
    found: list[CheckMessage] = []
    if version < OLDEST_POSTGRESQL:
        found.append(
            Error(
                f"PostgreSQL {version // 10_000} is too old.",
                hint="The portal needs PostgreSQL 15 or newer.",
                id="portal.E010",
            )
        )
    if time_zone not in ("UTC", "Etc/UTC"):
        found.append(
            Error(
                f"The database's time zone is {time_zone}.",
                hint="ALTER DATABASE ... SET timezone TO 'UTC' (or ALTER ROLE): "
                "the bill is in UTC days, and whoever reads the tables must see the same days.",
                id="portal.E011",
            )
        )
    return found
