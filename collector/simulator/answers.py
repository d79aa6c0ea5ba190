"""Answers as they go over the wire: lists, errors in the API's shape, and spoilt ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import msgspec


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. `sent` is how much of the body goes out: None for all of it."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    sent: int | None = None

    def wire(self, closing: bool) -> bytes:
        """Head and body in one piece, so that one system call sends a whole page."""
        headers = {
            "Content-Type": self.content_type,
            "Content-Length": str(len(self.body)),
            "X-Request-Id": uuid4().hex,
            "Connection": "close" if closing else "keep-alive",
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        return head + self.body[: self.sent]


class RefusedError(Exception):
    """A request that is answered with an error; `answer` is that answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


_TITLES = {
    400: ("invalid_filter", "Invalid Filter"),
    401: ("unauthorized", "Unauthorized"),
    403: ("forbidden", "Forbidden"),
    404: ("not_found", "Not Found"),
    405: ("method_not_allowed", "Method Not Allowed"),
    429: ("rate_limit_exceeded", "Rate Limit Exceeded"),
    500: ("internal_error", "Internal Server Error"),
}


def failure(
    status: int, detail: str, parameter: str | None = None, headers: dict[str, str] | None = None
) -> Answer:
    """An error in the shape of the API; `parameter` names the query parameter to blame."""
    code, title = _TITLES[status]
    error: dict[str, Any] = {
        "id": str(uuid4()),
        "status": str(status),
        "code": code,
        "title": title,
        "detail": detail,
        "source": {} if parameter is None else {"parameter": parameter},
    }
    return Answer(status, msgspec.json.encode({"errors": [error]}), headers or {})


def unauthorized() -> Answer:
    challenge = {"WWW-Authenticate": 'Basic realm="Confluent Cloud"'}
    return failure(401, "The API key or its secret is not valid.", headers=challenge)


def bad_request(detail: str, parameter: str) -> RefusedError:
    return RefusedError(failure(400, detail, parameter))


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list: what kind it is of, its encoded items, and the URL of the next page."""

    api_version: str
    kind: str
    items: Sequence[bytes]
    next: str | None = None

    def answer(self) -> Answer:
        return self._answer(b"[" + b",".join(self.items) + b"]", self.next)

    def empty(self) -> Answer:
        return self._answer(b"[]", None)

    def without_data(self) -> Answer:
        return self._answer(b"null", None)

    def _answer(self, data: bytes, next: str | None) -> Answer:
        head = {
            "api_version": self.api_version,
            "kind": self.kind,
            "metadata": {} if next is None else {"next": next},
        }
        return Answer(200, msgspec.json.encode(head)[:-1] + b',"data":' + data + b"}")


def next_url(url: str, token: str) -> str:
    return f"{url}?{urlencode({'page_token': token})}"


@dataclass(frozen=True, slots=True)
class Mapped:
    """A list without pages: entries by name, or only the names."""

    body: bytes

    def answer(self) -> Answer:
        return Answer(200, self.body)

    def empty(self) -> Answer:
        return Answer(200, b"{}")

    def without_data(self) -> Answer:
        return Answer(200, b"null")


def spoilt(kind: str, listing: Listing | Mapped, retry_after: int) -> Answer:
    """The answer that a fault makes of `listing`; "drop" and "slow" are not of its doing."""
    if kind in _REFUSALS:
        return _REFUSALS[kind]
    if kind in {"429", "429-reset"}:
        header = "Retry-After" if kind == "429" else "X-RateLimit-Reset"
        return too_many_requests({header: str(retry_after)})
    if kind == "null-data":
        return listing.without_data()
    if kind == "empty":
        return listing.empty()
    answer = listing.answer()
    half = len(answer.body) // 2
    if kind == "truncate":
        return replace(answer, sent=half)
    if kind == "not-json":
        return replace(answer, body=answer.body[:half])
    return answer


def too_many_requests(headers: dict[str, str]) -> Answer:
    return failure(429, "Too many requests; try again later.", headers=headers)


_REFUSALS = {
    "500": failure(500, "Something went wrong on our side."),
    "503": Answer(503, b"no healthy upstream", content_type="text/plain"),
    "401": unauthorized(),
    "403": failure(403, "The owner of the API key may not see this."),
    "404": failure(404, "There is no such thing."),
    "too-far": failure(400, "start_date is too far in the past.", "start_date"),
    "garbage": Answer(
        200, b"<!doctype html><title>Back soon</title><p>Maintenance", content_type="text/html"
    ),
}
