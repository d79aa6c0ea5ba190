import random
import socket
from datetime import UTC, date, datetime

import pytest

from collector import client as client_module
from collector.client import Unreachable
from collector.simulator import Faults, SimulatedConfluent, World
from collector.tests.test_client_double import Double, client_of, costs_of

DAY = date(2025, 1, 1)
ROWS = [{"id": "one"}, {"id": "two"}, {"id": "three"}]
GOOD: tuple[int, dict[str, str], bytes] = (200, {}, b'{"data":[{"id":"one"}]}')
BUSY = b'{"errors":[{"code":"rate_limit_exceeded","detail":"Slow down."}]}'


@pytest.fixture
def simulated():
    with SimulatedConfluent(
        World(born=DAY),
        clock=lambda: datetime(2025, 2, 1, tzinfo=UTC),
        faults=Faults(retry_after=7, delay=0.0),
    ) as simulated:
        simulated.override(DAY, ROWS)
        yield simulated


@pytest.fixture
def full_backoff(monkeypatch):
    """Without jitter, so that waits can be written down."""
    monkeypatch.setattr(random, "uniform", lambda least, most: most)


@pytest.mark.usefixtures("full_backoff")
@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        ("429", 7),
        ("429-reset", 7),
        ("500", 1),
        ("503", 1),
        ("drop", 1),
        ("truncate", 1),
        ("garbage", 1),
        ("not-json", 1),
        ("too-far", 1),
    ],
)
def test_it_asks_again_after_a_fault_that_passes(simulated, fault, wait):
    sleeps = []
    simulated.faults.add(fault)
    assert costs_of(client_of(simulated.url, sleeps)) == ROWS
    assert sleeps == [wait]
    assert [request.fault for request in simulated.requests] == [fault, None]


def test_it_waits_for_nothing_when_nothing_fails(simulated):
    sleeps = []
    simulated.faults.add("slow")
    assert costs_of(client_of(simulated.url, sleeps)) == ROWS
    assert sleeps == []
    assert len(simulated.requests) == 1


@pytest.mark.usefixtures("full_backoff")
def test_it_repeats_the_failed_page_and_no_other(simulated, monkeypatch):
    monkeypatch.setattr(client_module, "COSTS_PAGE_SIZE", 1)
    sleeps = []
    client = client_of(simulated.url, sleeps)
    pages = client.costs(DAY, date(2025, 1, 2))
    assert next(pages) == [{"id": "one"}]
    simulated.faults.add("500", "truncate")
    assert list(pages) == [[{"id": "two"}], [{"id": "three"}]]
    client.close()
    assert sleeps == [1, 2]
    tokens = [request.parameters.get("page_token") for request in simulated.requests]
    assert tokens[0] is None
    assert tokens[1] == tokens[2] == tokens[3] != tokens[4]


@pytest.mark.parametrize("path", ["organizations", "environments"])
def test_it_asks_again_for_lists_too(simulated, path):
    sleeps = []
    simulated.faults.add("429", "429-reset")
    client = client_of(simulated.url, sleeps)
    [items] = getattr(client, path)()
    client.close()
    assert len(items) > 0
    assert sleeps == [7, 7]


@pytest.mark.usefixtures("full_backoff")
@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "53"}, 53),
        (429, {"Retry-After": "1.5"}, 1.5),
        (429, {"X-RateLimit-Reset": "41"}, 41),
        (429, {"Retry-After": "3", "X-RateLimit-Reset": "41"}, 3),
        (429, {"Retry-After": "soon", "X-RateLimit-Reset": "41"}, 41),
        (429, {"Retry-After": "-1", "X-RateLimit-Reset": "41"}, 41),
        (429, {"Retry-After": "nan"}, 1),
        (429, {"Retry-After": "inf"}, 1),
        (429, {"Retry-After": "Thu, 01 Jan 99999 00:00:00 GMT"}, 1),
        (429, {}, 1),
        # In no time, or in the past: as if nothing had been asked for.
        (429, {"Retry-After": "0"}, 1),
        (429, {"Retry-After": "Wed, 01 Jan 2020 00:00:00 GMT"}, 1),
        (503, {"Retry-After": "20"}, 20),
        # The limit of the key has nothing to do with an overloaded server.
        (503, {"X-RateLimit-Reset": "41"}, 1),
        (500, {"X-RateLimit-Reset": "41"}, 1),
        (502, {}, 1),
        (504, {}, 1),
    ],
)
def test_it_waits_as_long_as_it_was_asked_to(status, headers, wait):
    sleeps = []
    with Double((status, headers, BUSY), GOOD) as double:
        assert costs_of(client_of(double.url, sleeps)) == [{"id": "one"}]
    assert sleeps == [wait]


def test_it_waits_until_the_date_it_was_asked_to(monkeypatch):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2025, 2, 1, 11, 59, 15, tzinfo=tz)

    monkeypatch.setattr("collector.pacing.datetime", Clock)
    sleeps = []
    busy = (429, {"Retry-After": "Sat, 01 Feb 2025 12:00:00 GMT"}, BUSY)
    with Double(busy, GOOD) as double:
        assert costs_of(client_of(double.url, sleeps)) == [{"id": "one"}]
    assert sleeps == [45]


