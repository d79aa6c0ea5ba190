"""On a phone no page of the curation is wider than the screen; tables scroll by themselves."""

import pytest
from playwright.sync_api import expect

from billing_portal.tests.browser.conftest import LARGEST, log_in
from costs.tests.ownership import elsewhere, rule
from dimensions.models import Organization

pytestmark = pytest.mark.browser
PHONE = 390  # CSS pixels
# Of a page that scrolls sideways: its width, and the elements that reach out of the screen.
_TOO_WIDE = """() => {
    // Of the screen: a phone's innerWidth grows with a page that is too wide.
    const screen = document.documentElement.clientWidth;
    const width = document.documentElement.scrollWidth;
    const scrolls = each => each && each !== document.body &&
        (getComputedStyle(each).overflowX !== 'visible' || scrolls(each.parentElement));
    return width <= screen ? [] : [width, ...[...document.querySelectorAll('body *')]
        .filter(each => each.getBoundingClientRect().right > screen && !scrolls(each))
        .map(each => `${each.tagName}.${each.className}#${each.id}`)];
}"""


def too_wide(page):
    """What makes the page scroll sideways; of one that was just asked for, once it is there."""
    page.wait_for_load_state()
    return page.evaluate(_TOO_WIDE)


@pytest.fixture
def split(company):
    """A rule of two payers for the whole organization."""
    pays = {"CC-100": 60, "CC-200": 40}
    return elsewhere(
        lambda: rule(pays, of=Organization.objects.get(), line_type="SUPPORT")
    ).result()


def test_it_fits_the_pages_of_an_assignment_on_a_phone(company, browse):
    found = {}
    with browse(width=PHONE) as page:
        log_in(page)
        found["index"] = too_wide(page)
        page.goto("/admin/dimensions/cluster/")
        found["list"] = too_wide(page)
        page.locator("#result_list tbody tr").first.get_by_role("checkbox").check()
        page.get_by_label("Action:").select_option(label="Assign to cost center from …")
        page.get_by_role("button", name="Go", exact=True).click()
        found["assign"] = too_wide(page)
        page.locator(".select2-selection").click()
        page.locator(".select2-search__field").fill("100")
        found["autocomplete"] = too_wide(page)
        page.get_by_role("option", name="CC-100").click()
        page.get_by_role("button", name="Show what it moves").click()
        expect(page.get_by_role("heading", name="What this moves")).to_be_visible()
        found["preview"] = too_wide(page)
        page.get_by_role("button", name="Save and move").click()
        found["list with messages"] = too_wide(page)
    assert found == {name: [] for name in found}


def test_it_fits_the_pages_of_resources_and_rules_on_a_phone(company, split, browse):
    found = {}
    with browse(width=PHONE) as page:
        log_in(page)
        page.goto("/admin/dimensions/cluster/")
        page.get_by_role("link", name=LARGEST).click()
        found["resource"] = too_wide(page)
        page.get_by_text("Add another rule").click()
        page.get_by_text("Add another tag").click()
        found["resource with rows"] = too_wide(page)
        page.get_by_role("link", name="History").click()
        found["history"] = too_wide(page)
        for address in (
            "/admin/dimensions/environment/",
            "/admin/costs/allocationrule/",
            f"/admin/costs/allocationrule/{split.pk}/change/",
            f"/admin/costs/allocationrule/{split.pk}/delete/",
            "/admin/costs/allocationchange/progress/",
            "/admin/dimensions/costcenter/",
        ):
            page.goto(address)
            found[address] = too_wide(page)
    assert found == {name: [] for name in found}
