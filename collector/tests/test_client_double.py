"""A server that answers what a test wrote down; for what the simulator does not do."""

import threading
from contextlib import closing
from datetime import date
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit

from collector.client import ConfluentClient


class Asked(NamedTuple):
    path: str
    parameters: dict[str, str]
    headers: Message


class Double:
    """Gives `answers` (status, headers, body) in order, the last one again and again."""

    def __init__(self, *answers: tuple[int, dict[str, str], bytes]) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []
        double = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                double.asked.append(Asked(parts.path, dict(parse_qsl(parts.query)), self.headers))
                answers = double.answers
                status, headers, body = answers.pop(0) if len(answers) > 1 else answers[0]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def client_of(url, sleeps=None, **options):
    """A client that notes its waits in `sleeps` instead of waiting."""
    sleeps = [] if sleeps is None else sleeps
    options = {"sleep": sleeps.append, "today": lambda: date(2025, 2, 1), **options}
    return ConfluentClient(url, "demo-key", "demo-secret", **options)


def costs_of(client):
    """All rows of 2025-01-01; closes the client."""
    with closing(client):
        return [row for page in client.costs(date(2025, 1, 1), date(2025, 1, 2)) for row in page]


def test_it_gives_its_answers_in_order_and_notes_what_was_asked():
    with Double((200, {}, b'{"data":[{"a":1}]}'), (200, {}, b'{"data":[]}')) as double:
        rows = [costs_of(client_of(double.url)) for _ in range(3)]
    assert rows == [[{"a": 1}], [], []]
    assert [asked.path for asked in double.asked] == ["/billing/v1/costs"] * 3
