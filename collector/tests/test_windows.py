from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.windows import Window, last_months, month, recent

days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def test_the_default_is_the_month_so_far_and_the_trailing_week():
    assert recent(date(2026, 11, 23)) == Window(date(2026, 11, 1), date(2026, 11, 24))
    assert recent(date(2026, 11, 3)) == Window(date(2026, 10, 27), date(2026, 11, 4))


def test_a_month_ends_today_at_the_latest():
    assert month("2026-02", date(2026, 11, 23)) == Window(date(2026, 2, 1), date(2026, 3, 1))
    assert month("2026-11", date(2026, 11, 23)) == Window(date(2026, 11, 1), date(2026, 11, 24))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-13", "'2026-13' is not a month; write it as YYYY-MM."),
        ("november", "'november' is not a month; write it as YYYY-MM."),
        ("2026-12", "2026-12 has not begun yet."),
    ],
)
def test_a_wrong_month_is_named(text, words):
    with pytest.raises(ValueError, match=words.replace(".", r"\.")):
        month(text, date(2026, 11, 23))


def test_it_walks_back_by_months_newest_first_no_further_than_the_oldest_day():
    assert last_months(3, date(2026, 2, 10), date(2025, 12, 5)) == [
        Window(date(2026, 2, 1), date(2026, 2, 11)),
        Window(date(2026, 1, 1), date(2026, 2, 1)),
        Window(date(2025, 12, 5), date(2026, 1, 1)),
    ]


def test_an_empty_window_is_refused():
    with pytest.raises(ValueError, match="is not after its start"):
        Window(date(2026, 1, 1), date(2026, 1, 1))


@given(start=days, length=st.integers(1, 500))
def test_the_months_of_a_window_are_all_its_days_once_and_none_is_longer_than_a_month(
    start, length
):
    window = Window(start, date.fromordinal(start.toordinal() + length))

    parts = window.by_month()

    assert [day for part in parts[::-1] for day in part.days()] == list(window.days())
    assert all(part.days_long <= 31 and part.start.month == part.last.month for part in parts)
