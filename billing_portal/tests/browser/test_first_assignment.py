"""A new FinOps user assigns the largest unallocated resource, with the mouse or without."""

import pytest
from playwright.sync_api import expect

from billing_portal.tests.browser.conftest import DAY_BEFORE, FIRST, LARGEST, iso, log_in
from costs.tests.ownership import elsewhere, facts, pending

pytestmark = pytest.mark.browser
LARGEST_DAYS = [(DAY_BEFORE, "Unallocated", "Unallocated"), (FIRST, "Retail", "CC-100")]


def owners():
    """Who pays for the largest resource, by day; and the days that wait for it."""
    named = ("charge_date", "business_unit", "cost_center")
    return elsewhere(lambda: (facts(*named, cluster_id="lkc-2"), pending())).result()


def test_it_takes_a_new_user_from_the_login_to_the_allocated_resource(company, browse):
    with browse() as page:
        log_in(page)
        page.get_by_role("link", name="Clusters").click()
        row = page.locator("#result_list tbody tr").first
        expect(row).to_contain_text(LARGEST)
        expect(row.locator(".field-unallocated_usd")).to_have_text("$500.00")
        row.get_by_role("checkbox").check()
        page.get_by_label("Action:").select_option(label="Assign to cost center from …")
        page.get_by_role("button", name="Go", exact=True).click()

        expect(page.get_by_label("From (UTC day)")).to_have_value(iso(FIRST))
        page.locator(".select2-selection").click()
        page.locator(".select2-search__field").fill("100")
        page.get_by_role("option", name="CC-100").click()
        page.get_by_role("button", name="Show what it moves").click()

        expect(page.get_by_role("heading", name="What this moves")).to_be_visible()
        expect(page.locator(".movement tbody tr").first).to_contain_text("CC-100")
        expect(page.locator(".movement tbody tr").first).to_contain_text("$500.00")
        expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
        page.get_by_role("button", name="Save and move").click()

        expect(page.get_by_text("Assigned to CC-100: 1 of 1 chosen.")).to_be_visible()
        expect(page.get_by_text("Days: 1, of them changed: 1.")).to_be_visible()
        expect(page.locator("#result_list")).not_to_contain_text(LARGEST)
        page.locator("#searchbar").fill("payments")
        page.keyboard.press("Enter")
        page.get_by_role("link", name=LARGEST).click()

        expect(page.locator("#content h2").first).to_contain_text("paid by CC-100")
        expect(page.locator("#rules-0 .select2-selection")).to_contain_text("CC-100")
        expect(page.locator("#id_rules-0-valid_from")).to_have_value(iso(FIRST))
        page.get_by_role("link", name="History").click()
        expect(page.locator("#content")).to_contain_text("fay")
    assert owners() == (LARGEST_DAYS, [])


def test_it_lets_people_assign_with_the_keyboard_alone(company, browse):
    with browse() as page:
        log_in(page)
        page.goto("/admin/dimensions/cluster/")
        reach(page, "#result_list tbody tr:first-child input.action-select")
        page.keyboard.press("Space")
        reach(page, "select[name=action]", backwards=True)
        page.keyboard.type("Assign")
        reach(page, "button[name=index]")
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", name="Assign to a cost center")).to_be_visible()
        reach(page, ".select2-selection")
        page.keyboard.press("Enter")
        page.keyboard.type("100")
        expect(page.locator(".select2-results__option--highlighted")).to_contain_text("CC-100")
        page.keyboard.press("Enter")
        expect(page.locator(".select2-selection")).to_contain_text("CC-100")
        reach(page, "#id_valid_from")
        reach(page, "input[type=submit]")
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", name="What this moves")).to_be_visible()
        reach(page, "input[value='Save and move']")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Assigned to CC-100: 1 of 1 chosen.")).to_be_visible()
    assert owners() == (LARGEST_DAYS, [])


def reach(page, selector, *, backwards=False):
    """Go there by the tab key; fails when it does not come by."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"The tab key does not lead to {selector}.")
