"""The simulated API over HTTP."""

import base64
import hmac
import logging
import socket
import socketserver
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

import msgspec

from collector.simulator.answers import (
    Answer,
    Listing,
    Mapped,
    RefusedError,
    failure,
    next_url,
    spoilt,
    too_many_requests,
    unauthorized,
)
from collector.simulator.faults import Faults
from collector.simulator.parameters import Parameters, costs_page
from collector.simulator.rate_limit import RateLimit
from collector.simulator.served_bill import Rows, ServedBill
from collector.simulator.served_lists import Entries, ServedLists
from collector.simulator.world import World

logger = logging.getLogger(__name__)

REMEMBERED_REQUESTS = 10_000
LONGEST_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked and how it was answered; `status` is None for a dropped connection."""

    method: str
    path: str
    parameters: dict[str, str]
    status: int | None
    fault: str | None


def now() -> datetime:
    return datetime.now(UTC)


class SimulatedConfluent:
    """Confluent's API for one world, in a thread of its own inside a `with` block.

    `clock` returns the aware moment that bills are seen at, and may be assigned at any time;
    so may `faults` and `rate_limit.limit`. `rate_limit` is requests per `rate_period` seconds.
    With port 0 the system chooses one; `url` tells. A page of costs has `longest_page` rows at
    most, whatever is asked for.
    """

    def __init__(
        self,
        world: World,
        *,
        api_key: str = "demo-key",
        api_secret: str = "demo-secret",  # noqa: S107 (guards nothing)
        clock: Callable[[], datetime] = now,
        host: str = "127.0.0.1",
        port: int = 0,
        rate_limit: int | None = None,
        rate_period: float = 60.0,
        longest_page: int = 10_000,
        faults: Faults | None = None,
    ) -> None:
        self.world = world
        self.clock = clock
        self.faults = faults or Faults()
        self.rate_limit = RateLimit(rate_limit, rate_period)
        self.longest_page = longest_page
        self._credentials = base64.b64encode(f"{api_key}:{api_secret}".encode())
        self._bill = ServedBill(world)
        self._lists = ServedLists(world)
        self._requests: deque[Request] = deque(maxlen=REMEMBERED_REQUESTS)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._server = _Server((host, port), _Handler)
        self._server.simulated = self

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        host, port = self._server.server_name, self._server.server_port
        # Bound to every address; this one is always reachable from here.
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104

    @property
    def requests(self) -> list[Request]:
        """The last 10,000 requests of the API in the order they were answered."""
        return list(self._requests)

    def override(self, day: date, rows: Rows | None) -> None:
        """Serves `rows` as the bill of `day` instead of the world's; None goes back to it.

        Rows are dicts in the API's shape. Decimals among them are sent with their very text.
        """
        self._bill.replace(day, rows)

    def extra_rows(self, day: date, rows: Rows | None) -> None:
        """Adds `rows` to what is served for `day`; None takes all added rows away."""
        self._bill.add(day, rows)

    def override_list(self, path: str, entries: Entries | None, environment: str = "") -> None:
        """Serves `entries` as the list at `path` (of that environment); None goes back.

        Documents in the API's shape, those of connectors by name.
        """
        self._lists.replace(path, entries, environment)

    def served(self, day: date) -> list[bytes]:
        """The rows of a day's bill as they are sent now, each a JSON document."""
        return self._bill.rows(day, self.clock())

    def __enter__(self) -> Self:
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def serve_forever(self) -> None:
        """Serves in the calling thread until it is interrupted, then closes."""
        try:
            self._server.serve_forever()
        finally:
            self.close()

    def close(self) -> None:
        """Stops serving, ends open connections and waits for their threads; may be repeated."""
        self._closing.set()
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.close_connections()
        self._server.server_close()

    def answer(self, method: str, target: str, headers: Message, body: bytes) -> Answer | None:
        """What to answer to a request, or None to close the connection without a word."""
        parts = urlsplit(target)
        parameters = dict(parse_qsl(parts.query, keep_blank_values=True))
        if parts.path == "/simulator/faults":
            return self._control(method, headers, body)
        allowed, limits = self.rate_limit.use()
        fault: str | None = None
        answer: Answer | None
        try:
            if not allowed:
                reset = {"Retry-After": limits["X-RateLimit-Reset"]}
                raise RefusedError(too_many_requests(reset))
            self._authenticate(headers)
            listing = self._listing(method, parts.path, parameters, headers)
            fault = self.faults.take(parts.path)
            answer = self._served(listing, fault)
        except RefusedError as refused:
            answer = refused.answer
        status = None if answer is None else answer.status
        self._requests.append(Request(method, parts.path, parameters, status, fault))
        return answer and replace(answer, headers={**limits, **answer.headers})

    def _served(self, listing: Listing | Mapped, fault: str | None) -> Answer | None:
        if fault is None:
            return listing.answer()
        if fault == "drop":
            return None
        if fault == "slow":
            # Not a plain sleep: closing must not wait for slow answers.
            self._closing.wait(self.faults.delay)
        return spoilt(fault, listing, self.faults.retry_after)

    def _authenticate(self, headers: Message) -> None:
        scheme, _, given = headers.get("Authorization", "").partition(" ")
        right = hmac.compare_digest(given.strip().encode(), self._credentials)
        if scheme.lower() != "basic" or not right:
            raise RefusedError(unauthorized())

    def _listing(
        self, method: str, path: str, parameters: Parameters, headers: Message
    ) -> Listing | Mapped:
        is_costs = path == "/billing/v1/costs"
        if not is_costs and not self._lists.has(path):
            raise RefusedError(failure(404, f"There is nothing at {path}."))
        if method != "GET":
            raise RefusedError(_only("GET"))
        # The name the caller knows this server by; inside a container it is not `url`.
        host = headers.get("Host")
        url = (f"http://{host}" if host else self.url) + path
        if is_costs:
            return self._costs(parameters, url)
        return self._lists.answer(path, parameters, url, self.clock())

    def _costs(self, parameters: Parameters, url: str) -> Listing:
        page = costs_page(parameters, self.clock())
        items: list[bytes] = []
        day, offset = page.day, page.offset
        while day < page.end:
            rows = self._bill.rows(day, page.as_of)
            missing = min(page.size, self.longest_page) - len(items)
            items += rows[offset : offset + missing]
            if offset + missing < len(rows):
                token = page.at(day, offset + missing).token()
                return Listing("billing/v1", "CostList", items, next_url(url, token))
            day, offset = day + timedelta(days=1), 0
        return Listing("billing/v1", "CostList", items)

    def _control(self, method: str, headers: Message, body: bytes) -> Answer:
        """POST {"faults": ["429", "drop"], "path": "/billing"} queues faults."""
        try:
            self._authenticate(headers)
            if method != "POST":
                return _only("POST")
            wish = msgspec.json.decode(body, type=_FaultWish)
            self.faults.add(*wish.faults, path=wish.path)
        except RefusedError as refused:
            return refused.answer
        except (ValueError, msgspec.MsgspecError) as error:
            return failure(400, str(error))
        return Answer(200, msgspec.json.encode({"queued": self.faults.queued}))


