"""What a request asks for: the days, the size of a page, and where a page begins."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

import msgspec

from collector.simulator.answers import bad_request

Parameters = Mapping[str, str]

Page = TypeVar("Page")

LONGEST_WINDOW = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class CostsPage:
    """A page of the costs from `start` to before `end`, beginning at row `offset` of `day`.

    `as_of` is the moment the first page was asked for: all pages of one answer tell of the
    same bill, however long the paging takes.
    """

    start: date
    end: date
    day: date
    offset: int
    size: int
    as_of: datetime

    def token(self) -> str:
        return _sealed(msgspec.to_builtins(self))

    def at(self, day: date, offset: int) -> "CostsPage":
        return replace(self, day=day, offset=offset)


def costs_page(parameters: Parameters, now: datetime) -> CostsPage:
    """The page a request for costs wants; raises RefusedError with the API's answer if none.

    A token is enough, as in the URL of the next page; window parameters that are repeated
    beside it must be those it was made for.
    """
    token = parameters.get("page_token")
    if token is None:
        start, end = _window(parameters, now.date())
        size = page_size(parameters, default=5000, most=10000)
        return CostsPage(start, end, start, 0, size, now)
    page = _unsealed(token, CostsPage)
    for name, expected in (("start_date", page.start), ("end_date", page.end)):
        if parameters.get(name, str(expected)) != str(expected):
            raise bad_request("The page token belongs to another window.", "page_token")
    return replace(page, size=page_size(parameters, default=page.size, most=10000))


def _window(parameters: Parameters, today: date) -> tuple[date, date]:
    start, end = _date(parameters, "start_date"), _date(parameters, "end_date")
    if start >= end:
        raise bad_request("start_date must be before end_date.", "start_date")
    if end - start > LONGEST_WINDOW:
        raise bad_request("The window must not be longer than one month.", "end_date")
    if start < _a_year_before(today):
        detail = f"start_date {start} is too far in the past: at most one year is kept."
        raise bad_request(detail, "start_date")
    return start, end


def _date(parameters: Parameters, name: str) -> date:
    text = parameters.get(name)
    if not text:
        raise bad_request(f"{name} is required.", name)
    # fromisoformat() alone would also take 20250101 and 2025-W01-1.
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise bad_request(f"{name} must be a date like 2025-01-31.", name)


def _a_year_before(today: date) -> date:
    try:
        return today.replace(year=today.year - 1)
    except ValueError:
        # 29 February has no anniversary.
        return today.replace(year=today.year - 1, day=28)


def page_size(parameters: Parameters, default: int, most: int) -> int:
    text = parameters.get("page_size", str(default))
    if re.fullmatch(r"\d{1,9}", text, re.ASCII) and 1 <= int(text) <= most:
        return int(text)
    raise bad_request(f"page_size must be a number from 1 to {most}.", "page_size")


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of an inventory list, beginning at item `offset`; "" is no environment."""

    offset: int
    size: int
    environment: str = ""

    def next_token(self) -> str:
        return _sealed(msgspec.to_builtins(replace(self, offset=self.offset + self.size)))


def list_page(parameters: Parameters, *, of_environment: bool = False) -> ListPage:
    """The page that a request for an inventory list wants; raises RefusedError if it is none.

    A token is enough, as for the costs.
    """
    token = parameters.get("page_token")
    page = ListPage(0, 10) if token is None else _unsealed(token, ListPage)
    page = replace(page, size=page_size(parameters, default=page.size, most=100))
    if not of_environment:
        return page
    environment = parameters.get("environment") or page.environment
    if not environment:
        raise bad_request("environment is required.", "environment")
    if token is not None and environment != page.environment:
        raise bad_request("The page token belongs to another environment.", "page_token")
    return replace(page, environment=environment)


def _sealed(value: object) -> str:
    """Opaque text of a page; the checksum tells a token from a guess."""
    text = msgspec.json.encode(value)
    sealed = binascii.crc32(text).to_bytes(4, "big") + text
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def _unsealed(token: str, kind: type[Page]) -> Page:
    try:
        sealed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        if sealed[:4] == binascii.crc32(sealed[4:]).to_bytes(4, "big"):
            return msgspec.json.decode(sealed[4:], type=kind)
    except (ValueError, msgspec.MsgspecError):
        pass
    raise bad_request("page_token is not valid.", "page_token")
