"""The account: log in and out, make, use and revoke a token, change the password."""

import re

import pytest
from playwright.sync_api import expect

from billing_portal.tests.browser.company import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("meridian")]
NEW = "another-one-for-tests"
# What the API answers a program that sends the token, and no cookie.
ASK = """async text => (await fetch('/api/v1/costs/summary', {
    credentials: 'omit', headers: {Authorization: `Bearer ${text}`},
})).status"""


def log_in(page, name, password):
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_it_logs_in_to_the_page_that_was_asked_for_and_out(browse):
    with browse() as page:
        page.goto("/account")
        expect(page).to_have_url(re.compile("/login/"))
        log_in(page, "vera", "wrong")
        expect(page.get_by_role("alert")).to_contain_text("do not match")
        log_in(page, "vera", PASSWORD)
        expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
        expect(page.locator(".facts").first).to_contain_text("Viewer")
        expect(page.locator(".facts").first).to_contain_text("The whole bill")
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("link", name="Log in")).to_be_visible()
        page.goto("/account")
        expect(page).to_have_url(re.compile("/login/"))


def test_a_token_is_shown_once_works_and_is_revoked(browse):
    with browse("vera", forgives=(401,)) as page:
        page.goto("/account")
        page.get_by_label("Name").fill("nightly export")
        page.get_by_role("button", name="Make the token").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Copy this token now")
        text = page.locator(".token code").inner_text()
        assert page.evaluate(ASK, text) == 200

        page.get_by_role("link", name="I have copied it").click()
        expect(page.locator("main")).not_to_contain_text(text)
        page.get_by_role("link", name="Revoke nightly export").click()
        page.get_by_role("button", name="Revoke it").click()
        expect(page.locator(".message")).to_have_text("The token nightly export is revoked.")
        expect(page.get_by_text("You have none.")).to_be_visible()
        assert page.evaluate(ASK, text) == 401


def test_it_says_what_to_correct_in_a_token(browse):
    with browse("lisa") as page:
        page.goto("/account")
        expect(page.locator("main")).to_contain_text("Retail & Shops")
        page.locator("form.form").evaluate("form => form.noValidate = true")
        page.get_by_label("Expires in (days)").fill("9999")
        page.get_by_role("button", name="Make the token").click()
        expect(page.get_by_role("alert")).to_contain_text("No token is made")
        expect(page.locator(".errorlist")).to_have_count(2)


def test_a_new_password_is_the_one_that_counts(browse):
    with browse("otto") as page:
        page.goto("/account/password")
        for label, text in (
            ("Old password", PASSWORD),
            ("New password", NEW),
            ("New password confirmation", NEW),
        ):
            page.get_by_label(label, exact=True).fill(text)
        page.get_by_role("button", name="Change it").click()
        expect(page.locator(".message")).to_contain_text("Your password is changed.")
        page.get_by_role("button", name="Log out").click()
        page.goto("/login/")
        log_in(page, "otto", PASSWORD)
        expect(page.get_by_role("alert")).to_be_visible()
        log_in(page, "otto", NEW)
        expect(page.get_by_role("link", name="Account otto")).to_be_visible()
