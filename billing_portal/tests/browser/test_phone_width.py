"""On a phone no page of the curation is wider than the screen; tables scroll by themselves."""

import pytest
from playwright.sync_api import expect

from billing_portal.tests.browser.conftest import LARGEST, log_in

pytestmark = pytest.mark.browser
PHONE = 390  # CSS pixels
TOO_WIDE = """
() => [...document.querySelectorAll('body *')]
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1 && !scrolls(each))
    .map(each => each.tagName + '.' + each.className + '#' + each.id);
function scrolls(each) {
    for (let at = each.parentElement; at; at = at.parentElement)
        if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(at).overflowX)) return true;
    return false;
}
"""


def width(page):
    return page.evaluate("document.documentElement.scrollWidth")


def test_it_fits_the_pages_of_an_assignment_on_a_phone(company, browse):
    widths = {}
    with browse(width=PHONE) as page:
        log_in(page)
        page.goto("/admin/dimensions/cluster/")
        widths["list"] = width(page)
        page.get_by_role("link", name=LARGEST).click()
        widths["change page"] = width(page)
        page.get_by_text("Add another rule").click()
        widths["change page with a row"] = width(page)
        page.goto("/admin/dimensions/cluster/")
        page.locator("#result_list tbody tr").first.get_by_role("checkbox").check()
        page.get_by_label("Action:").select_option(label="Assign to cost center from …")
        page.get_by_role("button", name="Go", exact=True).click()
        widths["assign"] = width(page)
        page.locator(".select2-selection").click()
        page.locator(".select2-search__field").fill("100")
        page.get_by_role("option", name="CC-100").click()
        page.get_by_role("button", name="Show what it moves").click()
        expect(page.get_by_role("heading", name="What this moves")).to_be_visible()
        widths["preview"] = width(page)
    assert widths == dict.fromkeys(widths, PHONE)
