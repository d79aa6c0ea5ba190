"""What goes wrong, and when: the faults the simulated API is told to serve."""

import threading
from collections.abc import Iterable
from random import Random

KINDS = (
    "429",  # with Retry-After
    "429-reset",  # only X-RateLimit-Reset says how long to wait
    "500",
    "503",  # the answer of a load balancer: plain text, not JSON
    "drop",  # the connection is closed without an answer
    "truncate",  # less is sent than Content-Length says
    "garbage",  # 200 with a page of HTML
    "not-json",  # 200 with JSON that stops in the middle
    "slow",  # the right answer, late
    "too-far",  # 400 for a start date that is in range, as happens under load
    "401",
    "403",
    "404",
    "null-data",  # 200 with "data": null
    "empty",  # 200 with no rows and no next page
)

TRANSIENT = KINDS[:10]
"""Faults that pass when the request is repeated. The rest would be believed or given up on."""


class Faults:
    """The faults for the next requests, in order, each served once; safe to share by threads.

    With `rate` (0 to 1) requests that meet no queued fault get one of `random_kinds` at that
    rate, drawn from `seed`. `retry_after` is what "429" and "429-reset" announce, `delay` how
    late "slow" is; both in seconds.
    """

    def __init__(
        self,
        queued: Iterable[str] = (),
        *,
        rate: float = 0.0,
        seed: int = 0,
        random_kinds: Iterable[str] = TRANSIENT,
        retry_after: int = 1,
        delay: float = 0.1,
    ) -> None:
        self.rate = rate
        self.retry_after = retry_after
        self.delay = delay
        self._random_kinds = tuple(_known(random_kinds))
        self._random = Random(seed)  # noqa: S311
        self._lock = threading.Lock()
        self._queue: list[tuple[str, str]] = []
        self.add(*queued)

    def add(self, *kinds: str, path: str = "") -> None:
        """Queues faults; with `path` they wait for requests whose path starts with it.

        Raises ValueError, and queues nothing, if a kind is unknown.
        """
        known = _known(kinds)
        with self._lock:
            self._queue += [(kind, path) for kind in known]

    def clear(self) -> None:
        with self._lock:
            self._queue.clear()

    @property
    def queued(self) -> list[str]:
        """The kinds that have not been served yet, in order."""
        with self._lock:
            return [kind for kind, _ in self._queue]

    def take(self, path: str) -> str | None:
        """The fault for a request of `path`, or None; a queued one is removed."""
        with self._lock:
            for number, (kind, prefix) in enumerate(self._queue):
                if path.startswith(prefix):
                    del self._queue[number]
                    return kind
            if self.rate and self._random.random() < self.rate:
                return self._random.choice(self._random_kinds)
        return None


def _known(kinds: Iterable[str]) -> list[str]:
    kinds = list(kinds)
    if unknown := set(kinds) - set(KINDS):
        raise ValueError(f"unknown faults: {', '.join(sorted(unknown))}")
    return kinds
