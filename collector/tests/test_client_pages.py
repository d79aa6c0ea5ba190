from base64 import b64encode
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from collector import client as client_module
from collector.client import ConfluentError
from collector.simulator import SimulatedConfluent, World
from collector.tests.test_client_double import Double, client_of, costs_of

DAY, NEXT_DAY = date(2025, 1, 1), date(2025, 1, 2)
AUTHORIZATION = "Basic " + b64encode(b"demo-key:demo-secret").decode()


@pytest.fixture
def simulated():
    with SimulatedConfluent(
        World(born=DAY), clock=lambda: datetime(2025, 2, 1, tzinfo=UTC)
    ) as simulated:
        yield simulated


def test_it_says_who_it_is():
    with Double((200, {}, b'{"data":[]}')) as double:
        costs_of(client_of(double.url + "/", user_agent="billing-portal/1.2"))
    [asked] = double.asked
    assert asked.path == "/billing/v1/costs"
    assert asked.headers["Authorization"] == AUTHORIZATION
    assert asked.headers["User-Agent"] == "billing-portal/1.2"
    assert asked.headers["Accept"] == "application/json"


def test_it_asks_for_pages_of_10000_costs_and_of_100_list_items(simulated):
    with closing(client_of(simulated.url)) as client:
        list(client.costs(DAY, NEXT_DAY))
        list(client.organizations())
        list(client.environments())
    assert [(request.path, request.parameters) for request in simulated.requests] == [
        (
            "/billing/v1/costs",
            {"start_date": "2025-01-01", "end_date": "2025-01-02", "page_size": "10000"},
        ),
        ("/org/v2/organizations", {"page_size": "100"}),
        ("/org/v2/environments", {"page_size": "100"}),
    ]


def test_it_gives_every_row_once_and_in_order(simulated, monkeypatch):
    monkeypatch.setattr(client_module, "COSTS_PAGE_SIZE", 2)
    simulated.override(DAY, [{"id": f"a{number}"} for number in range(3)])
    simulated.override(NEXT_DAY, [{"id": f"b{number}"} for number in range(2)])
    with closing(client_of(simulated.url)) as client:
        pages = list(client.costs(DAY, date(2025, 1, 3)))
    assert pages == [
        [{"id": "a0"}, {"id": "a1"}],
        [{"id": "a2"}, {"id": "b0"}],
        [{"id": "b1"}],
    ]


def test_it_asks_for_a_page_only_when_it_is_wanted(simulated, monkeypatch):
    monkeypatch.setattr(client_module, "COSTS_PAGE_SIZE", 1)
    simulated.override(DAY, [{"id": "first"}, {"id": "second"}])
    with closing(client_of(simulated.url)) as client:
        pages = client.costs(DAY, NEXT_DAY)
        assert len(simulated.requests) == 0
        assert next(pages) == [{"id": "first"}]
        assert len(simulated.requests) == 1


