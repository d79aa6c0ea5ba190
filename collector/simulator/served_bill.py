"""The rows that are served, encoded once per day and state of its bill."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import msgspec

from collector.simulator.world import World

KEPT_DAYS = 40

Rows = Iterable[Mapping[str, Any]]


class ServedBill:
    """The world's bill, with the changes that tests make to it by hand; safe to share."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._replaced: dict[date, list[bytes]] = {}
        self._added: dict[date, list[bytes]] = {}
        self._encoded: OrderedDict[tuple[date, str], list[bytes]] = OrderedDict()
        # Pages of one day are asked for at the same time; only the first shall encode it.
        self._lock = threading.Lock()

    def replace(self, day: date, rows: Rows | None) -> None:
        """Serves these rows for the day, whatever the time; None goes back to the world's."""
        if rows is None:
            self._replaced.pop(day, None)
        else:
            self._replaced[day] = encoded(rows)

    def add(self, day: date, rows: Rows | None) -> None:
        """Serves these rows after the others of the day; None takes all added ones away."""
        if rows is None:
            self._added.pop(day, None)
        else:
            self._added[day] = self._added.get(day, []) + encoded(rows)

    def rows(self, day: date, as_of: datetime) -> list[bytes]:
        """The rows of the day as JSON texts, which must not be changed."""
        rows = self._replaced.get(day)
        if rows is None:
            rows = self._of_world(day, as_of)
        added = self._added.get(day)
        return rows + added if added else rows

    def _of_world(self, day: date, as_of: datetime) -> list[bytes]:
        key = day, self.world.state(day, as_of)
        with self._lock:
            rows = self._encoded.get(key)
            if rows is None:
                rows = self._encoded[key] = encoded(self.world.bill(day, as_of))
                if len(self._encoded) > KEPT_DAYS:
                    self._encoded.popitem(last=False)
            self._encoded.move_to_end(key)
            return rows


_encode = msgspec.json.Encoder(decimal_format="number").encode

_NUMBERS = ("quantity", "original_amount", "discount_amount", "amount", "price")


def encoded(rows: Rows) -> list[bytes]:
    """One JSON text a row. Floats are written as repr() does, Decimals as they are."""
    return [_encode(_with_exponents(row)) for row in rows]


def _with_exponents(row: Mapping[str, Any]) -> Mapping[str, Any]:
    # The encoder writes 0.000026 where repr(), and the API, write 2.6e-05.
    tiny = {
        name: msgspec.Raw(repr(number).encode())
        for name in _NUMBERS
        if type(number := row.get(name)) is float and 0 < abs(number) < 0.0001
    }
    return {**row, **tiny} if tiny else row
