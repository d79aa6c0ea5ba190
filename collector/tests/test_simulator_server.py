import http.client
import json
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from collector.simulator import SimulatedConfluent, World, net_amount

BORN = date(2025, 1, 1)
NOON = datetime(2025, 3, 15, 12, tzinfo=UTC)
KEY = "Basic " + b64encode(b"demo-key:demo-secret").decode()
JANUARY = {"start_date": "2025-01-01", "end_date": "2025-02-01"}


@pytest.fixture
def simulated():
    with SimulatedConfluent(World(born=BORN), clock=lambda: NOON) as simulated:
        yield simulated


def ask(simulated, path, parameters=None, *, method="GET", authorization=KEY, body=None):
    connection = http.client.HTTPConnection(urlsplit(simulated.url).netloc, timeout=10)
    try:
        target = f"{path}?{urlencode(parameters)}" if parameters else path
        headers = {"Authorization": authorization} if authorization else {}
        connection.request(method, target, body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
        return answer, json.loads(text) if text else None
    finally:
        connection.close()


def costs(simulated, **parameters):
    return ask(simulated, "/billing/v1/costs", parameters)


def all_pages(simulated, path, parameters):
    rows, pages = [], 0
    while True:
        answer, document = ask(simulated, path, parameters)
        assert answer.status == 200
        rows += document["data"]
        pages += 1
        if "next" not in document["metadata"]:
            return rows, pages
        url = urlsplit(document["metadata"]["next"])
        assert (f"{url.scheme}://{url.netloc}", url.path) == (simulated.url, path)
        parameters = {name: values[0] for name, values in parse_qs(url.query).items()}
        assert len(parameters["page_token"]) <= 255


def test_it_serves_a_day_in_the_shape_of_the_api(simulated):
    answer, document = costs(simulated, start_date="2025-01-01", end_date="2025-01-02")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert document["api_version"] == "billing/v1"
    assert document["kind"] == "CostList"
    assert document["metadata"] == {}
    assert document["data"] == simulated.world.bill(BORN, NOON)


def test_it_pages_through_every_row_exactly_once(simulated):
    days = [BORN + timedelta(days=number) for number in range(31)]
    expected = [row for day in days for row in simulated.world.bill(day, NOON)]
    for size in (1000, 997, len(expected), len(expected) - 1):
        rows, pages = all_pages(simulated, "/billing/v1/costs", {**JANUARY, "page_size": str(size)})
        assert rows == expected
        assert pages == -(-len(expected) // size)


def test_it_ends_a_page_with_its_day_without_an_empty_page_after(simulated):
    size = len(simulated.world.bill(BORN, NOON))
    window = {"start_date": "2025-01-01", "end_date": "2025-01-03", "page_size": str(size)}
    _, pages = all_pages(simulated, "/billing/v1/costs", window)
    assert pages == 2


def test_it_keeps_telling_of_the_bill_of_the_first_page(simulated):
    window = {"start_date": "2025-03-14", "end_date": "2025-03-16", "page_size": "50"}
    _, first = costs(simulated, **window)
    simulated.clock = lambda: NOON + timedelta(days=9)
    token = parse_qs(urlsplit(first["metadata"]["next"]).query)["page_token"][0]
    _, second = costs(simulated, page_token=token)
    assert first["data"] + second["data"] == simulated.world.bill(date(2025, 3, 14), NOON)[:100]


def test_it_accepts_the_window_beside_a_token_but_no_other_window(simulated):
    _, first = costs(simulated, **JANUARY, page_size="50")
    token = parse_qs(urlsplit(first["metadata"]["next"]).query)["page_token"][0]
    assert costs(simulated, **JANUARY, page_token=token)[0].status == 200
    other = {**JANUARY, "end_date": "2025-01-31"}
    assert costs(simulated, **other, page_token=token)[0].status == 400


def test_it_bills_what_it_serves(simulated):
    for day in (date(2025, 1, 18), date(2025, 2, 20), date(2025, 3, 14), date(2025, 3, 15)):
        connection = http.client.HTTPConnection(urlsplit(simulated.url).netloc)
        window = {"start_date": str(day), "end_date": str(day + timedelta(days=1))}
        connection.request(
            "GET", f"/billing/v1/costs?{urlencode(window)}", headers={"Authorization": KEY}
        )
        rows = json.loads(connection.getresponse().read(), parse_float=Decimal)["data"]
        connection.close()
        with localcontext(prec=100):
            assert sum(map(net_amount, rows)) == simulated.world.billed(day, NOON)


def test_it_writes_numbers_as_python_does(simulated):
    simulated.override(BORN, [{"quantity": 2.6151538e-05, "price": 0.1, "amount": 1e-10}])
    connection = http.client.HTTPConnection(urlsplit(simulated.url).netloc)
    target = "/billing/v1/costs?start_date=2025-01-01&end_date=2025-01-02"
    connection.request("GET", target, headers={"Authorization": KEY})
    text = connection.getresponse().read()
    connection.close()
    assert b'"data":[{"quantity":2.6151538e-05,"price":0.1,"amount":1e-10}]' in text


@pytest.mark.parametrize(
    ("parameters", "parameter", "detail"),
    [
        ({}, "start_date", "required"),
        ({"start_date": "2025-01-01"}, "end_date", "required"),
        ({"start_date": "", "end_date": "2025-01-02"}, "start_date", "required"),
        ({"start_date": "20250101", "end_date": "2025-01-02"}, "start_date", "date like"),
        ({"start_date": "2025-02-01", "end_date": "2025-02-30"}, "end_date", "date like"),
        ({"start_date": "2025-01-02", "end_date": "2025-01-02"}, "start_date", "before"),
        ({"start_date": "2025-01-03", "end_date": "2025-01-02"}, "start_date", "before"),
        ({"start_date": "2025-01-01", "end_date": "2025-02-02"}, "end_date", "one month"),
        (
            {"start_date": "2024-03-14", "end_date": "2024-03-16"},
            "start_date",
            "too far in the past",
        ),
        ({**JANUARY, "page_size": "0"}, "page_size", "1 to 10000"),
        ({**JANUARY, "page_size": "10001"}, "page_size", "1 to 10000"),
        ({**JANUARY, "page_size": "many"}, "page_size", "1 to 10000"),
        ({**JANUARY, "page_token": "nonsense"}, "page_token", "not valid"),
        ({**JANUARY, "page_token": "é"}, "page_token", "not valid"),
    ],
)
def test_it_refuses_bad_parameters(simulated, parameters, parameter, detail):
    answer, document = costs(simulated, **parameters)
    assert answer.status == 400
    [error] = document["errors"]
    assert set(error) == {"id", "status", "code", "title", "detail", "source"}
    assert error["status"] == "400"
    assert error["source"] == {"parameter": parameter}
    assert detail in error["detail"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"start_date": "2025-01-01", "end_date": "2025-02-01"},
        {"start_date": "2024-03-15", "end_date": "2024-03-16"},
        {"start_date": "2025-03-15", "end_date": "2025-04-15", "page_size": "10000"},
    ],
)
def test_it_accepts_windows_at_the_limits(simulated, parameters):
    assert costs(simulated, **parameters)[0].status == 200


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Basic",
        "Basic nonsense",
        "Bearer " + KEY.removeprefix("Basic "),
        "Basic " + b64encode(b"demo-key:wrong").decode(),
    ],
)
def test_it_refuses_other_credentials(simulated, authorization):
    answer, document = ask(simulated, "/org/v2/environments", authorization=authorization)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert document["errors"][0]["status"] == "401"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/billing/v1/invoices", 404),
        ("POST", "/billing/v1/costs", 405),
        ("HEAD", "/org/v2/environments", 405),
        ("GET", "/simulator/faults", 405),
    ],
)
def test_it_knows_no_other_paths_and_methods(simulated, method, path, status):
    answer, _ = ask(simulated, path, method=method)
    assert answer.status == status


