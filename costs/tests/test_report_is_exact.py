"""Whatever is asked: the rows add up to the total, and to what the database itself adds up.

JSON, CSV and XLSX of one question hold the same numbers, digit by digit.
"""

import csv
import io
import zipfile
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from costs.filters import DIMENSIONS, NONE
from costs.models import DailyCostFact
from costs.query_string import Reader
from costs.reports.columns import as_records
from costs.reports.grouped import grouped_costs, streamed_costs
from costs.reports.query import CostQuery
from costs.tests.billed import bill
from costs.tests.ownership import center, cluster, line, organization, policy, rule, sql, support
from costs.visibility import visible_to
from dimensions.models import Environment

FIRST = date(2026, 9, 26)
DAYS = 40  # two ends of months among them
CENTERS = {"CC-1": "BU-1", "CC-2": "BU-1", "CC-3": "BU-2"}


@pytest.fixture
def company(db):
    """Forty days of odd amounts, credits among them, of two organizations."""
    for number, org_id in enumerate(("o-1", "o-2"), 1):
        of = organization(org_id)
        for code, unit in CENTERS.items() if number == 1 else ():
            center(code, unit)
        for stage, env_id in (("production", "env-a"), ("non-production", "env-b"), ("", "env-c")):
            Environment.objects.create(organization=of, env_id=f"{env_id}{number}", stage=stage)
        first, second = cluster(f"lkc-1{number}", of=of), cluster(f"lkc-2{number}", of=of)
        rule({"CC-1": "33.3333", "CC-2": "66.6667"}, of=of, cluster=first)
        rule("CC-3", of=of, cluster=second)
        policy("SUPPORT", "even", of=of)
        bill(of, *_lines(number))


def _lines(number):
    for offset in range(DAYS):
        day = FIRST + timedelta(days=offset)
        if offset % 7 == 3:
            continue  # a day without a bill
        yield line(
            f"{offset}.{offset + 1:010}", day=day, resource=f"lkc-1{number}", env=f"env-a{number}"
        )
        yield line(
            f"-0.00000000{number}{offset % 10}", day=day, resource=f"lkc-2{number}",
            env=f"env-b{number}", line_type="KAFKA_BASE",
        )  # fmt: skip
        yield line(
            f"{3 * number}.3333333333", day=day, resource=f"lcc-{offset % 3}",
            env=f"env-c{number}", product="CONNECT", list_amount="5.0000000001",
        )  # fmt: skip
        yield support(f"0.{offset:010}7"[:12], day=day)
        if offset % 5 == 0:
            yield line("-1.0000000003", day=day, product="", line_type="PROMO_CREDIT")


VALUES = {
    "org": ["o-1", "o-2", "o-none"],
    "env": ["env-a1", "env-b1", "env-c2", NONE, "env-x"],
    "stage": ["production", "non-production", NONE],
    "cluster": ["lkc-11", "lkc-22", "lcc-1", NONE],
    "product": ["KAFKA", "CONNECT", "SUPPORT", "PROMO_CREDIT"],
    "line_type": ["KAFKA_STORAGE", "KAFKA_BASE", "SUPPORT"],
    "business_unit": ["BU-1", "BU-2", "Unallocated"],
    "cost_center": ["CC-1", "CC-2", "CC-3", "Unallocated"],
    "confidence": ["high", "low"],
    "method": ["cluster_rule", "shared_even", "unallocated"],
}


@st.composite
def questions(draw):
    """A query string, as a list of pairs."""
    start = FIRST + timedelta(days=draw(st.integers(-3, DAYS)))
    end = start + timedelta(days=draw(st.integers(1, 31)))
    asked = [("start_date", str(start)), ("end_date", str(end))]
    for name in draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=3, unique=True)):
        parameter = draw(st.sampled_from([name, f"exclude[{name}]"]))
        chosen = draw(st.lists(st.sampled_from(VALUES[name]), min_size=1, max_size=3, unique=True))
        asked += [(parameter, value) for value in chosen]
    group_by = draw(st.lists(st.sampled_from(sorted(DIMENSIONS)), max_size=4, unique=True))
    asked += [("group_by", name) for name in group_by]
    asked.append(("cost_type", draw(st.sampled_from(["net", "usage", "credits", "list"]))))
    granularity = draw(st.sampled_from(["hourly", "daily", "weekly", "monthly", "total"]))
    asked.append(("granularity", granularity))
    if group_by and draw(st.booleans()):
        asked.append(("top", str(draw(st.integers(1, 4)))))
    if granularity != "hourly" and draw(st.booleans()):
        asked.append(("compare", "previous"))
    return asked


def query_of(asked):
    text = QueryDict(mutable=True)
    for name, value in asked:
        text.appendlist(name, value)
    reader = Reader(text)
    query = CostQuery.read(reader)
    reader.finish()
    return query


def facts_of(asked, start, end):
    """The facts that the question is about, filtered by Python, with their amounts."""
    stages = dict(Environment.objects.values_list("env_id", "stage"))
    columns = {name: dimension.key for name, dimension in DIMENSIONS.items()}
    cost_type = dict(asked)["cost_type"]
    for fact in DailyCostFact.objects.filter(charge_date__gte=start, charge_date__lt=end):
        labels = {
            name: (stages.get(fact.env_id) if name == "stage" else getattr(fact, column)) or NONE
            for name, column in columns.items()
        }
        wanted, unwanted = defaultdict(list), defaultdict(list)
        for parameter, value in asked:
            if parameter in VALUES:
                wanted[parameter].append(value)
            elif parameter.startswith("exclude["):
                unwanted[parameter[8:-1]].append(value)
        sign = {"usage": fact.cost_usd > 0, "credits": fact.cost_usd < 0}.get(cost_type, True)
        if (
            sign
            and all(labels[name] in values for name, values in wanted.items())
            and not any(labels[name] in values for name, values in unwanted.items())
        ):
            yield labels, fact.list_cost_usd if cost_type == "list" else fact.cost_usd