def test_it_follows_the_pages_of_a_list(simulated, monkeypatch):
    monkeypatch.setattr(client_module, "LIST_PAGE_SIZE", 2)
    expected = simulated.world.environments()
    with closing(client_of(simulated.url)) as client:
        pages = list(client.environments())
    assert [item for page in pages for item in page] == expected
    assert len(pages) == -(-len(expected) // 2)


def test_it_counts_what_it_asked_for(simulated, monkeypatch):
    monkeypatch.setattr(client_module, "COSTS_PAGE_SIZE", 1)
    simulated.override(DAY, [{}, {}])
    simulated.faults.add("429")
    simulated.faults.retry_after = 7
    client = client_of(simulated.url)
    assert costs_of(client) == [{}, {}]
    traffic = client.take_traffic()
    assert (traffic.pages, traffic.requests, traffic.retries) == (2, 3, 1)
    assert traffic.waited_seconds == 7
    assert client.take_traffic().requests == 0


@pytest.mark.parametrize(
    "body",
    [b'{"data":null}', b'{"data":[]}', b'{"metadata":null,"data":null}'],
)
def test_it_takes_no_data_as_an_empty_page(body):
    with Double((200, {}, body)) as double, closing(client_of(double.url)) as client:
        assert list(client.costs(DAY, NEXT_DAY)) == [[]]


def test_it_goes_on_after_an_empty_page_in_the_middle():
    first = b'{"data":null,"metadata":{"next":"https://api.confluent.cloud/?page_token=two"}}'
    with Double((200, {}, first), (200, {}, b'{"data":[{"id":"x"}]}')) as double:
        assert costs_of(client_of(double.url)) == [{"id": "x"}]


def test_it_takes_only_the_token_of_the_next_page_and_not_its_host():
    with Double((200, {}, b'{"data":[]}')) as stranger:
        first = (
            b'{"data":[{"id":"one"}],"metadata":{"next":"'
            + stranger.url.encode()
            + b'/elsewhere?page_size=3&start_date=1999-01-01&page_token=a%2Bb%3D"}}'
        )
        with Double((200, {}, first), (200, {}, b'{"data":[{"id":"two"}]}')) as double:
            assert costs_of(client_of(double.url)) == [{"id": "one"}, {"id": "two"}]
        assert stranger.asked == []
    assert [(asked.path, asked.parameters) for asked in double.asked] == [
        (
            "/billing/v1/costs",
            {"start_date": "2025-01-01", "end_date": "2025-01-02", "page_size": "10000"},
        ),
        (
            "/billing/v1/costs",
            {
                "start_date": "2025-01-01",
                "end_date": "2025-01-02",
                "page_size": "10000",
                "page_token": "a+b=",
            },
        ),
    ]


@pytest.mark.parametrize("following", [b"/costs", b"/costs?page_token=", b"http://[", b"nonsense"])
def test_it_refuses_a_next_page_without_a_token(following):
    body = b'{"data":[],"metadata":{"next":"' + following + b'"}}'
    with Double((200, {}, body)) as double:
        with pytest.raises(ConfluentError, match=r"metadata\.next names no page_token"):
            costs_of(client_of(double.url))
        assert len(double.asked) == 1


def test_it_notices_when_the_paging_loops():
    def page(token):
        return 200, {}, b'{"data":[],"metadata":{"next":"/?page_token=' + token + b'"}}'

    with Double(page(b"a"), page(b"b"), page(b"a"), (200, {}, b'{"data":[]}')) as double:
        with pytest.raises(ConfluentError) as caught:
            costs_of(client_of(double.url))
        assert [asked.parameters.get("page_token") for asked in double.asked] == [None, "a", "b"]
    assert str(caught.value) == (
        "/billing/v1/costs: the same page was offered twice; its paging loops."
    )


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_it_follows_no_redirect(status):
    with Double((200, {}, b'{"data":[{"id":"stolen"}]}')) as stranger:
        with Double((status, {"Location": stranger.url + "/billing/v1/costs"}, b"")) as double:
            with pytest.raises(ConfluentError) as caught:
                costs_of(client_of(double.url))
            assert len(double.asked) == 1
        assert stranger.asked == []
    assert caught.value.status == status
    assert str(caught.value) == f"/billing/v1/costs: Confluent answered {status}."


def test_it_keeps_its_key_beside_a_netrc(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other-key password other-secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Double((200, {}, b'{"data":[]}')) as double:
        costs_of(client_of(double.url))
    assert double.asked[0].headers["Authorization"] == AUTHORIZATION


def test_it_keeps_its_key_behind_a_proxy(monkeypatch):
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with Double((200, {}, b'{"data":[]}')) as proxy:
        address = proxy.url.replace("http://", "http://proxy-user:proxy-password@")
        monkeypatch.setenv("http_proxy", address)
        costs_of(client_of("http://confluent.test"))
    [asked] = proxy.asked
    assert asked.headers["Host"] == "confluent.test"
    assert asked.headers["Authorization"] == AUTHORIZATION


def test_it_reads_numbers_as_decimals_in_their_own_digits():
    numbers = b'{"a":2.6151538e-05,"b":0.10,"c":24,"d":1E+400,"e":1234567890123456789.0123456789}'
    with Double((200, {}, b'{"data":[' + numbers + b"]}")) as double:
        [row] = costs_of(client_of(double.url))
    assert row == {
        "a": Decimal("0.000026151538"),
        "b": Decimal("0.10"),
        "c": 24,
        "d": Decimal("1E+400"),
        "e": Decimal("1234567890123456789.0123456789"),
    }
    assert str(row["b"]) == "0.10"


def test_it_keeps_the_page_of_a_number_that_no_decimal_can_hold():
    body = b'{"data":[{"amount":1e99999999999999999999},{"amount":0.10}]}'
    with Double((200, {}, body)) as double:
        rows = costs_of(client_of(double.url))
    assert rows == [{"amount": "1e99999999999999999999"}, {"amount": Decimal("0.10")}]


def test_it_keeps_integers_of_thousands_of_digits():
    digits = "9" * 4000
    with Double((200, {}, b'{"data":[{"quantity":' + digits.encode() + b"}]}")) as double:
        assert costs_of(client_of(double.url)) == [{"quantity": 10**4000 - 1}]


@pytest.mark.parametrize(
    ("body", "row"),
    [
        (b'{"data":[{"name":"cut \\ud83d off","amount":1.10}]}', {"name": "cut ? off"}),
        (b'{"data":[{"name":"x","amount":1.10,"price":NaN}]}', {"name": "x", "price": "NaN"}),
    ],
)
def test_it_takes_what_only_the_standard_parser_takes(body, row):
    with Double((200, {}, body)) as double, closing(client_of(double.url)) as client:
        assert list(client.costs(DAY, NEXT_DAY)) == [[{**row, "amount": Decimal("1.10")}]]
