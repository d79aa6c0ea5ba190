"""The pages in a browser that runs no scripts: everything is there to be read and to be asked."""

import re

import pytest
from playwright.sync_api import expect

from collector import dispatch
from collector.models import CollectionRun
from costs.tests.ownership import elsewhere

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("meridian")]


@pytest.fixture
def read(browse):
    return lambda name="vera": browse(name, java_script_enabled=False)


def heading(page, text):
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_it_leads_from_the_overview_to_a_days_rules(read):
    with read() as page:
        page.goto("/")
        page.get_by_text("The days as a table").click()
        page.get_by_role("link", name="Tue 2026-11-10").click()
        heading(page, "Tuesday, 10 November 2026")
        page.get_by_role("link", name="shared lkc-shared").click()
        expect(page.get_by_role("heading", name="Why", exact=True)).to_be_visible()
        expect(page.get_by_text("Decides.")).to_be_visible()


def test_the_explorer_answers_its_form(read):
    with read() as page:
        page.goto("/explore?period=mtd&granularity=daily")
        page.get_by_label("Group by").select_option(label="Resource")
        page.get_by_label("Compare with the range before").check()
        page.get_by_role("button", name="Show").click()
        table = page.locator("section[aria-labelledby=by-group]")
        expect(table.locator("thead")).to_contain_text("Change")
        expect(table.locator("tbody")).to_contain_text("orders")
        # Only what was chosen stands in the address.
        expect(page).to_have_url(re.compile(r"group_by=cluster"))
        assert "words_" not in page.url
        assert "=&" not in page.url


def test_the_explorer_is_filtered_by_links(read):
    with read() as page:
        page.goto("/explore?period=mtd&granularity=daily&group_by=cluster&chart=lines")
        page.get_by_text("Only charges of …").click()
        page.locator("details.filters-box details > summary", has_text="Environment").click()
        page.locator("a[href*='dimension=env']").click()
        heading(page, "Environment: choose one")
        page.get_by_role("link", name="Live", exact=True).click()
        expect(page.locator(".chips")).to_contain_text("Environment is Live")
        names = page.locator("section[aria-labelledby=by-group] tbody th bdi:not(.id)")
        expect(names).to_have_text(["orders", "sink", "stranger"])
        expect(page).to_have_url(re.compile("chart=lines"))
        page.get_by_role("link", name="Leave out Environment Live").click()
        expect(page.locator(".chips")).to_contain_text("Environment is not Live")
        page.get_by_role("link", name="Ask no more about Environment Live").click()
        expect(page.locator(".chips")).to_have_count(0)


def test_statements_are_read(read):
    with read() as page:
        page.goto("/chargeback/2026-10")
        page.get_by_role("link", name="CC-200").click()
        heading(page, "Statement, October 2026")
        expect(page.get_by_role("heading", name="Direct charges")).to_be_visible()


def test_days_are_proven_on_a_page_of_their_own(read):
    with read() as page:
        page.goto("/quality")
        page.get_by_label("From (UTC)").fill("2026-11-10")
        page.get_by_label("Until before, at most 31 days later").fill("2026-11-12")
        page.get_by_role("button", name="Prove these days now").click()
        heading(page, "Proof")
        expect(page.locator("main")).to_contain_text("Proven")


def test_runs_are_started_and_read(read, monkeypatch):
    monkeypatch.setattr(dispatch, "start_process", lambda run: None)
    with read("otto") as page:
        page.goto("/runs")
        page.get_by_role("button", name="Collect the current month so far").click()
        assert "Your browser runs no scripts" in page.locator("#run-status").inner_text()
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#run-panel")).to_contain_text("Cancelled before it began.")
    elsewhere(CollectionRun.objects.filter(trigger="web").delete).result()
