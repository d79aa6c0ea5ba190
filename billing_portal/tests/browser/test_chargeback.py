"""Chargeback: from the month's list to a statement, whose parts add up to what is to pay."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("meridian")]


def amount(locator):
    return Decimal(locator.get_attribute("value"))


def open_list(page):
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Chargeback").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Chargeback, October 2026")


@pytest.mark.parametrize("name", ["", "vera", "fay", "otto"])
def test_it_leads_from_the_newest_month_to_a_statement(browse, name):
    with browse(name) as page:
        open_list(page)
        expect(page.locator(".unit-row .name")).to_contain_text(
            ["Retail & Shops", "Logistics", "Borealis", "Unallocated"]
        )
        listed = amount(page.locator("tr", has_text="CC-100").locator("data").first)
        page.get_by_role("link", name="CC-100").click()

        expect(page.get_by_role("heading", level=1)).to_have_text("Statement, October 2026")
        tile = page.locator(".tiles .card").first
        net, *parts = [amount(each) for each in tile.locator("data").all()]
        assert (listed, sum(parts)) == (net, net)
        for heading in ("Direct charges", "Shared costs", "Credits"):
            expect(page.get_by_role("heading", name=heading)).to_be_visible()


def test_a_limited_user_sees_own_statements_alone(browse):
    with browse("lisa") as page:
        open_list(page)
        expect(page.locator(".unit-row .name")).to_contain_text(["Retail & Shops"])
        expect(page.locator("main")).not_to_contain_text("Logistics")
        page.get_by_role("link", name="Retail & Shops").click()
        expect(page.locator(".who")).to_contain_text("Retail & Shops")
        expect(page.locator("main")).not_to_contain_text("CC-200")


def test_it_leads_to_the_months_beside(browse):
    with browse("vera") as page:
        open_list(page)
        page.get_by_role("link", name="September 2026").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Chargeback, September 2026")
        page.goto("/chargeback/2026-10")
        page.get_by_role("link", name="November 2026").click()
        expect(page.locator(".period")).to_contain_text("not final")


def test_a_statement_is_whole_on_paper(browse):
    with browse("vera") as page:
        page.goto("/chargeback/2026-10/statement?business_unit=Retail&cost_center=CC-100")
        page.emulate_media(media="print")
        expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
        expect(page.get_by_role("heading", name="Direct charges")).to_be_visible()
        expect(page.get_by_role("link", name="CSV")).to_be_hidden()
