"""Files that a spreadsheet can open without harm, with every digit."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from openpyxl import load_workbook

from costs.exports import csv_chunks, xlsx
from costs.reports.columns import Column, ColumnKind, Table
from costs.tests.asking import ask, refusals
from costs.tests.billed import EVERY_DAY, two_companies
from dimensions.models import Cluster

COLUMNS = [
    Column("name"),
    Column("day", ColumnKind.DAY),
    Column("hour", ColumnKind.TIME),
    Column("cost_usd", ColumnKind.AMOUNT),
    Column("version", ColumnKind.NUMBER),
    Column("is_others", ColumnKind.FLAG),
    Column("tiers", ColumnKind.JSON),
]
ROW = (
    "Grüße, “Ada”",
    date(2026, 11, 1),
    datetime(2026, 11, 1, 5, tzinfo=UTC),
    Decimal("-12345678.0000000001"),
    3,
    False,
    '{"a": 1}',
)
RUN_BY_SPREADSHEETS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1"]


def csv_of(*rows):
    return b"".join(csv_chunks(Table(COLUMNS, rows))).decode()


def cells_of(*rows):
    book = load_workbook(BytesIO(xlsx(Table(COLUMNS, rows), [("Days (UTC)", "one")])))
    return [[cell.value for cell in row] for row in book["Costs"].iter_rows()]


def test_csv_writes_every_digit():
    assert csv_of(ROW, (None,) * 7).splitlines() == [
        "name,day,hour,cost_usd,version,is_others,tiers",
        '"Grüße, “Ada”",2026-11-01,2026-11-01T05:00:00Z,-12345678.0000000001,3,false,"{""a"": 1}"',
        ",,,,,,",
    ]


def test_a_table_without_rows_has_its_header():
    assert csv_of() == "name,day,hour,cost_usd,version,is_others,tiers\r\n"


@pytest.mark.parametrize("text", RUN_BY_SPREADSHEETS)
def test_text_that_a_spreadsheet_would_run_is_made_text(text):
    quoted = f"'{text}"

    assert csv_of((text, *ROW[1:])).split("\n", 1)[1].lstrip('"').startswith(quoted)
    assert cells_of((text, *ROW[1:]))[1][0].splitlines() == quoted.splitlines()


def test_negative_amounts_stay_numbers():
    assert ",-12345678.0000000001," in csv_of(ROW)
    assert cells_of(ROW)[1][3] == pytest.approx(-12345678)


def test_a_workbook_keeps_days_and_says_what_it_is_about():
    book = load_workbook(BytesIO(xlsx(Table(COLUMNS, [ROW]), [("Days (UTC)", "one day")])))

    assert book["Costs"]["B2"].value.date() == date(2026, 11, 1)
    assert [[cell.value for cell in row] for row in book["About"].iter_rows()] == [
        ["Days (UTC)", "one day"]
    ]


def test_a_workbook_takes_control_characters_and_long_names():
    (_, row) = cells_of(("a\x07b\uffff" + "x" * 40_000, *ROW[1:]))

    assert row[0].startswith("a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}x")
    assert len(row[0]) == 32_767


def test_hostile_names_are_harmless_in_files_of_the_api(db, client):
    two_companies()
    Cluster.objects.filter(cluster_id="lkc-1").update(name='=HYPERLINK("http://x","<b>")')
    asked = {**EVERY_DAY, "group_by": "cluster", "granularity": "total"}

    streamed = ask(client, "costs", **asked, format="csv").getvalue().decode()
    book = ask(client, "costs", **asked, format="xlsx").content

    assert '"\'=HYPERLINK(""http://x"",""<b>"")"' in streamed
    cell = load_workbook(BytesIO(book))["Costs"]["D2"]
    assert (cell.data_type, cell.value) == ("s", '\'=HYPERLINK("http://x","<b>")')


@pytest.mark.parametrize(
    ("route", "accept", "content_type", "filename"),
    [
        (
            "costs",
            "text/csv",
            "text/csv; charset=utf-8",
            "costs-2026-10-30-to-before-2026-11-03.csv",
        ),
        ("costs/facts", "text/csv", "text/csv; charset=utf-8", "hourly-costs-2026-10-30-to-before"),
        ("costs/line-items", "text/csv", "text/csv; charset=utf-8", "line-items-2026-10-30-to-"),
        ("costs/days", "text/csv", "text/csv; charset=utf-8", "days-2026-10-30-to-before"),
        (
            "costs",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "costs-2026-10-30-to-before-2026-11-03.xlsx",
        ),
    ],
)
def test_accept_says_the_same_as_format(db, client, route, accept, content_type, filename):
    two_companies()

    answer = ask(client, route, **EVERY_DAY, headers={"accept": accept})

    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
    assert filename in answer["Content-Disposition"]


def test_a_download_that_is_broken_off_gives_its_snapshot_back(committed, client):
    two_companies()

    for _ in range(3):
        answer = ask(client, "costs/facts", **EVERY_DAY, format="csv")
        next(iter(answer))
        assert connection.in_atomic_block
        answer.close()
        assert not connection.in_atomic_block


def test_what_cannot_be_exported_is_refused_in_json(db, client):
    wrong = ask(client, "costs", format="csv", group_by="moon")
    not_offered = ask(client, "costs/summary", headers={"accept": "text/csv"})

    assert "group_by" in refusals(wrong)
    assert (not_offered.status_code, not_offered["Content-Type"]) == (406, "application/json")


def test_a_workbook_takes_no_more_rows_than_a_person_can_read(db, client, monkeypatch):
    two_companies()
    monkeypatch.setattr("costs.api.costs.MOST_XLSX_ROWS", 2)

    said = refusals(ask(client, "costs", **EVERY_DAY, format="xlsx"))

    assert said == {"format": ("A workbook takes at most 2 rows, not 3.", ["json", "csv"])}
