from datetime import date
from decimal import Decimal

import pytest

from collector.client import ConfluentError
from collector.models import CollectionRun
from collector.tests.conftest import stored
from collector.tests.rows import row
from costs.models import BillingDay

DAY = date(2026, 10, 5)


@pytest.fixture
def restated(confluent, collect_days):
    """A stored day whose bill has changed since."""
    confluent.override(DAY, [row()])
    collect_days("2026-10-05", "2026-10-06")
    confluent.override(DAY, [row(amount=Decimal(2)) for _ in range(12_000)])
    return stored()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("401", "refused the API key (401). The API key's owner needs the role BillingAdmin"),
        ("403", "refused the API key (403). The API key's owner needs the role BillingAdmin"),
        ("500", "Gave up after"),
        ("429", "Gave up after"),
        ("drop", "Gave up after"),
        ("garbage", "the answer is not JSON. Gave up after"),
    ],
)
def test_it_leaves_every_day_as_it_was(confluent, client, collect_days, restated, fault, words):
    client.max_wait = 0
    confluent.faults.retry_after = 1
    confluent.faults.add(fault, path="/billing")

    with pytest.raises(ConfluentError):
        collect_days("2026-10-05", "2026-10-06")

    assert stored() == restated
    run = CollectionRun.objects.first()
    assert (run.state, run.days_changed) == ("failed", 0)
    assert words in run.error
    assert run.finished_at is not None


def test_it_leaves_the_day_as_it_was_when_the_second_page_fails(
    confluent, client, collect_days, restated
):
    client.max_wait = 0
    pages = client.costs

    def first_page_then_503(start, end):
        for page in pages(start, end):
            yield page
            confluent.faults.add("503", path="/billing")

    client.costs = first_page_then_503

    with pytest.raises(ConfluentError):
        collect_days("2026-10-05", "2026-10-06")

    assert stored() == restated
    assert CollectionRun.objects.first().lines_received == 10_000


def test_it_goes_on_from_there(confluent, client, collect_days, restated):
    confluent.faults.add("401", path="/billing")
    with pytest.raises(ConfluentError):
        collect_days("2026-10-05", "2026-10-06")

    collect_days("2026-10-05", "2026-10-06")

    assert BillingDay.objects.get().line_count == 12_000


@pytest.mark.parametrize(
    "fault",
    [
        "429",
        "429-reset",
        "500",
        "503",
        "drop",
        "truncate",
        "garbage",
        "not-json",
        "slow",
        "too-far",
    ],
)
def test_it_is_complete_after_a_fault_that_passes(confluent, collect_days, fault):
    confluent.override(DAY, [row(amount=Decimal(n)) for n in (1, 2, 3)])
    confluent.faults.add(fault, fault, path="/billing")

    run = collect_days("2026-10-05", "2026-10-06")

    assert (run.state, run.lines_added) == ("succeeded", 3)
    assert BillingDay.objects.get().amount == 6
    assert run.retries == (0 if fault == "slow" else 2)


def test_it_says_so_when_the_process_is_interrupted(confluent, client, collect_days, restated):
    def interrupted(start, end):
        raise KeyboardInterrupt
        yield

    client.costs = interrupted

    with pytest.raises(KeyboardInterrupt):
        collect_days("2026-10-05", "2026-10-06")

    assert stored() == restated
    assert CollectionRun.objects.first().error == (
        "Interrupted by the operator; every stored day is whole."
    )