@pytest.mark.usefixtures("full_backoff")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"text"',
        b'{"data":{}}',
        b'{"metadata":{}}',
        b'{"errors":[]}',
        b'{"data":"none"}',
        b'{"data":[]} and more',
        b'{"data":["\xff"]}',
        b'\xef\xbb\xbf{"data":',
        b"[" * 100_000,
    ],
)
def test_it_asks_again_when_the_answer_is_no_list(body):
    sleeps = []
    with Double((200, {}, body), GOOD) as double:
        assert costs_of(client_of(double.url, sleeps)) == [{"id": "one"}]
    assert sleeps == [1]


@pytest.mark.usefixtures("full_backoff")
def test_it_doubles_its_waits_up_to_a_minute(simulated):
    sleeps = []
    simulated.faults.add(*["500"] * 10)
    assert costs_of(client_of(simulated.url, sleeps)) == ROWS
    assert sleeps == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]


def test_it_varies_its_waits_between_half_and_all_of_them(simulated):
    random.seed(1)
    sleeps = []
    simulated.faults.add(*["500"] * 10)
    assert costs_of(client_of(simulated.url, sleeps)) == ROWS
    shares = [
        wait / full for wait, full in zip(sleeps, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60], strict=True)
    ]
    assert all(0.5 <= share <= 1 for share in shares)
    assert len(set(shares)) == 10


@pytest.mark.usefixtures("full_backoff")
def test_it_gives_up_before_it_waits_longer_than_allowed():
    sleeps = []
    headers = {"X-Request-Id": "req-1"}
    body = b'{"errors":[{"code":"internal_error","detail":"Try later."}]}'
    with Double((500, headers, body)) as double:
        with pytest.raises(Unreachable) as caught:
            costs_of(client_of(double.url, sleeps, max_wait=10))
        assert len(double.asked) == 4
    assert sleeps == [1, 2, 4]
    error = caught.value
    assert (error.status, error.code, error.detail) == (500, "internal_error", "Try later.")
    assert error.request_id == "req-1"
    assert str(error) == (
        "/billing/v1/costs: Confluent answered 500. Try later. Gave up after 4 tries and 7 s of "
        "waiting; nothing of this answer was stored. (X-Request-Id req-1)"
    )


def test_it_waits_exactly_as_long_as_allowed():
    sleeps = []
    with (
        Double((429, {"Retry-After": "5"}, BUSY)) as double,
        pytest.raises(Unreachable, match="after 3 tries and 10 s of waiting"),
    ):
        costs_of(client_of(double.url, sleeps, max_wait=10))
    assert sleeps == [5, 5]


def test_it_does_not_begin_a_wait_that_is_longer_than_allowed():
    sleeps = []
    with Double((429, {"Retry-After": "3600"}, BUSY)) as double:
        with pytest.raises(Unreachable, match="after 1 tries and 0 s of waiting") as caught:
            costs_of(client_of(double.url, sleeps))
        assert len(double.asked) == 1
    assert sleeps == []
    assert caught.value.status == 429
    assert caught.value.detail == "Slow down."


def test_it_gives_each_page_the_whole_wait():
    first = (200, {}, b'{"data":[],"metadata":{"next":"/?page_token=two"}}')
    busy = (429, {"Retry-After": "8"}, BUSY)
    sleeps = []
    with Double(busy, first, busy, GOOD) as double:
        assert costs_of(client_of(double.url, sleeps, max_wait=10)) == [{"id": "one"}]
    assert sleeps == [8, 8]


@pytest.mark.usefixtures("full_backoff")
def test_it_comes_to_an_end_when_it_is_always_told_to_wait_0_seconds():
    sleeps = []
    busy = (429, {"Retry-After": "0"}, BUSY)
    with Double(*[busy] * 50, GOOD) as double, pytest.raises(Unreachable):
        costs_of(client_of(double.url, sleeps, max_wait=20))
    assert sleeps == [1, 2, 4, 8]


@pytest.fixture
def nobody():
    """An address where nothing listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


@pytest.mark.usefixtures("full_backoff")
def test_it_says_that_nobody_answered(nobody):
    sleeps = []
    with pytest.raises(Unreachable) as caught:
        costs_of(client_of(nobody, sleeps, max_wait=3))
    assert sleeps == [1, 2]
    assert (caught.value.status, caught.value.code, caught.value.request_id) == (None, "", "")
    assert str(caught.value).startswith(f"{nobody}/billing/v1/costs: ConnectionRefusedError: ")
    assert "Gave up after 3 tries and 3 s of waiting" in str(caught.value)


@pytest.mark.usefixtures("full_backoff")
def test_it_can_be_told_to_try_for_days(nobody):
    sleeps = []
    with pytest.raises(Unreachable):
        costs_of(client_of(nobody, sleeps, max_wait=63 + 60 * 1100))
    assert len(sleeps) == 6 + 1100
    assert sleeps[-1] == 60