def test_it_serves_the_organization_and_pages_of_environments(simulated):
    _, document = ask(simulated, "/org/v2/organizations")
    assert document["kind"] == "OrganizationList"
    assert document["data"] == [simulated.world.organization()]
    environments, pages = all_pages(simulated, "/org/v2/environments", {"page_size": "2"})
    assert environments == simulated.world.environments()
    assert pages == 3
    assert ask(simulated, "/org/v2/environments", {"page_size": "101"})[0].status == 400


def test_it_tells_its_limits_and_request_id_with_every_answer(simulated):
    seen = [ask(simulated, path)[0] for path in ("/org/v2/environments", "/nothing")]
    assert seen[0].headers["X-Request-Id"] != seen[1].headers["X-Request-Id"]
    for answer in seen:
        assert int(answer.headers["X-RateLimit-Remaining"]) > 0
        assert int(answer.headers["X-RateLimit-Limit"]) > 0
        assert 1 <= int(answer.headers["X-RateLimit-Reset"]) <= 60


def test_it_refuses_more_requests_than_the_limit():
    with SimulatedConfluent(World(born=BORN), rate_limit=2) as simulated:
        answers = [ask(simulated, "/org/v2/organizations")[0] for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60


def test_it_serves_rows_written_by_hand(simulated):
    day = {"start_date": "2025-01-01", "end_date": "2025-01-02"}
    simulated.override(BORN, [{"id": "one", "amount": Decimal("1.10")}])
    simulated.extra_rows(BORN, [{"id": "two"}])
    assert costs(simulated, **day)[1]["data"] == [{"id": "one", "amount": 1.1}, {"id": "two"}]
    simulated.override(BORN, None)
    whole = simulated.world.bill(BORN, NOON)
    assert costs(simulated, **day)[1]["data"] == [*whole, {"id": "two"}]
    simulated.extra_rows(BORN, None)
    assert costs(simulated, **day)[1]["data"] == whole


def test_it_follows_its_clock(simulated):
    day = {"start_date": "2025-03-15", "end_date": "2025-03-16"}
    _, early = costs(simulated, **day)
    simulated.clock = lambda: NOON + timedelta(days=4)
    _, late = costs(simulated, **day)
    assert late["data"] == simulated.world.bill(NOON.date(), NOON + timedelta(days=4))
    assert len(early["data"]) < len(late["data"])


def test_it_remembers_what_it_was_asked(simulated):
    costs(simulated, start_date="2025-01-01", end_date="2025-01-02")
    ask(simulated, "/nothing")
    first, second = simulated.requests
    assert (first.method, first.path, first.status) == ("GET", "/billing/v1/costs", 200)
    assert first.parameters == {"start_date": "2025-01-01", "end_date": "2025-01-02"}
    assert (second.path, second.status) == ("/nothing", 404)


def test_it_answers_many_requests_on_one_connection(simulated):
    connection = http.client.HTTPConnection(urlsplit(simulated.url).netloc)
    for _ in range(3):
        connection.request("GET", "/org/v2/organizations", headers={"Authorization": KEY})
        own = connection.sock.getsockname()
        assert connection.getresponse().read()
        assert connection.sock.getsockname() == own
    connection.close()


def test_it_says_nothing_on_the_terminal(simulated, capfd):
    ask(simulated, "/org/v2/organizations")
    ask(simulated, "/nothing")
    assert capfd.readouterr() == ("", "")


def test_it_closes_although_a_connection_is_open():
    with SimulatedConfluent(World(born=BORN)) as simulated:
        connection = http.client.HTTPConnection(urlsplit(simulated.url).netloc)
        connection.request("GET", "/org/v2/organizations", headers={"Authorization": KEY})
        assert connection.getresponse().read()
    simulated.close()
    connection.close()
    other = http.client.HTTPConnection(urlsplit(simulated.url).netloc)
    with pytest.raises(ConnectionRefusedError):
        other.request("GET", "/")
    other.close()
