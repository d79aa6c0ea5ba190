"""Chromium on the portal's pages, served for real, with a company in a committed database.

Playwright runs an event loop in the thread that started it, in which Django refuses its ORM. So
each test stores first, then opens the browser by `with browse(...)`, and asks the database after.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from billing_portal.tests import stored
from costs.allocation import allocate_days
from costs.tests.ownership import center, cluster, environment, line, organization, sql, store
from dimensions.models import Cluster

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FIRST = datetime.now(UTC).date().replace(day=1)
DAY_BEFORE = FIRST - timedelta(days=1)
# By name, what each costs on one day; the names are longer than a phone is wide.
COSTS = {
    "orders": Decimal(300),
    "payments-of-all-shops-and-warehouses-in-the-northern-region": Decimal(500),
    "clickstream": Decimal(20),
}
LARGEST = "payments-of-all-shops-and-warehouses-in-the-northern-region"
MILLISECONDS = 10_000


@pytest.fixture
def company(transactional_db: Any, settings: Any) -> Iterator[None]:
    """Three unallocated resources with a charge on the first of this month and the day before.

    And Fay, a new user of the group FinOps, with the password "only-for-tests".
    """
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    fay = stored.staff("fay", group="FinOps")
    fay.set_password("only-for-tests")
    fay.save()
    acme = organization()
    environment("env-1", of=acme)
    for code, unit in (("CC-100", "Retail"), ("CC-200", "Logistics")):
        center(code, unit)
    lines = []
    for number, (name, amount) in enumerate(COSTS.items(), start=1):
        made = cluster(f"lkc-{number}", of=acme)
        Cluster.objects.filter(pk=made.pk).update(name=name, env_id="env-1", kind="kafka")
        lines += [
            line(amount, day=day, resource=f"lkc-{number}", name=name, env="env-1")
            for day in (DAY_BEFORE, FIRST)
        ]
    allocate_days(acme, store(acme, *lines))
    yield
    # Django's flush leaves out the table that it does not manage.
    sql("TRUNCATE hourly_costs")


Browse = Callable[..., AbstractContextManager[Page]]


@pytest.fixture
def browse(live_server: Any) -> Browse:
    """browse(width=390) is a page of a browser so wide; errors of its scripts fail the test."""

    @contextmanager
    def open_page(width: int = 1280) -> Iterator[Page]:
        program = shutil.which("chromium")
        assert program, "Chromium is not installed: apt-get install chromium"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
            context = browser.new_context(
                base_url=live_server.url,
                viewport={"width": width, "height": 844},
                is_mobile=width < 600,
            )
            page = context.new_page()
            page.set_default_timeout(MILLISECONDS)
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            yield page
            browser.close()
        assert errors == []

    return open_page


def log_in(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill("fay")
    page.get_by_label("Password").fill("only-for-tests")
    page.get_by_role("button", name="Log in").click()


def iso(day: date) -> str:
    return day.isoformat()
