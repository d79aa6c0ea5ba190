"""Query strings: what is wrong is named, with what would be allowed; what is right reads back."""

from datetime import date, timedelta

import pytest
import time_machine
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from costs.filters import DIMENSIONS, CostFilter, CostType, Period
from costs.query_string import InvalidParameters, Reader
from costs.reports.query import CostQuery
from costs.tests.asking import ask, refusals


def read(text):
    reader = Reader(QueryDict(text))
    query = CostQuery.read(reader)
    reader.finish()
    return query


@pytest.mark.parametrize(
    ("asked", "parameter", "message", "allowed"),
    [
        ("nonsense=1", "nonsense", "There is no such parameter.", "start_date"),
        ("start_date=2026-13-01", "start_date", "is not a day; write it as YYYY-MM-DD", None),
        ("start_date=20261101", "start_date", "is not a day", None),
        ("start_date=2026-W45-1", "start_date", "is not a day", None),
        ("start_date=1815-06-18", "start_date", "Days are from 2015-01-01 to 2099-12-31", None),
        ("start_date=2026-01-02&end_date=2026-01-02", "end_date", "is not after 2026-01-02", None),
        ("end_date=2026-01-02", "start_date", "end_date needs a start_date", None),
        ("start_date=2026-01-01&start_date=2026-01-02", "start_date", "Give it once", None),
        ("period=mtd&start_date=2026-01-01", "period", "one of the two", None),
        ("period=yesterday", "period", "“yesterday” is not one of", "last_month"),
        ("granularity=yearly", "granularity", "is not one of", "monthly"),
        ("group_by=env,moon", "group_by", "“moon” is not one of", "cost_center"),
        ("order_by=price", "order_by", "“price” is not one of", "-cost"),
        ("order_by=env", "order_by", "“env” is not one of", "period"),
        ("order_by=cost&order_by=-cost", "order_by", "Name each once", None),
        ("order_by=change", "order_by", "“change” is not one of", None),
        ("cost_type=gross", "cost_type", "is not one of", "credits"),
        ("compare=next", "compare", "is not one of", "previous"),
        ("top=0&group_by=env", "top", "is not a whole number from 1 to 1000", None),
        ("top=five&group_by=env", "top", "is not a whole number", None),
        ("top=٣&group_by=env", "top", "is not a whole number", None),
        ("top=5", "top", "It needs a group_by", None),
        ("limit=0", "limit", "is not a whole number from 1 to 10000", None),
        ("offset=-1", "offset", "is not a whole number from 0", None),
        ("stage=test", "stage", "“test” is not one of", "production"),
        ("confidence=sure", "confidence", "is not one of", "high"),
        ("exclude[method]=magic", "exclude[method]", "is not one of", "cluster_rule"),
        ("exclude[moon]=1", "exclude[moon]", "There is no such parameter", "exclude[env]"),
        ("env=", "env", "A value has 1 to 500 readable characters", None),
        ("env=a%00b", "env", "readable characters", None),
        (f"env={'x' * 501}", "env", "1 to 500", None),
        ("format=pdf", "format", "is not one of", "csv"),
        ("granularity=hourly&period=ytd", "granularity", "at most 31 days", None),
        (
            "granularity=hourly&period=last_7_days&compare=previous",
            "compare",
            "Hours are even shares",
            None,
        ),
    ],
)
def test_it_names_what_is_wrong(db, client, asked, parameter, message, allowed):
    said = refusals(client.get(f"/api/v1/costs?{asked}"))

    assert parameter in said
    assert message in said[parameter][0]
    assert allowed is None or allowed in said[parameter][1]


def test_it_names_every_mistake_at_once(db, client):
    said = refusals(client.get("/api/v1/costs?granularity=x&group_by=y&limit=z&w=1"))

    assert said.keys() == {"granularity", "group_by", "limit", "w"}


def test_it_refuses_more_parameters_than_there_can_be(db, client):
    answer = ask(client, "costs", **{f"a{number}": 1 for number in range(1_001)})

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The request cannot be read.")


def test_it_takes_no_more_values_than_it_says(db, client):
    answer = ask(client, "costs", *[("env", f"env-{number}") for number in range(201)])

    assert refusals(answer) == {"env": ("At most 200 values are taken, not 201.", [])}


@pytest.mark.parametrize(
    "route", ["costs/summary", "costs/facts", "costs/line-items", "costs/days", "collections"]
)
def test_every_route_refuses_what_it_does_not_know(db, client, route):
    assert refusals(ask(client, route, moon="1"))["moon"][0] == "There is no such parameter."


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("mtd", "2026-11-01", "2026-11-25"),
        ("last_month", "2026-10-01", "2026-11-01"),
        ("last_7_days", "2026-11-18", "2026-11-25"),
        ("last_30_days", "2026-10-26", "2026-11-25"),
        ("last_90_days", "2026-08-27", "2026-11-25"),
        ("ytd", "2026-01-01", "2026-11-25"),
    ],
)
def test_the_days_of_a_period_include_today(period, start, end):
    days = Period(period).days(date(2026, 11, 24))

    assert tuple(map(str, days)) == (start, end)


@pytest.mark.parametrize("today", ["2026-01-01", "2026-03-01", "2028-02-29", "2026-12-31"])
def test_the_days_of_last_month_end_where_this_one_begins(today):
    start, end = Period.LAST_MONTH.days(date.fromisoformat(today))

    assert (start.day, end) == (1, date.fromisoformat(today).replace(day=1))
    assert (end - timedelta(days=1)).month == start.month


def test_without_dates_it_is_the_last_30_days():
    with time_machine.travel("2026-11-24T23:59:59Z", tick=False):
        asked = read("").filter

    assert (asked.period, str(asked.start), str(asked.end)) == (
        "last_30_days",
        "2026-10-26",
        "2026-11-25",
    )


def test_a_start_alone_reaches_to_today():
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False):
        assert read("start_date=2026-11-20").filter.end == date(2026, 11, 25)


words = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)
values = st.lists(words, min_size=1, max_size=3, unique=True).map(tuple)
open_dimensions = [name for name, each in DIMENSIONS.items() if not each.choices]


@given(
    start=st.dates(date(2015, 1, 1), date(2099, 1, 1)),
    days=st.integers(1, 300),
    period=st.none() | st.sampled_from(Period),
    cost_type=st.sampled_from(CostType),
    include=st.dictionaries(st.sampled_from(open_dimensions), values, max_size=3),
    exclude=st.dictionaries(st.sampled_from(open_dimensions), values, max_size=3),
    group_by=st.lists(st.sampled_from(list(DIMENSIONS)), max_size=3, unique=True),
)
def test_a_question_reads_back_as_it_was_written(
    start, days, period, cost_type, include, exclude, group_by
):
    with time_machine.travel("2026-11-24T12:00:00Z", tick=False):
        first, end = (
            period.days(date(2026, 11, 24)) if period else (start, start + timedelta(days=days))
        )
        query = CostQuery(
            CostFilter(first, end, cost_type, include, exclude, period), group_by=tuple(group_by)
        )
        text = QueryDict(mutable=True)
        for name, value in query.to_query():
            text.appendlist(name, value)

        assert read(text.urlencode()) == query


def test_nothing_that_is_wrong_is_answered_anyway():
    with pytest.raises(InvalidParameters) as raised:
        read("limit=1")

    assert [error.parameter for error in raised.value.errors] == ["limit"]
