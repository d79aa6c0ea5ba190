"""Read a query string into typed values, with every mistake named in words.

Web forms and the API read theirs by this one reader, so that an address means the same in both.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from django.http import QueryDict

Choice = TypeVar("Choice", bound=StrEnum)

# Nobody was billed before, and arithmetic with later days must not overflow.
FIRST_DAY, LAST_DAY = date(2015, 1, 1), date(2099, 12, 31)
LONGEST_VALUE = 500
MOST_VALUES = 200
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class ParameterError:
    """One parameter that cannot be used: why, and what would be allowed."""

    parameter: str
    message: str
    allowed: tuple[str, ...] = ()


class InvalidParameters(Exception):
    """The query string cannot be answered; `errors` names every parameter that is wrong."""

    def __init__(self, errors: Sequence[ParameterError]) -> None:
        super().__init__(" ".join(f"{error.parameter}: {error.message}" for error in errors))
        self.errors = list(errors)


class Reader:
    """Takes parameters out of a query string, one by one; what nobody took is unknown.

    Mistakes are collected; `finish` raises InvalidParameters with all of them.
    """

    def __init__(self, query: QueryDict) -> None:
        self._query = query
        self._errors: list[ParameterError] = []
        self._taken: set[str] = set()

    def refuse(self, parameter: str, message: str, allowed: Iterable[str] = ()) -> None:
        self._errors.append(ParameterError(parameter, message, tuple(allowed)))

    def has(self, name: str) -> bool:
        return name in self._query

    def texts(self, name: str) -> tuple[str, ...]:
        """Every value of a repeated parameter, each once, in their order."""
        self._taken.add(name)
        given = self._query.getlist(name)
        if len(given) > MOST_VALUES:
            self.refuse(name, f"At most {MOST_VALUES} values are taken, not {len(given)}.")
            return ()
        values = tuple(dict.fromkeys(given))
        for value in values:
            if not value or len(value) > LONGEST_VALUE or not is_storable(value):
                self.refuse(name, f"A value has 1 to {LONGEST_VALUE} readable characters.")
                return ()
        return values

    def words(self, name: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Values from a closed list, repeated or separated by commas."""
        said = [word.strip() for value in self.texts(name) for word in value.split(",")]
        if wrong := [word for word in said if word not in allowed]:
            self.refuse(name, f"“{wrong[0]}” is not one of the allowed values.", allowed)
            return ()
        return tuple(dict.fromkeys(said))

    def text(self, name: str, default: str = "") -> str:
        """The only value; giving two is a mistake."""
        values = self.texts(name)
        if len(values) > 1:
            self.refuse(name, "Give it once.")
            return default
        return values[0] if values else default

    def one_of(self, name: str, allowed: Sequence[str], default: str) -> str:
        value = self.text(name, default)
        if value not in allowed:
            self.refuse(name, f"“{value}” is not one of the allowed values.", allowed)
            return default
        return value

    def choice(self, name: str, kind: type[Choice], default: Choice) -> Choice:
        return kind(self.one_of(name, [each.value for each in kind], default.value))

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and len(value) <= 12 and low <= int(value) <= high:
            return int(value)
        self.refuse(name, f"“{value}” is not a whole number from {low} to {high}.")
        return default

    def optional_number(self, name: str, *, low: int, high: int) -> int | None:
        return self.number(name, low, low=low, high=high) if self.has(name) else None

    def flag(self, name: str, default: bool) -> bool:
        return self.one_of(name, ("true", "false"), str(default).lower()) == "true"

    def day(self, name: str) -> date | None:
        """A UTC day as YYYY-MM-DD; None when it is not given, or wrong."""
        if not (value := self.text(name)):
            return None
        try:
            # Python also takes weeks (2026-W45-1) and days without dashes for ISO dates.
            found = date.fromisoformat(value) if _DAY.fullmatch(value) else None
        except ValueError:
            found = None
        if found is None:
            self.refuse(name, f"“{value}” is not a day; write it as YYYY-MM-DD.")
        elif not FIRST_DAY <= found <= LAST_DAY:
            self.refuse(name, f"Days are from {FIRST_DAY} to {LAST_DAY}.")
            return None
        return found

    def finish(self) -> None:
        """Raise InvalidParameters if anything was wrong or unknown."""
        for name in self._query:
            if name not in self._taken:
                message = "There is no such parameter."
                self.refuse(name[:LONGEST_VALUE], message, sorted(self._taken))
        if self._errors:
            raise InvalidParameters(self._errors)


def is_storable(text: str) -> bool:
    """PostgreSQL's text holds neither NUL nor half a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text
