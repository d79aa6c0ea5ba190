from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import client as client_module
from collector.client import ConfluentError, Unreachable
from collector.simulator import Faults, SimulatedConfluent, World
from collector.simulator.faults import TRANSIENT
from collector.tests.test_client_double import client_of

START, END = date(2025, 1, 1), date(2025, 1, 4)
ROWS = [{"id": f"row {number}", "amount": Decimal(number) / 100} for number in range(10)]

transient = st.lists(st.sampled_from(TRANSIENT), max_size=12)


@pytest.fixture(scope="module")
def simulated():
    """Three days of 4, 0 and 6 rows."""
    with SimulatedConfluent(
        World(born=START),
        clock=lambda: datetime(2025, 2, 1, tzinfo=UTC),
        faults=Faults(delay=0.0, retry_after=2),
    ) as simulated:
        for day, rows in ((1, ROWS[:4]), (2, []), (3, ROWS[4:])):
            simulated.override(date(2025, 1, day), rows)
        yield simulated


@pytest.fixture(scope="module", autouse=True)
def small_pages():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client_module, "COSTS_PAGE_SIZE", 3)
        yield


def collected(simulated, faults, **options):
    simulated.faults.clear()
    simulated.faults.add(*faults)
    with closing(client_of(simulated.url, **options)) as client:
        return [row for page in client.costs(START, END) for row in page], client.traffic


def test_it_collects_ten_rows_without_faults(simulated):
    rows, traffic = collected(simulated, [])
    assert rows == ROWS
    assert (traffic.pages, traffic.requests) == (4, 4)


@given(faults=transient)
@settings(max_examples=150, deadline=None)
def test_it_collects_the_same_rows_whatever_passes(simulated, faults):
    sleeps = []
    rows, traffic = collected(simulated, faults, sleeps=sleeps)
    assert rows == ROWS
    # "slow" is a right answer: the fifth would come after the last page.
    met = faults[: len(faults) - len(simulated.faults.queued)]
    assert met == faults or met.count("slow") == 4
    assert len(sleeps) == traffic.retries == len(met) - met.count("slow")
    assert traffic.requests == 4 + traffic.retries
    assert traffic.waited_seconds == pytest.approx(sum(sleeps))


@given(faults=transient, max_wait=st.floats(0, 30))
@settings(max_examples=100, deadline=None)
def test_it_gives_all_rows_or_an_error(simulated, faults, max_wait):
    sleeps = []
    try:
        rows, _ = collected(simulated, faults, sleeps=sleeps, max_wait=max_wait)
    except Unreachable:
        assert faults != []
    else:
        assert rows == ROWS
    assert all(0 < wait <= max_wait for wait in sleeps)


@given(
    before=st.lists(st.sampled_from(TRANSIENT), max_size=3),
    last=st.sampled_from(["401", "403"]),
)
@settings(max_examples=30, deadline=None)
def test_it_never_goes_on_after_a_refusal(simulated, before, last):
    with pytest.raises(ConfluentError, match="refused the API key"):
        collected(simulated, [*before, last])
    assert simulated.faults.queued == []
