"""axe-core finds nothing to mend on any page, in light and in dark, on a screen and on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from billing_portal.tests.browser.addresses import (
    OF_COSTS,
    OF_EACH_KIND,
    OF_RUNS,
    OF_THE_ACCOUNT,
    OF_THE_WHOLE_BILL,
    REFUSALS,
)
from collector.models import CollectionRun
from costs.clock import database_now
from costs.tests.ownership import elsewhere
from dimensions.models import ApiToken

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("meridian")]
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
SCREEN, PHONE = 1280, 390


def of_stored_things():
    """Pages of runs (one that waits for a worker, too) and of a token."""
    now = database_now()
    waits = CollectionRun.objects.create(
        trigger="web", state=CollectionRun.State.QUEUED, is_for_workers=True, started_at=now,
        window_start="2026-06-01", window_end="2026-07-01",
    )  # fmt: skip
    failed, succeeded = CollectionRun.objects.order_by("pk")[:2]
    runs = [f"/runs/{run.pk}" for run in (waits, failed, succeeded)]
    return [*runs, f"/account/tokens/{ApiToken.objects.first().pk}/revoke"]


def violations(page):
    """The rules that the page as it is now breaks, and where."""
    return [
        (violation["id"], node["target"], node["failureSummary"])
        for violation in Axe().run(page, options=RULES).response["violations"]
        for node in violation["nodes"]
    ]


def violations_of(page, addresses):
    """By address, of those pages that break a rule."""
    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = violations(page)
    return {address: its for address, its in found.items() if its}


def test_it_keeps_nobody_out_of_any_page(browse):
    stored = elsewhere(of_stored_things).result()
    pages = [*OF_COSTS, *OF_THE_WHOLE_BILL, *OF_RUNS, *stored, *OF_THE_ACCOUNT, *REFUSALS]
    # Its calendars are those of three months, and axe takes seconds for each.
    pages.remove("/quality?months=13")
    with browse("ada", color_scheme="light", forgives=(400, 404)) as page:
        assert violations_of(page, pages) == {}


@pytest.mark.parametrize(("scheme", "width"), [("dark", SCREEN), ("light", PHONE), ("dark", PHONE)])
def test_it_keeps_nobody_out_of_a_page_of_each_kind(browse, scheme, width):
    with browse("ada", width=width, color_scheme=scheme, forgives=(404,)) as page:
        assert violations_of(page, OF_EACH_KIND) == {}


def test_it_keeps_no_limited_user_out(browse):
    pages = [address for address in OF_EACH_KIND if address != "/runs"]
    with browse("lisa", forgives=(403, 404)) as page:
        assert violations_of(page, ["/runs", *pages]) == {}


def test_it_keeps_nobody_out_of_what_opens(browse):
    """The tables and forms that are folded, and a form with mistakes in it."""
    with browse("ada") as page:
        for address in ("/", "/explore", "/quality", "/runs"):
            page.goto(address)
            page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
            expect(page.locator(".values:empty")).to_have_count(0)
            assert violations(page) == []
        page.goto("/account")
        page.get_by_role("checkbox").first.uncheck()
        page.locator("form.form").evaluate("form => form.noValidate = true")
        page.get_by_role("button", name="Make the token").click()
        page.get_by_role("alert").wait_for()
        assert violations(page) == []
