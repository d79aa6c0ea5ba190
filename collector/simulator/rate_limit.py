"""How many requests a caller may make, and what the answers say about it."""

import math
import threading
import time


class RateLimit:
    """At most `limit` requests in each `period` (seconds); no limit if None.

    Without a limit the headers still name one, which is never reached.
    """

    NOMINAL = 1000

    def __init__(self, limit: int | None, period: float) -> None:
        self.limit = limit
        self.period = period
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._used = 0

    def use(self) -> tuple[bool, dict[str, str]]:
        """Counts one request: whether it is allowed, and the X-RateLimit headers (relative)."""
        with self._lock:
            now = time.monotonic()
            if now - self._began >= self.period:
                self._began, self._used = now, 0
            self._used += 1
            limit = self.NOMINAL if self.limit is None else self.limit
            remaining = max(limit - self._used, 1 if self.limit is None else 0)
            allowed = self.limit is None or self._used <= limit
            reset = max(1, math.ceil(self._began + self.period - now))
        return allowed, {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset": str(reset),
        }
