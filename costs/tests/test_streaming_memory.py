"""A million rows as CSV pass through in constant memory."""

import gc
import tracemalloc
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from costs.exports import csv_chunks
from costs.filters import CostFilter
from costs.reports.hourly import streamed_hourly_facts
from costs.reports.snapshot import snapshot
from costs.tests.billed import bill
from costs.tests.ownership import line, organization
from costs.visibility import visible_to

DAYS, LINES = 6, 150


@pytest.fixture
def many_hours(db):
    """21,600 hours."""
    first = date(2026, 10, 1)
    bill(
        organization(),
        *(
            line("24", day=first + timedelta(days=day), resource=f"lkc-{number}", name="x" * 100)
            for day in range(DAYS)
            for number in range(LINES)
        ),
    )
    return CostFilter(first, first + timedelta(days=DAYS))


def peak_of(cost_filter):
    """Rows written, and bytes of Python's memory at most while they were."""
    gc.collect()
    tracemalloc.start()
    rows = 0
    with snapshot(), streamed_hourly_facts(cost_filter, visible_to(AnonymousUser())) as table:
        for chunk in csv_chunks(table):
            rows += chunk.count(b"\r\n")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return rows - 1, peak


def test_six_times_the_rows_take_no_more_memory(many_hours):
    one_day = CostFilter(many_hours.start, many_hours.start + timedelta(days=1))
    peak_of(one_day)  # what is loaded once

    few, small = peak_of(one_day)
    many, large = peak_of(many_hours)

    assert (few, many) == (LINES * 24, DAYS * LINES * 24)
    assert large < small * 1.5
