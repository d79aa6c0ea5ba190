"""Stands in while no database is configured: says what to do at the first use, not before."""

from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.dummy import base


def explain(*_: Any, **__: Any) -> NoReturn:
    raise ImproperlyConfigured(
        "There is no database: DATABASE_URL is not set and the project's own PostgreSQL is not "
        "running. Run `make db` in another terminal, or set DATABASE_URL."
    )


class DatabaseOperations(base.DatabaseOperations):
    quote_name = explain


class DatabaseWrapper(base.DatabaseWrapper):
    _cursor = explain
    ensure_connection = explain
    ops_class = DatabaseOperations
