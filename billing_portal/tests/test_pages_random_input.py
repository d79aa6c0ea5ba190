"""Any query string is answered by a page or a refusal, and comes back as text at most."""

from urllib.parse import urlencode

import pytest
import time_machine
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from billing_portal.tests import stored
from billing_portal.tests.markup import markup_of
from billing_portal.tests.pages import BROWSER
from costs.filters import DIMENSIONS, CostType, Period
from costs.reports.charges import Granularity

ADDRESSES = ("/explore", "/changes", "/days/2026-10-30", "/explain", "/quality", "/runs")
ANSWERS = {200, 302, 400, 404, 422}
# If one of these became markup, there would be an element zz or an attribute zq.
ECHOES = ("<zz zq=1>", '"><zz>', "' zq='", '" zq="', "</script><zz>", "</title><zz>", "--><zz>")
NAMES = (
    *("by", "against", "day", "months", "since", "page", "state", "chart", "format", "offset"),
    *("period", "start_date", "end_date", "granularity", "cost_type", "compare", "top"),
    *("group_by", "order_by", "dimension", "words_cluster"),
    *DIMENSIONS,
    *(f"exclude[{name}]" for name in DIMENSIONS),
)
VALUES = (
    *("", "none", "true", "previous", "week", "lines", "share", "lkc-1", "env-1", "o-1", "BU-1"),
    *("production", "high", "direct", "failed", "cluster,env", "-cost", "1", "13", "1000", "0"),
    *("2026-10-30", "2026-10-31", "2026-11-03", "2015-01-01", "2099-12-31", "9999-12-31"),
    *("9" * 30, "\xb2", "\u0661", "\x00", "\ufffe", "\u202e"),
    *Granularity,
    *CostType,
    *Period,
    *DIMENSIONS,
)
name = st.sampled_from(NAMES) | st.sampled_from(ECHOES) | st.text(max_size=10)
value = st.sampled_from(VALUES) | st.sampled_from(ECHOES) | st.text(max_size=20)
pairs = st.lists(st.tuples(name, value), max_size=6)
# Percent signs and bytes as they come, also those that are no character.
raw = st.text("%&=+;[]0123456789abcdefABCDEF", max_size=30) | st.sampled_from(
    ["%ED%A0%80=%ED%BF%BF", "top=%FF", "%00=%00", "&&&=", "cluster=%C0%AF", "org=%F4%90%80%80"]
)


@pytest.fixture(autouse=True)
def reader(db, kept_company, client):
    with time_machine.travel("2026-11-04T09:00:00+00:00", tick=False):
        client.force_login(stored.superuser())
        yield


def usual(examples):
    quick = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=examples, suppress_health_check=quick)


def check(client, address, query, headers=None):
    answer = client.get(f"{address}?{query}", headers={"accept": BROWSER} | (headers or {}))
    assert answer.status_code in ANSWERS
    page = markup_of(answer)
    assert page.wrong == []
    assert not [element for element in page.elements if {"zz", "zq"} & set(element)]
    if answer.status_code == 400:
        assert "cannot be answered" in page.words or "that there is not" in page.words
    if answer.status_code == 302:
        assert answer["Location"].startswith(address)


@pytest.mark.parametrize("address", ADDRESSES)
@usual(examples=25)
@given(asked=pairs)
@example(asked=[(echo, echo) for echo in ECHOES])
@example(asked=[("by", "cluster"), ("day", "2026-10-30"), ("cluster", ECHOES[0])])
def test_any_parameters_are_answered(client, address, asked):
    check(client, address, urlencode(asked, errors="surrogatepass"))


@usual(examples=25)
@given(asked=pairs)
def test_the_explorer_answers_its_script_whatever_it_asks(client, asked):
    for address in ("/explore", "/explore/values"):
        check(client, address, urlencode(asked, errors="surrogatepass"), {"hx-request": "true"})


@usual(examples=60)
@given(address=st.sampled_from(ADDRESSES), query=raw)
def test_any_bytes_are_answered(client, address, query):
    check(client, address, query)
