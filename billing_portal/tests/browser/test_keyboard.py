"""The pages without a mouse: by tab, enter, space and what one types."""

import re

import pytest
from playwright.sync_api import expect

from billing_portal.tests.browser.test_first_assignment import reach

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("meridian")]
# Whether one sees where one is: what has the focus is framed.
FRAMED = "() => getComputedStyle(document.activeElement).outlineStyle !== 'none'"


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def test_the_first_stop_leads_past_the_navigation(browse):
    with browse("vera") as page:
        page.goto("/quality")
        press(page, "Tab")
        skip = page.get_by_role("link", name="Skip to content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        press(page, "Enter")
        expect(page.locator("#content")).to_be_focused()
        press(page, "Tab")
        expect(page.locator("#content :focus")).to_have_count(1)


def test_it_shows_where_one_is(browse):
    with browse("vera") as page:
        page.goto("/")
        for _ in range(25):
            press(page, "Tab")
            assert page.evaluate(FRAMED), page.evaluate("document.activeElement.outerHTML")


def test_it_leads_from_the_overview_to_a_days_lines(browse):
    with browse("vera") as page:
        page.goto("/")
        reach(page, "#trend-card summary")
        press(page, "Enter")
        expect(page.locator("#trend-card table")).to_be_visible()
        reach(page, "a[href='/days/2026-11-10']")
        press(page, "Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tuesday, 10 November 2026")
        reach(page, "a[href*='cluster=lkc-shared']")
        press(page, "Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("shared, 10 November 2026")


def test_it_scrolls_a_wide_table(browse):
    with browse("vera", width=390) as page:
        page.goto("/days/2026-11-10")
        reach(page, ".scrolls")
        table = page.locator(".scrolls:focus")
        cell = table.locator("thead th").last
        expect(cell).not_to_be_in_viewport()
        press(page, *["ArrowRight"] * 25)
        expect(cell).to_be_in_viewport()


def test_it_asks_the_explorer(browse):
    with browse("vera") as page:
        page.goto("/explore?period=mtd&granularity=daily")
        reach(page, "#group_by_1")
        page.keyboard.type("Env")
        header = page.locator("section[aria-labelledby=by-group] thead th").first
        expect(header).to_have_text("Environment")
        # What one has just chosen keeps the focus.
        expect(page.locator("#group_by_1")).to_be_focused()
        reach(page, ".filters-box > summary")
        press(page, "Enter")
        reach(page, ".filters details:has(#words_env) summary")
        press(page, "Enter")
        reach(page, "#words_env")
        page.keyboard.type("try")
        expect(page.locator("#values_env").get_by_role("checkbox")).to_have_count(1)
        reach(page, "#values_env input")
        press(page, "Space")
        expect(page.locator(".chips")).to_contain_text("Environment is Try")
        expect(page).to_have_url(re.compile("group_by=env.*env=env-try"))
        reach(page, "a[aria-label='Ask no more about Environment Try']")
        press(page, "Enter")
        expect(page.locator(".chips")).to_have_count(0)


def test_it_opens_a_day_of_the_calendar(browse):
    with browse("vera") as page:
        page.goto("/quality")
        reach(page, "a.day[href='/days/2026-11-10']")
        press(page, "Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tuesday, 10 November 2026")
