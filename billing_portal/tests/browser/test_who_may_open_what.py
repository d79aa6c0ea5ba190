"""What each login may open, and what a page says to whom may not."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("meridian")]
NO_SUCH = "There is no such page"
NOT_YOURS = "Your login may not open this page"
LOGIN, YOUR_ACCOUNT = "Log in", "Your account"
PAGES = {
    "/explore": "Explore",
    "/chargeback/2026-10": "Chargeback, October 2026",
    "/clusters/lkc-orders": "orders",
    "/clusters/lkc-lab": "lkc-lab",
    "/environments/env-try": "Try",
    "/quality": "Data quality",
    "/quality/proof?period=last_7_days": "Proof",
    "/runs": "Collection runs",
    "/account": YOUR_ACCOUNT,
    "/no/such/page": NO_SUCH,
}
# Beside what stands above, by name: what is different for them.
EXCEPT = {
    "": {"/account": LOGIN},
    "vera": {},
    "fay": {},
    "otto": {},
    "lisa": {
        "/explore": "Explore your share",
        "/clusters/lkc-lab": NO_SUCH,
        "/quality/proof?period=last_7_days": NOT_YOURS,
        "/runs": NOT_YOURS,
    },
    "nora": {
        **dict.fromkeys(PAGES, NOT_YOURS),
        "/account": YOUR_ACCOUNT,
        "/no/such/page": NO_SUCH,
    },
}
ADMIN = {"": True, "vera": False, "fay": True, "otto": True, "lisa": False, "nora": False}


@pytest.mark.parametrize("name", EXCEPT)
def test_each_login_opens_what_it_may(browse, name):
    found = {}
    with browse(name, forgives=(403, 404)) as page:
        for address in PAGES:
            page.goto(address)
            found[address] = page.get_by_role("heading", level=1).inner_text()
        offered = page.get_by_role("link", name="Admin").count() > 0
    assert found == PAGES | EXCEPT[name]
    assert offered == ADMIN[name]


def test_a_refusal_says_why_and_leads_on(browse):
    with browse("lisa", forgives=(403,)) as page:
        page.goto("/runs")
        expect(page.locator(".period")).to_have_text(
            "This concerns all business units; your login is limited to some."
        )
        page.get_by_role("link", name="Log in as somebody else").click()
        expect(page.locator(".period")).to_contain_text("You are logged in as lisa.")
        page.get_by_role("link", name="Overview").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Your share")


def test_a_login_without_a_group_is_told_whom_to_ask(browse):
    with browse("nora") as page:
        page.goto("/")
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Your login does not see costs yet"
        )


def test_an_id_of_two_organizations_leads_to_either(browse):
    with browse("vera") as page:
        page.goto("/clusters/lkc-twin")
        page.get_by_role("link", name="twin of Borealis").click()
        expect(page.locator(".facts").last).to_contain_text("Borealis")
        page.get_by_role("link", name="Month to date").click()
        expect(page.locator(".facts").last).to_contain_text("Borealis")
