import logging
import traceback
from base64 import b64encode
from contextlib import closing
from datetime import UTC, date, datetime

import pytest

from collector.client import (
    ConfluentClient,
    ConfluentError,
    CredentialsRefused,
    Unreachable,
    oldest_day,
)
from collector.simulator import SimulatedConfluent, World
from collector.tests.test_client_double import Double, client_of, costs_of

SECRET = "cflt-s3cr3t-of-the-key"
ENCODED = b64encode(f"demo-key:{SECRET}".encode()).decode()


@pytest.fixture
def simulated():
    with SimulatedConfluent(
        World(born=date(2025, 1, 1)), clock=lambda: datetime(2025, 2, 1, tzinfo=UTC)
    ) as simulated:
        yield simulated


@pytest.mark.parametrize("status", [401, 403])
def test_it_asks_once_with_a_key_that_is_refused(status):
    headers = {"X-Request-Id": "req-7"}
    body = b'{"errors":[{"code":"no_access","detail":"Not for you."}]}'
    sleeps = []
    with Double((status, headers, body)) as double:
        with pytest.raises(CredentialsRefused) as caught:
            costs_of(client_of(double.url, sleeps))
        assert len(double.asked) == 1
    assert sleeps == []
    error = caught.value
    assert (error.status, error.code, error.detail) == (status, "no_access", "Not for you.")
    assert str(error) == (
        f"/billing/v1/costs: Confluent refused the API key ({status}). The API key's owner needs "
        "the role BillingAdmin or OrganizationAdmin (a Cloud API key, not one of a cluster). "
        "(X-Request-Id req-7)"
    )


@pytest.mark.parametrize("path", ["organizations", "environments"])
def test_it_refuses_to_list_with_a_wrong_secret(simulated, path):
    client = ConfluentClient(simulated.url, "demo-key", "wrong")
    with closing(client), pytest.raises(CredentialsRefused, match="BillingAdmin"):
        list(getattr(client, path)())
    assert [request.status for request in simulated.requests] == [401]


def test_it_does_not_repeat_a_request_that_is_wrong(simulated):
    sleeps = []
    client = client_of(simulated.url, sleeps)
    with closing(client), pytest.raises(ConfluentError) as caught:
        list(client.costs(date(2024, 12, 1), date(2025, 1, 2)))
    assert sleeps == []
    assert [request.status for request in simulated.requests] == [400]
    error = caught.value
    assert type(error) is ConfluentError
    assert error.status == 400
    assert error.code == "invalid_filter"
    assert error.detail == "The window must not be longer than one month."
    assert len(error.request_id) == 32
    assert str(error) == (
        "/billing/v1/costs: Confluent answered 400. The window must not be longer than one month. "
        f"(X-Request-Id {error.request_id})"
    )


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (404, b'{"errors":[{"code":"not_found","detail":"Nothing."}]}', "answered 404. Nothing."),
        (404, b"<html>", "answered 404."),
        (400, b'{"errors":[]}', "answered 400."),
        (400, b'{"errors":["text"]}', "answered 400."),
        (400, b'{"errors":[{"code":null,"detail":null}]}', "answered 400."),
        (400, b'{"errors":{"detail":"x"}}', "answered 400."),
        (400, b"[]", "answered 400."),
        (400, b"\xff", "answered 400."),
        (400, b"[" * 100_000, "answered 400."),
        (422, b"", "answered 422."),
    ],
)
def test_it_tells_of_a_refusal_in_whatever_shape(status, body, text):
    with Double((status, {}, body)) as double:
        with pytest.raises(ConfluentError) as caught:
            costs_of(client_of(double.url))
        assert len(double.asked) == 1
    assert str(caught.value) == f"/billing/v1/costs: Confluent {text}"
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("start", "requests"),
    [
        (date(2024, 2, 1), 1),  # 366 days before today
        (date(2024, 2, 2), 2),  # 365 days before today: it should have been answered
        (date(2025, 1, 31), 2),
    ],
)
def test_it_believes_that_a_day_is_too_old_only_when_it_is(start, requests):
    body = b'{"errors":[{"code":"invalid_filter","detail":"start_date is too far in the past."}]}'
    sleeps = []
    with Double((400, {}, body), (200, {}, b'{"data":[]}')) as double:
        with closing(client_of(double.url, sleeps)) as client:
            if requests == 1:
                with pytest.raises(ConfluentError, match="too far in the past") as caught:
                    list(client.costs(start, date(2025, 2, 1)))
                assert type(caught.value) is ConfluentError
            else:
                assert list(client.costs(start, date(2025, 2, 1))) == [[]]
        assert len(double.asked) == requests
    assert len(sleeps) == requests - 1


def test_it_gives_up_on_a_day_that_stays_too_old_wrongly():
    body = b'{"errors":[{"code":"invalid_filter","detail":"start_date is too far in the past."}]}'
    with (
        Double((400, {}, body)) as double,
        pytest.raises(Unreachable, match="too far in the past") as caught,
    ):
        costs_of(client_of(double.url, max_wait=20))
    assert caught.value.status == 400


def test_it_knows_the_oldest_day_that_is_answered_for():
    assert oldest_day(date(2025, 2, 1)) == date(2024, 2, 2)
    assert oldest_day(date(2024, 2, 29)) == date(2023, 3, 1)


@pytest.mark.parametrize(
    "answer",
    [
        (401, {}, b""),
        (400, {}, b"{}"),
        (500, {}, b""),
        (429, {"Retry-After": "9999"}, b""),
        (200, {}, b"not JSON"),
        (200, {}, b'{"data":[],"metadata":{"next":"/nothing"}}'),
        (302, {"Location": "/elsewhere"}, b""),
    ],
)
def test_it_never_shows_the_secret(answer, caplog):
    caplog.set_level(logging.DEBUG)
    with Double(answer) as double:
        client = ConfluentClient(
            double.url, "demo-key", SECRET, sleep=lambda seconds: None, max_wait=5
        )
        with pytest.raises(ConfluentError) as caught:
            costs_of(client)
    shown = [
        str(client),
        repr(client),
        repr(client.traffic),
        str(caught.value),
        repr(caught.value),
        *traceback.format_exception(caught.value),
        caplog.text,
    ]
    assert "demo-key" in repr(client)
    for text in shown:
        assert SECRET not in text
        assert ENCODED not in text


def test_it_never_shows_the_secret_when_nobody_answers():
    client = ConfluentClient("http://127.0.0.1:1", "demo-key", SECRET, max_wait=0)
    with pytest.raises(Unreachable) as caught:
        costs_of(client)
    for text in (str(caught.value), *traceback.format_exception(caught.value)):
        assert SECRET not in text
        assert ENCODED not in text
