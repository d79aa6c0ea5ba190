"""Files of an answer hold what the page shows: the same total, to the last digit."""

import csv
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("meridian")]
PAGES = {
    "/explore?period=last_month&granularity=daily&group_by=cluster": "cost_usd",
    "/explore?period=mtd&granularity=weekly&group_by=env&cost_type=usage&env=env-live": "cost_usd",
    "/environments/env-live?period=last_month": "cost_usd",
    "/chargeback/2026-10": "cost_usd",
    "/chargeback/2026-10/statement?business_unit=Retail": "cost_usd",
    "/explain?day=2026-11-10&cluster=lkc-orders": "amount_usd",
}


def total_of(path, kind, column):
    if kind == "CSV":
        with path.open(newline="") as file:
            return sum(Decimal(row[column]) for row in csv.DictReader(file))
    book = load_workbook(BytesIO(path.read_bytes()), read_only=True)
    header, *rows = book["Costs"].iter_rows(values_only=True)
    at = header.index(column)
    # A spreadsheet's numbers are binary; ten places are what they were.
    return sum(Decimal(str(row[at])).quantize(Decimal("1e-10")) for row in rows)


@pytest.mark.parametrize("name", ["vera", "lisa"])
def test_they_come_to_the_total_that_is_shown(browse, name):
    found = {}
    with browse(name) as page:
        for address, column in PAGES.items():
            page.goto(address)
            shown = Decimal(page.locator(".tiles data, tfoot data").first.get_attribute("value"))
            for kind in ("CSV", "XLSX"):
                for link in page.get_by_role("link", name=kind).all():
                    found[address, kind, len(found)] = (fetched(page, link, column, kind), shown)
    assert {where: pair for where, pair in found.items() if pair[0] != pair[1]} == {}
    assert len(found) == 15


def fetched(page, link, column, kind):
    with page.expect_download() as download:
        link.click()
    return total_of(download.value.path(), kind, column)