class _FaultWish(msgspec.Struct):
    faults: list[str]
    path: str = ""


def _only(method: str) -> Answer:
    return failure(405, f"Only {method} is possible here.", headers={"Allow": method})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else the second answer on a connection waits for the delayed ACK of the first.
    disable_nagle_algorithm = True
    server: "_Server"

    def _respond(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            self.close_connection = True
            self.connection.sendall(failure(400, "The body is too long.").wire(closing=True))
            return
        body = self.rfile.read(int(length))
        answer = self.server.simulated.answer(self.command, self.path, self.headers, body)
        if answer is None:
            self.close_connection = True
            return
        if self.command == "HEAD":
            answer = replace(answer, sent=0)
        if answer.sent is not None:
            self.close_connection = True
        logger.debug("%s %s: %s", self.command, self.path, answer.status)
        self.connection.sendall(answer.wire(self.close_connection))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _respond

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)


class _Server(ThreadingHTTPServer):
    """A server that can end its open connections, and so stop without leaving threads behind."""

    daemon_threads = False
    request_queue_size = 128
    simulated: SimulatedConfluent

    def __init__(self, address: tuple[str, int], handler: type[_Handler]) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        # HTTPServer asks the name service who it is, which can take seconds.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Mostly clients that hang up in the middle; they are told nothing on the terminal.
        logger.debug("request from %s failed", client_address, exc_info=True)

    def close_connections(self) -> None:
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
