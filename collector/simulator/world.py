"""The world behind the simulated API: which bill a day has, as seen at any moment.

Nothing here reads a clock, keeps state or depends on the process: the same seed, day and moment
give the same rows everywhere, so a test can work out what a collector must end up with.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, localcontext
from random import Random
from typing import Any
from uuid import UUID

from collector.simulator import company
from collector.simulator.day_bill import (
    RESTATED_HOUR,
    SETTLED_HOUR,
    Row,
    restate,
    rows_of,
)
from collector.simulator.inventory import Inventory

RESTATED_SHARE = 0.1
"""How many of the days have a bill that changes once more after it was final."""


class World:
    """The bill of one company that came into being at `born`.

    `seed` makes another company with the same things and other numbers. `scale` adds as many
    Kafka clusters of four lines a day each, so 2500 adds 10,000 lines a day.
    """

    def __init__(self, seed: int = 1, born: date = date(2025, 1, 1), scale: int = 0) -> None:
        self.seed = seed
        self.born = born
        self.scale = scale
        self._lines = company.lines(scale)

    def __repr__(self) -> str:
        return f"World(seed={self.seed}, born={self.born!r}, scale={self.scale})"

    def state(self, day: date, as_of: datetime) -> str:
        """Names what the bill of `day` looks like at `as_of`; equal names mean equal rows.

        One of "absent", "hour 0" to "hour 95" (provisional), "settled" and "restated".
        `as_of` must be aware, else ValueError.
        """
        hour = self._hour(day, as_of)
        if day < self.born or hour < 0:
            return "absent"
        if hour < SETTLED_HOUR:
            return f"hour {hour}"
        if hour >= RESTATED_HOUR and self.is_restated(day):
            return "restated"
        return "settled"

    def bill(self, day: date, as_of: datetime) -> list[Row]:
        """The rows of one UTC day as the API answers at `as_of` (aware): dicts ready for JSON.

        Amounts and prices are USD, as floats; what the API calls a double is sent as its
        shortest text. Days before the world was born or after `as_of` have no rows.
        """
        state = self.state(day, as_of)
        if state == "absent":
            return []
        hour = min(self._hour(day, as_of), SETTLED_HOUR)
        rows = rows_of(self._lines, day, (day - self.born).days, hour, self._random("bill", day))
        if state == "restated":
            return restate(rows, day, self._random("restated rows", day))
        return rows

    def billed(self, day: date, as_of: datetime) -> Decimal:
        """The exact sum, in USD, of what the rows of `bill(day, as_of)` say in their text."""
        # Doubles of very different sizes need more digits than the usual 28 to add up exactly.
        with localcontext(prec=100):
            return sum((net_amount(row) for row in self.bill(day, as_of)), Decimal(0))

    def is_restated(self, day: date) -> bool:
        """Whether the bill of `day` changes again once it is more than five days old."""
        return self._random("restatement", day).random() < RESTATED_SHARE

    def organization(self) -> dict[str, Any]:
        """The organization as one document of /org/v2/organizations."""
        id = self.organization_id
        return {
            "api_version": "org/v2",
            "kind": "Organization",
            "id": id,
            "display_name": company.NAME,
            "jit_enabled": True,
            "metadata": {
                "self": f"https://api.confluent.cloud/org/v2/organizations/{id}",
                "resource_name": f"crn://confluent.cloud/organization={id}",
                "created_at": "2024-06-03T08:01:17Z",
                "updated_at": "2024-06-03T08:01:17Z",
            },
        }

    @property
    def organization_id(self) -> str:
        bits = Random(f"{self.seed}/organization").getrandbits(128)  # noqa: S311
        return str(UUID(int=bits, version=4))

    def environments(self) -> list[dict[str, Any]]:
        """All environments as documents of /org/v2/environments."""
        return [self._environment(each) for each in company.ENVIRONMENTS]

    def inventory(self, as_of: datetime) -> Inventory:
        """What the other lists hold at `as_of` (aware)."""
        age = (as_of.astimezone(UTC).date() - self.born).days
        return Inventory(self.organization_id, age, self.scale)

    def _environment(self, environment: company.Environment) -> dict[str, Any]:
        crn = f"crn://confluent.cloud/organization={self.organization_id}"
        return {
            "api_version": "org/v2",
            "kind": "Environment",
            "id": environment.id,
            "display_name": environment.name,
            "metadata": {
                "self": f"https://api.confluent.cloud/org/v2/environments/{environment.id}",
                "resource_name": f"{crn}/environment={environment.id}",
                "created_at": environment.created,
                "updated_at": environment.created,
            },
            "stream_governance_config": {"package": environment.package},
        }

    def _hour(self, day: date, as_of: datetime) -> int:
        """Whole hours from the start of the day to `as_of`; negative before it."""
        if as_of.tzinfo is None:
            raise ValueError("as_of must be aware of its time zone")
        begun = datetime.combine(day, time.min, tzinfo=UTC)
        return (as_of - begun) // timedelta(hours=1)

    def _random(self, purpose: str, day: date) -> Random:
        # Seeding with text goes through SHA-512, so it is the same in every process.
        return Random(f"{self.seed}/{purpose}/{day}")  # noqa: S311


def net_amount(row: Mapping[str, Any]) -> Decimal:
    """What a row costs in USD: its amount, else original less discount, else quantity times price.

    Numbers are taken by their text, as a reader of the JSON would.
    """
    with localcontext(prec=100):
        if row.get("amount") is not None:
            return _exact(row["amount"])
        if row.get("original_amount") is not None:
            return _exact(row["original_amount"]) - _exact(row.get("discount_amount"))
        return _exact(row.get("quantity")) * _exact(row.get("price"))


def _exact(number: Any) -> Decimal:
    return Decimal(0) if number is None else Decimal(str(number))
