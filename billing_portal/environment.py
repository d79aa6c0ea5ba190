"""Typed readers of environment variables: each is read once, by settings.py.

A value that cannot be used raises ImproperlyConfigured with the variable's name and what is
allowed, so that a typing error stops the start instead of changing a bill.
A secret may also come from a file named by NAME_FILE (container secrets).
"""

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_environment = environ.FileAwareEnv()
_TRUE = ("true", "1", "yes", "on")
_FALSE = ("false", "0", "no", "off")

names_read: set[str] = set()


def load_env_file(path: str) -> None:
    """Take variables from an .env file; what the process already has wins.

    A file that is asked for by ENV_FILE must be there.
    """
    if "ENV_FILE" in os.environ and not Path(path).is_file():
        raise ImproperlyConfigured(f"ENV_FILE is {path!r}; there is no such file.")
    environ.Env.read_env(path, overwrite=False)


def text(name: str, default: str = "") -> str:
    """The value as written, without surrounding blanks; a secret when NAME_FILE is used."""
    names_read.add(name)
    try:
        # Not Env.str(): it takes a value that begins with $ for the name of another variable.
        return str(_environment.ENVIRON.get(name, default)).strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise ImproperlyConfigured(f"{name}_FILE cannot be read: it is not UTF-8.") from None


def choice(name: str, allowed: tuple[str, ...], default: str) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}; allowed: {', '.join(allowed)}.")
    return value


def flag(name: str, default: bool) -> bool:
    value = text(name, str(default)).lower()
    if value not in _TRUE + _FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}; allowed: true, false.")
    return value in _TRUE


def number(name: str, default: int, *, low: int, high: int) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise ImproperlyConfigured(
            f"{name} is {value!r}; allowed: a whole number from {low} to {high}."
        )
    return int(value)


def words(name: str, default: str) -> list[str]:
    """A comma-separated list; blanks around the entries do not count."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str, default: str = "") -> list[IPv4Network | IPv6Network]:
    """A comma-separated list of networks such as 10.0.0.0/8; an address alone is one, too."""
    try:
        return [ip_network(word) for word in words(name, default)]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} is not a list of networks ({error}); allowed: such as 10.0.0.0/8,::1."
        ) from None


def url(name: str, schemes: tuple[str, ...], default: str = "") -> str:
    """An address without a trailing slash; messages never repeat it (passwords)."""
    value = text(name, default).rstrip("/")
    try:
        parts = urlsplit(value)
        # Reading the port refuses one that is no number, which may be half of a password.
        has_host = bool(parts.hostname) or parse_qs(parts.query).get("host")
        usable = not value or (parts.scheme in schemes and bool(has_host) and parts.port != 0)
    except ValueError:
        usable = False
    if not usable:
        allowed = " or ".join(f"{scheme}://host..." for scheme in schemes)
        raise ImproperlyConfigured(f"{name} is not a usable address; allowed: {allowed}.")
    return value


def database(address: str | None) -> dict[str, object]:
    """Django's settings for a postgresql:// address; without one, a backend that says so.

    Commands that need no database (help, check without --database) then still work.
    """
    if not address:
        return {"ENGINE": "billing_portal.no_database"}
    settings: dict[str, object] = environ.Env.db_url_config(address)
    if not settings.get("NAME"):
        raise ImproperlyConfigured(
            "DATABASE_URL names no database; allowed: postgresql://user:password@host:port/database."
        )
    return settings | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "billing-portal",
            "connect_timeout": 5,
            # A machine that is gone without a word must not hold a lock for hours.
            "options": "-c tcp_keepalives_idle=60 -c tcp_keepalives_interval=10 "
            "-c tcp_keepalives_count=3",
            # And a server that is gone must not be waited for that long.
            "keepalives_idle": 60,
            "keepalives_interval": 10,
            "keepalives_count": 3,
        }
        | dict(settings.get("OPTIONS", {})),  # type: ignore[call-overload]
    }
