"""Figures: what was measured, each repetition of it, and what it should come to."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """values: one of each repetition, in the unit. What is aimed at holds for the median.

    of_p95: it holds for what 95 % of the values stay below.
    """

    name: str
    unit: str
    values: Sequence[float]
    at_most: float | None = None
    at_least: float | None = None
    of_p95: bool = False

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        if len(self.values) == 1:
            return self.values[0]
        return statistics.quantiles(self.values, n=20, method="inclusive")[18]

    @property
    def is_reached(self) -> bool | None:
        """None where nothing is aimed at."""
        judged = self.p95 if self.of_p95 else self.median
        if self.at_most is not None:
            return judged <= self.at_most
        return None if self.at_least is None else judged >= self.at_least

    @property
    def aim(self) -> str:
        """In words; empty where there is none."""
        of = " (95 %)" if self.of_p95 else ""
        if self.at_most is not None:
            return f"at most {number(self.at_most)}{of}"
        return "" if self.at_least is None else f"at least {number(self.at_least)}{of}"

    def row(self) -> str:
        """A row of a table with HEADER."""
        said = {None: "", True: "yes", False: "**no**"}[self.is_reached]
        spread = f"{number(min(self.values))} to {number(max(self.values))}"
        cells = (self.name, self.unit, number(self.median), spread, str(len(self.values)))
        return f"| {' | '.join((*cells, self.aim, said))} |"

    def document(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit,
            "median": self.median,
            "p95": self.p95,
            "values": [round(value, 4) for value in self.values],
            "aim": self.aim,
            "reached": self.is_reached,
        }


HEADER = (
    "| what | unit | median | lowest to highest | repetitions | aim | reached |\n"
    "|---|---|---:|---:|---:|---|---|"
)


def number(value: float) -> str:
    """With three digits that count."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def seconds(do: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    do()
    return time.perf_counter() - begun


def paired(times: int, **measures: Callable[[], float]) -> Mapping[str, list[float]]:
    """What each measure returns, all of them in turns, so that they share the machine's moods."""
    found: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(times):
        for name, measure in measures.items():
            found[name].append(measure())
    return found


def ratios(dividends: Sequence[float], divisors: Sequence[float]) -> list[float]:
    """Of each pair."""
    return [one / other for one, other in zip(dividends, divisors, strict=True)]


def milliseconds(values: Sequence[float]) -> list[float]:
    return [value * 1000 for value in values]
