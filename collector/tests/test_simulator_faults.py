import http.client
import json
from base64 import b64encode
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import pytest

from collector.simulator import Faults, SimulatedConfluent, World
from collector.simulator.faults import KINDS, TRANSIENT

DAY = "/billing/v1/costs?start_date=2025-01-01&end_date=2025-01-02"
KEY = {"Authorization": "Basic " + b64encode(b"demo-key:demo-secret").decode()}


@pytest.fixture
def simulated():
    world = World(born=date(2025, 1, 1))
    with SimulatedConfluent(
        world, clock=lambda: datetime(2025, 2, 1, tzinfo=UTC), faults=Faults(delay=0.01)
    ) as simulated:
        yield simulated


def ask(simulated, target=DAY, *, method="GET", body=None, headers=KEY):
    connection = http.client.HTTPConnection(urlsplit(simulated.url).netloc, timeout=10)
    try:
        connection.request(method, target, body=body, headers=headers)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("429", 429, b"rate_limit_exceeded"),
        ("429-reset", 429, b"rate_limit_exceeded"),
        ("500", 500, b"internal_error"),
        ("503", 503, b"no healthy upstream"),
        ("garbage", 200, b"<!doctype html>"),
        ("too-far", 400, b"too far in the past"),
        ("401", 401, b"unauthorized"),
        ("403", 403, b"forbidden"),
        ("404", 404, b"not_found"),
        ("null-data", 200, b'"data":null}'),
        ("empty", 200, b'"data":[]}'),
    ],
)
def test_it_serves_a_fault_once(simulated, kind, status, text):
    simulated.faults.add(kind)
    answer, body = ask(simulated)
    assert answer.status == status
    assert text in body
    assert {"X-Request-Id", "X-RateLimit-Reset"} <= set(answer.headers)
    assert ask(simulated)[0].status == 200
    assert [request.fault for request in simulated.requests] == [kind, None]


def test_it_says_how_long_to_wait(simulated):
    simulated.faults.retry_after = 7
    simulated.faults.add("429", "429-reset")
    first, second = ask(simulated)[0], ask(simulated)[0]
    assert first.headers["Retry-After"] == "7"
    assert second.headers["Retry-After"] is None
    assert second.headers["X-RateLimit-Reset"] == "7"


def test_it_drops_the_connection(simulated):
    simulated.faults.add("drop")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(simulated)
    assert simulated.requests[0].status is None


def test_it_sends_less_than_it_promised(simulated):
    simulated.faults.add("truncate")
    with pytest.raises(http.client.IncompleteRead):
        ask(simulated)


def test_it_sends_json_that_stops_in_the_middle(simulated):
    simulated.faults.add("not-json")
    answer, body = ask(simulated)
    assert answer.headers["Content-Type"] == "application/json"
    assert len(body) == int(answer.headers["Content-Length"])
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_it_answers_late_but_right(simulated):
    simulated.faults.add("slow")
    assert ask(simulated)[1] == ask(simulated)[1]
    assert simulated.requests[0].fault == "slow"


def test_it_serves_faults_in_order(simulated):
    simulated.faults.add("500", "503", "429")
    assert [ask(simulated)[0].status for _ in range(4)] == [500, 503, 429, 200]


def test_it_keeps_a_fault_for_the_path_it_is_meant_for(simulated):
    simulated.faults.add("500", path="/billing")
    assert ask(simulated, "/org/v2/organizations")[0].status == 200
    assert ask(simulated)[0].status == 500


def test_it_does_not_spend_faults_on_requests_that_fail_anyway(simulated):
    simulated.faults.add("500")
    assert ask(simulated, headers={})[0].status == 401
    assert ask(simulated, "/billing/v1/costs")[0].status == 400
    assert simulated.faults.queued == ["500"]


def test_it_takes_faults_over_http(simulated):
    wish = json.dumps({"faults": ["429", "drop"]})
    answer, body = ask(simulated, "/simulator/faults", method="POST", body=wish)
    assert answer.status == 200
    assert json.loads(body) == {"queued": ["429", "drop"]}
    assert simulated.faults.queued == ["429", "drop"]


@pytest.mark.parametrize("wish", ['{"faults": ["earthquake"]}', '{"faults": "429"}', "{", ""])
def test_it_refuses_faults_it_does_not_know(simulated, wish):
    answer, _ = ask(simulated, "/simulator/faults", method="POST", body=wish)
    assert answer.status == 400
    assert simulated.faults.queued == []


def test_it_takes_faults_only_with_credentials(simulated):
    wish = json.dumps({"faults": ["500"]})
    answer, _ = ask(simulated, "/simulator/faults", method="POST", body=wish, headers={})
    assert answer.status == 401
    assert simulated.faults.queued == []


def test_it_queues_nothing_if_a_kind_is_unknown():
    faults = Faults()
    with pytest.raises(ValueError, match="earthquake"):
        faults.add("500", "earthquake")
    assert faults.queued == []


def test_it_draws_random_faults_from_its_seed():
    def drawn(seed):
        faults = Faults(rate=0.3, seed=seed)
        return [faults.take("/") for _ in range(200)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert 30 <= sum(fault is not None for fault in drawn(1)) <= 90
    assert set(drawn(1)) <= {None, *TRANSIENT}


def test_it_leaves_faults_that_would_be_believed_out_of_the_random_ones():
    assert set(KINDS) - set(TRANSIENT) >= {"401", "403", "404", "null-data", "empty"}
    assert "too-far" in TRANSIENT
