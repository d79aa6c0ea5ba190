"""Which days the schedule reads again."""

from datetime import date

import pytest

from collector import windows
from collector.windows import Window


@pytest.mark.parametrize(
    ("today", "start"),
    [
        ("2026-11-20", "2026-11-13"),
        ("2026-11-08", "2026-11-01"),
        # Until the 7th Confluent may still revise the month before.
        ("2026-11-07", "2026-10-01"),
        ("2026-11-01", "2026-10-01"),
        ("2026-01-03", "2025-12-01"),
    ],
)
def test_the_daily_job_reads_what_may_be_restated(today, start):
    day = date.fromisoformat(today)

    window = windows.trailing(day)

    assert (str(window.start), window.last) == (start, day)


def test_the_hourly_job_reads_three_days():
    assert windows.last_days(3, date(2026, 11, 1)) == Window(date(2026, 10, 30), date(2026, 11, 2))
