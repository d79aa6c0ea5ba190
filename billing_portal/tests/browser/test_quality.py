"""Data quality: the calendar leads to days, days are proven in place, and what is wrong is told."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("meridian")]


def section(page, heading):
    return page.locator("section", has=page.get_by_role("heading", name=heading, exact=True))


@pytest.mark.parametrize("name", ["", "vera", "fay", "otto"])
def test_it_shows_each_days_state_and_leads_to_it(browse, name):
    with browse(name) as page:
        page.goto("/quality")
        states = {
            "10 November: settled, restated": "settled restated",
            "12 November: incomplete or held": "wrong",
            "16 November: provisional": "provisional",
            "20 October: not collected": "missing",
        }
        for words, style in states.items():
            day = page.get_by_role("link", name=words, exact=True)
            expect(day).to_have_class(re.compile(f"day {style}"))
        page.get_by_role("link", name="10 November: settled, restated").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Tuesday, 10 November 2026")
        expect(page.locator(".period .badge").first).to_contain_text("restated, version 2")


def test_it_proves_days_in_place(browse):
    with browse("vera") as page:
        page.goto("/quality")
        page.get_by_label("From (UTC)").fill("2026-11-10")
        page.get_by_label("Until before, at most 31 days later").fill("2026-11-12")
        page.get_by_role("button", name="Prove these days now").click()
        expect(page.locator("#proven")).to_contain_text("Proven: bill, lines, daily facts")
        expect(page.locator("#proven")).to_contain_text("4 stored days")
        expect(page).to_have_url(re.compile("/quality$"))


def test_it_tells_what_is_wrong_with_the_bill(browse):
    with browse("vera") as page:
        page.goto("/quality")
        expect(section(page, "Quarantine")).to_contain_text("The amount is not a number.")
        unknown = section(page, "Unknown to this version")
        expect(unknown).to_contain_text("MAGIC")
        expect(unknown).to_contain_text("WAND")
        restated = section(page, "What changed since it was first collected")
        expect(restated.locator("tbody tr")).to_contain_text("−$4.25")  # noqa: RUF001 (meant)
        page.get_by_label("Since the beginning of (UTC)").fill("2026-11-13")
        page.get_by_role("button", name="Show", exact=True).click()
        expect(section(page, "What changed since 13 November 2026")).to_contain_text(
            "No stored day has changed."
        )


def test_it_leads_finops_from_what_nobody_owes_to_the_rule(browse):
    with browse("fay") as page:
        page.goto("/quality")
        page.get_by_role("link", name="Assign lkc-lab").click()
        expect(page.get_by_role("heading", name="Assign to a cost center")).to_be_visible()
        expect(page.locator("#content")).to_contain_text("lkc-lab")


@pytest.mark.parametrize("name", ["", "vera", "otto"])
def test_it_offers_no_rule_to_others(browse, name):
    with browse(name) as page:
        page.goto("/quality")
        expect(section(page, "Unallocated")).to_contain_text("lkc-lab")
        expect(page.get_by_role("link", name="Assign lkc-lab")).to_have_count(0)


def test_a_limited_user_sees_days_and_own_confidence_alone(browse):
    with browse("lisa") as page:
        page.goto("/quality")
        headings = page.get_by_role("heading", level=2).all_inner_texts()
        expect(page.get_by_role("link", name=", restated")).to_have_count(0)
    assert headings == ["Days collected", "Confidence by environment"]
