"""No page scrolls sideways, on a phone or at 320 px (WCAG's reflow); tables do by themselves."""

import pytest

from billing_portal.tests.browser.addresses import (
    OF_COSTS,
    OF_RUNS,
    OF_THE_ACCOUNT,
    OF_THE_WHOLE_BILL,
    REFUSALS,
)
from billing_portal.tests.browser.test_phone_width import too_wide
from collector.models import CollectionRun
from costs.tests.ownership import elsewhere
from dimensions.models import ApiToken

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("meridian")]
NARROW, PHONE = 320, 390


def of_stored_things():
    failed, succeeded = CollectionRun.objects.order_by("pk")[:2]
    token = ApiToken.objects.first()
    return [f"/runs/{failed.pk}", f"/runs/{succeeded.pk}", f"/account/tokens/{token.pk}/revoke"]


def test_it_fits_every_page_on_a_phone(browse):
    stored = elsewhere(of_stored_things).result()
    pages = [*OF_COSTS, *OF_THE_WHOLE_BILL, *OF_RUNS, *stored, *OF_THE_ACCOUNT, *REFUSALS]
    found = {}
    with browse("ada", width=NARROW, forgives=(400, 404)) as page:
        for address in pages:
            page.goto(address)
            page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
            found[address, NARROW] = too_wide(page)
            page.set_viewport_size({"width": PHONE, "height": 844})
            found[address, PHONE] = too_wide(page)
            # Before the next page: a chart takes a moment to shrink.
            page.set_viewport_size({"width": NARROW, "height": 844})
    assert {where: what for where, what in found.items() if what} == {}
