"""Files that pages lead to: what a spreadsheet would run is text in them, and the same text."""

import csv
import io

import pytest
import time_machine
from openpyxl import load_workbook

from billing_portal.tests.hostile import DAYS, FIRST, HOSTILE, TODAY, code
from billing_portal.tests.markup import markup_of
from billing_portal.tests.stored import superuser
from costs.exchange.cells import RUNS, unguarded

EXPLORE = {"granularity": "weekly", "top": "50"} | DAYS
RUN_BY_A_SPREADSHEET = ("formula", "at", "plus", "minus", "tab", "return")
OWNER = {"business_unit": f"BU {code(9)}", "cost_center": code(9)}  # those of the formula
PAGES = [
    ("/explore", {"group_by": "cluster"} | EXPLORE, RUN_BY_A_SPREADSHEET),
    ("/explore", {"group_by": "env"} | EXPLORE, RUN_BY_A_SPREADSHEET),
    ("/explore", {"group_by": ["product", "line_type"]} | EXPLORE, RUN_BY_A_SPREADSHEET),
    ("/explore", {"group_by": "business_unit"} | EXPLORE, RUN_BY_A_SPREADSHEET),
    ("/explore", {"group_by": "cost_center"} | EXPLORE, RUN_BY_A_SPREADSHEET),
    ("/environments/%40SUM%28A1%29", DAYS, ("at",)),
    ("/environments/%0D%3D1%2B1", DAYS, ("return",)),
    ("/chargeback/2026-10", {}, RUN_BY_A_SPREADSHEET),
    ("/chargeback/2026-10/statement", OWNER, ("formula",)),
    ("/explain", {"day": str(FIRST), "cluster": HOSTILE["formula"]}, ("formula",)),
    ("/explain", {"day": str(FIRST), "cluster": HOSTILE["minus"]}, ("minus",)),
]


@pytest.fixture(autouse=True)
def acme(db, hostile_company, client):
    with time_machine.travel(TODAY, tick=False):
        client.force_login(superuser())
        yield


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def files(client, address, said, kind):
    """The content of each file of the kind that the page leads to."""
    links = [link for link, _ in markup_of(client.get(address, said)).links]
    for link in links:
        if f"format={kind}" in link:
            answer = client.get(link)
            assert answer.status_code == 200, link
            yield answer.getvalue()


@pytest.mark.parametrize(("address", "said", "keys"), PAGES)
def test_no_cell_of_a_csv_file_is_run(client, address, said, keys):
    found = list(files(client, address, said, "csv"))
    assert found

    for content in found:
        rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
        amounts = {name for name in rows[0] if all(is_number(row[name] or "0") for row in rows)}
        texts = {row[name] for row in rows for name in rows[0] if name not in amounts}
        assert [text for text in texts if RUNS.match(text) and not text.startswith("'")] == []
        # Given back, it is the name.
        assert {HOSTILE[key] for key in keys} <= {
            unguarded(text).removesuffix("~") for text in texts
        }


@pytest.mark.parametrize(
    ("address", "said", "keys"), [page for page in PAGES if page[0] != "/explain"]
)
def test_no_cell_of_a_workbook_is_run(client, address, said, keys):
    found = list(files(client, address, said, "xlsx"))
    assert found

    for content in found:
        cells = [
            cell
            for sheet in load_workbook(io.BytesIO(content)).worksheets
            for row in sheet.iter_rows()
            for cell in row
        ]
        assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
        texts = {cell.value for cell in cells if cell.data_type == "s"}
        assert [text for text in texts if RUNS.match(text) and not text.startswith("'")] == []
        # A workbook's XML knows no other line ends than line feeds.
        names = {HOSTILE[key].replace("\r", "\n") for key in keys}
        assert names <= {unguarded(text).removesuffix("~").replace("\r", "\n") for text in texts}
