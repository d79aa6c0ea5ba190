"""Whatever a text on the bill contains, the staging table holds it unchanged."""

from datetime import date

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.staging import stage_window
from collector.tests.rows import row
from collector.windows import Window

DAY = Window(date(2026, 10, 5), date(2026, 10, 6))
HOSTILE = ["\x1f", "\x02", "\n", "\r", "\r\n", "\t", "\\", "\\.", "\\N", '"', ",", "''", "é😀", " "]


class Pages:
    """A client that answers one page."""

    def __init__(self, rows):
        self._rows = rows

    def costs(self, start, end):
        yield self._rows


def staged(texts):
    rows = [row(description=text, amount=n) for n, text in enumerate(texts)]
    stage_window(Pages(rows), DAY, lambda count: None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT description FROM staged_lines ORDER BY amount")
        return [text for (text,) in cursor.fetchall()]


@pytest.mark.parametrize("text", HOSTILE)
def test_it_keeps_a_mark_of_the_format(db, text):
    assert staged(["before", text, f"a{text}b", "", "after"]) == [
        "before",
        text,
        f"a{text}b",
        "",
        "after",
    ]


def test_it_keeps_marks_that_make_up_for_each_other(db):
    """As many separators and line ends as there should be, in the wrong places."""
    assert staged(["\x1f\n", "a"]) == ["\x1f\n", "a"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.text(st.sampled_from("a,\"'\\\n\r\t\x1f\x02.N"), max_size=6), min_size=1, max_size=4
    )
)
def test_it_keeps_any_text(db, texts):
    assert staged(texts) == texts


def test_it_keeps_more_lines_than_a_batch_holds(db):
    texts = [f"line {n}" for n in range(1_203)]

    assert staged(texts) == texts
