"""Secrets in what Confluent lists: a connector's configuration may hold passwords of others."""

import re
from typing import Any

MASK = "****"

# Rather one harmless setting too many than one password in the database.
_SECRET_NAME = re.compile(
    r"passw|passphrase|pwd|secret|token|credential|key|jaas|authorization|header|cert|sas\b"
    r"|connection\.string|webhook|dsn",
    re.IGNORECASE,
)
_USER_OF_URL = re.compile(r"(?:(?<=://)[^/@\s]+|(?<=:thin:)[^@\s]+)@")
_ASSIGNED = re.compile(
    r"((?:passw(?:or)?d|pwd|secret|token|key|signature|sig)[\"']?\s*[=:]\s*)[^;&,\s]+",
    re.IGNORECASE,
)


def without_secrets(value: Any) -> Any:
    """The same document with a mask in the place of whatever looks like a secret.

    Told by the name of a setting, and inside texts by `name=value` and by the user of an URL.
    """
    if isinstance(value, dict):
        return {
            name: MASK if _is_secret(name, item) else without_secrets(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(item) for item in value]
    if isinstance(value, str):
        return _ASSIGNED.sub(rf"\1{MASK}", _USER_OF_URL.sub(f"{MASK}@", value))
    return value


def _is_secret(name: str, item: Any) -> bool:
    """Whether a setting is to be masked; a connector may itself be called "secrets-to-s3"."""
    return bool(_SECRET_NAME.search(name)) and not isinstance(item, dict | list)
