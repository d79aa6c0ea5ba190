"""A day is written by whole statements: their number does not depend on its lines."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collector.tests.rows import row

DAY = date(2026, 10, 5)


@pytest.fixture
def statements(confluent, collect_days):
    """statements(rows) collects a day of them and returns how many statements that took."""

    def collect(rows):
        confluent.override(DAY, rows)
        with CaptureQueriesContext(connection) as captured:
            collect_days("2026-10-05", "2026-10-06")
        return len(captured)

    return collect


def test_many_lines_take_as_many_statements_as_few(statements):
    statements([row()])  # dimensions and the partition are there from now on

    few = statements([row(amount=Decimal(n)) for n in range(2)])
    many = statements([row(amount=Decimal(n)) for n in range(500)])

    assert many == few


def test_an_unchanged_day_takes_fewer(statements):
    rows = [row(amount=Decimal(n)) for n in range(50)]
    changed = statements(rows)

    assert statements(rows) < changed