@pytest.mark.usefixtures("company")
@hypothesis_settings(max_examples=80)
@given(asked=questions())
def test_it_gives_rows_that_add_up_to_what_is_stored(asked):
    query = query_of(asked)
    report = grouped_costs(query, visible_to(AnonymousUser()), limit=10_000)

    expected = defaultdict(Decimal)
    for labels, amount in facts_of(asked, query.filter.start, query.filter.end):
        expected[tuple(labels[name] for name in query.group_by)] += amount
    stored = sum(expected.values(), Decimal(0))
    rows = as_records(report.table)
    assert report.totals.cost_usd == stored
    assert sum((row["cost_usd"] for row in rows), Decimal(0)) == stored
    assert report.totals.rows == len(rows)
    found = defaultdict(Decimal)
    for row in rows:
        key = tuple(row[DIMENSIONS[name].key] or NONE for name in query.group_by)
        found["Others" if row.get("is_others") else key] += row["cost_usd"]
    others = found.pop("Others", Decimal(0))
    assert all(amount == expected[key] for key, amount in found.items())
    assert others == sum(
        (amount for key, amount in expected.items() if key not in found), Decimal(0)
    )


@pytest.mark.usefixtures("company")
@hypothesis_settings(max_examples=30)
@given(asked=questions())
def test_it_compares_with_exactly_what_was_owed_before(asked):
    asked = [pair for pair in asked if pair[0] not in ("compare", "granularity")]
    asked += [("compare", "previous"), ("granularity", "total")]
    query = query_of(asked)
    report = grouped_costs(query, visible_to(AnonymousUser()), limit=10_000)

    before = sum((amount for _, amount in facts_of(asked, *query.filter.previous())), Decimal(0))
    rows = as_records(report.table)
    assert report.totals.previous_cost_usd == before
    assert sum((row["previous_cost_usd"] for row in rows), Decimal(0)) == before
    assert all(row["change_usd"] == row["cost_usd"] - row["previous_cost_usd"] for row in rows)


@pytest.mark.usefixtures("company")
@hypothesis_settings(max_examples=15)
@given(asked=questions(), limit=st.integers(1, 300))
def test_it_streams_the_rows_that_it_pages(asked, limit):
    query, everything = query_of(asked), visible_to(AnonymousUser())

    with streamed_costs(query, everything) as table:
        rows = list(table.rows)

    # The first page, one in the middle, and what lies behind the last row.
    for offset in (0, len(rows) // 2, len(rows)):
        page = grouped_costs(query, everything, limit=limit, offset=offset)
        assert list(page.table.rows) == rows[offset : offset + limit]
        assert page.totals.rows == len(rows)


@pytest.mark.usefixtures("company")
@hypothesis_settings(max_examples=20)
@given(asked=questions())
def test_it_writes_the_same_numbers_as_json_csv_and_xlsx(asked):
    client = Client()
    query = [*asked, ("limit", "10000")]

    document = client.get(f"/api/v1/costs?{_encoded(query)}").json()
    names = list(document["data"][0]) if document["data"] else []
    shown = [[_text(row[name]) for name in names] for row in document["data"]]

    streamed = client.get(f"/api/v1/costs?{_encoded(asked)}&format=csv").getvalue().decode()
    header, *lines = csv.reader(io.StringIO(streamed))
    assert (header == names or not names, lines) == (True, shown)

    book = client.get(f"/api/v1/costs?{_encoded(asked)}&format=xlsx").content
    assert _amounts(book, header.index("cost_usd")) == [row["cost_usd"] for row in document["data"]]
    assert sum((Decimal(row["cost_usd"]) for row in document["data"]), Decimal(0)) == Decimal(
        document["meta"]["total"]["cost_usd"]
    )


def test_it_agrees_with_a_sum_of_the_whole_table(company, client):
    whole = "/api/v1/costs?start_date=2026-01-01&end_date=2027-01-01&granularity=total"

    total = client.get(whole).json()["meta"]["total"]["cost_usd"]
    summary = client.get(
        whole.replace("costs?", "costs/summary?").replace("&granularity=total", "")
    )

    ((facts, hours, lines),) = sql(
        "SELECT (SELECT sum(cost_usd) FROM daily_cost_facts), (SELECT sum(cost_usd) FROM "
        "hourly_costs), (SELECT sum(amount) FROM cost_line_items WHERE last_version IS NULL)"
    )
    assert Decimal(total) == facts == hours == lines
    assert summary.json()["data"]["total_usd"] == total


def _encoded(pairs):
    text = QueryDict(mutable=True)
    for name, value in pairs:
        text.appendlist(name, value)
    return text.urlencode()


def _text(value):
    if value is None:
        return ""
    return (
        {True: "true", False: "false"}.get(value, str(value)) if value in (True, False) else value
    )


def _amounts(book, column):
    """The numbers of a column as they stand in the file, for a reader would round them."""
    sheet = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml")
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    rows = list(ElementTree.fromstring(sheet).iter(f"{space}row"))[1:]
    letter = chr(ord("A") + column)
    return [
        cell.find(f"{space}v").text
        for row in rows
        for cell in row
        if cell.get("r").rstrip("0123456789") == letter
    ]
