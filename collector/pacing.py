"""What Confluent says about asking more, and who keeps to it."""

import email.utils
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import requests

# A refusal that names no time, in seconds.
SHORTEST_REFUSAL = 1.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an answer said about asking more; None where it said nothing. Seconds are relative.

    refused_for: the answer was 429, and for how long it asked to wait.
    """

    limit: int | None = None
    remaining: int | None = None
    reset_seconds: float | None = None
    refused_for: float | None = None


class Pace(Protocol):
    """Keeps all who ask with one key within what Confluent allows."""

    def wait_seconds(self) -> float:
        """0 and one request may be made now, or how long to wait before asking here again."""
        ...

    def learn(self, allowance: Allowance | None) -> None:
        """What the answer to that request said; None: there was no answer."""
        ...


class Unpaced:
    """For who asks alone: Confluent says when it is too much."""

    def wait_seconds(self) -> float:
        return 0.0

    def learn(self, allowance: Allowance | None) -> None: ...


def allowance_of(response: requests.Response) -> Allowance:
    """By its headers; X-RateLimit-Reset is relative, in seconds.

    https://docs.confluent.io/cloud/current/api.html#section/Rate-Limiting
    """
    limit = _seconds(response.headers.get("X-RateLimit-Limit", ""))
    remaining = _seconds(response.headers.get("X-RateLimit-Remaining", ""))
    refused_for = None
    if response.status_code == requests.codes.too_many_requests:
        asked = retry_after(response, also_rate_limit=True) or 0.0
        refused_for = max(asked, SHORTEST_REFUSAL)
    return Allowance(
        limit=None if limit is None else int(limit),
        remaining=None if remaining is None else int(remaining),
        reset_seconds=_seconds(response.headers.get("X-RateLimit-Reset", "")),
        refused_for=refused_for,
    )


def retry_after(response: requests.Response, *, also_rate_limit: bool = False) -> float | None:
    """Seconds: Retry-After (a number or a date), else X-RateLimit-Reset, which is relative."""
    asked = response.headers.get("Retry-After", "")
    seconds = _seconds(asked)
    if seconds is None and asked:
        try:
            at = email.utils.parsedate_to_datetime(asked)
            seconds = max(0.0, (at - datetime.now(UTC)).total_seconds())
        except (TypeError, ValueError):
            seconds = None
    if seconds is None and also_rate_limit:
        seconds = _seconds(response.headers.get("X-RateLimit-Reset", ""))
    return seconds


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None
