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


# What a connector's settings may show; what another one holds is nobody's to say beforehand.
_SHOWN_SETTINGS = frozenset(
    {
        "name", "connector.class", "tasks.max", "kafka.auth.mode", "kafka.service.account.id",
        "kafka.topic", "topics", "topics.regex", "topic.prefix", "cloud.environment",
        "cloud.provider", "kafka.region", "input.data.format", "output.data.format",
        "time.interval", "errors.tolerance", "quickstart",
    }
)  # fmt: skip


def connector_without_secrets(document: Any) -> Any:
    """A connector's document with known settings only, and without what its tasks complain of."""
    kept = without_secrets(document)
    config = kept.get("info", {}).get("config") if isinstance(kept.get("info"), dict) else None
    if isinstance(config, dict):
        for name in config.keys() - _SHOWN_SETTINGS:
            config[name] = MASK
    _mask_traces(kept.get("status"))
    return kept


def _mask_traces(value: Any) -> None:
    """Stack traces quote addresses, headers and answers of others."""
    if isinstance(value, list):
        for item in value:
            _mask_traces(item)
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "trace" and item:
                value[name] = MASK
            else:
                _mask_traces(item)


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
