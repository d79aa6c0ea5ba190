"""Every amount on every page is one that the API gives for the page's question, to the last digit.

What people read is that amount in cents.
"""

from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model

from billing_portal.tests.browser.addresses import OF_COSTS, OF_THE_WHOLE_BILL
from billing_portal.tests.browser.questions import Api, known_amounts
from costs.money import dollars
from costs.tests.ownership import elsewhere

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("meridian")]
# An id of two organizations has no amount before one is chosen.
OF_NO_AMOUNT = "/clusters/lkc-twin"
READ = "() => [...document.querySelectorAll('data')].map(each => [each.value, each.textContent])"
# Tables of what changed: amounts of each row of the body, and of the foot.
CHANGES = """() => [...document.querySelectorAll('table')].filter(
    table => [...table.querySelectorAll('th')].some(each => each.textContent === 'by price')
).map(table => ['tbody', 'tfoot'].map(part => [...table.querySelectorAll(`${part} tr`)].map(
    row => [...row.querySelectorAll('data')].map(each => each.value)
)))"""


def shown_on(page, addresses):
    """By address: the amounts and their texts, and the rows of what changed."""
    found = {}
    for address in addresses:
        page.goto(address)
        texts = page.evaluate(READ)
        found[address] = [(Decimal(each), text) for each, text in texts], page.evaluate(CHANGES)
    return found


def known_to(name, addresses):
    """By address: the amounts that the API knows, and zero."""
    api = Api(get_user_model().objects.get(username=name))
    return {address: known_amounts(api, address) | {Decimal(0)} for address in addresses}


def rounded(amounts):
    return {round(amount, 10) for amount in amounts}


def reasons_of(tables):
    """Why something changed (by price, by quantity, other), which the API does not tell.

    They add up to the change; and what is not in a table is the rest of its total.
    """
    reasons = set()
    for body, foot in tables:
        rows = [[Decimal(each) for each in row] for row in body]
        for change, *parts, before, now in rows:
            assert sum(parts) == change == now - before
            reasons.update(parts)
        if foot:
            reasons.add(Decimal(foot[-1][0]) - sum(row[0] for row in rows))
    return reasons


@pytest.mark.parametrize(
    ("name", "pages"), [("vera", (*OF_COSTS, *OF_THE_WHOLE_BILL)), ("lisa", OF_COSTS)]
)
def test_pages_say_what_the_api_says(browse, name, pages):
    addresses = [address for address in pages if address != OF_NO_AMOUNT]
    with browse(name) as page:
        shown = shown_on(page, addresses)
    known = elsewhere(lambda: known_to(name, addresses)).result()
    unknown = {}
    for address, (texts, tables) in shown.items():
        for exact, text in texts:
            assert text.removeprefix("+") == dollars(exact), address
        expected = rounded(known[address] | reasons_of(tables))
        strange = {exact for exact, _ in texts} - expected
        if strange:
            unknown[address] = strange
    assert unknown == {}
    assert sum(len(texts) for texts, _ in shown.values()) > 1000
