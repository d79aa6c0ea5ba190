"""Chromium on the portal's pages, served for real, with a company in a committed database.

Playwright runs an event loop in the thread that started it, in which Django refuses its ORM. So
whatever a test stores or asks of the database goes by `elsewhere(...).result()`.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client, override_settings
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from billing_portal.tests import stored
from billing_portal.tests.browser.company import NOW, build
from billing_portal.tests.browser.watching import watched
from costs.allocation import allocate_days
from costs.tests.ownership import (
    center,
    cluster,
    elsewhere,
    environment,
    line,
    organization,
    sql,
    store,
)
from dimensions.models import Cluster, Organization

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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


@pytest.fixture(scope="module")
def db(django_db_setup: Any, django_db_blocker: Any) -> Iterator[None]:
    """The tests' database, in place of pytest-django's fixture: all tests here commit."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def server(db: None) -> Iterator[LiveServer]:
    """The portal, served by this process."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        served = LiveServer("localhost")
        yield served
        served.stop()


@pytest.fixture(scope="module")
def chromium(server: LiveServer) -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def company(server: LiveServer) -> Iterator[None]:
    """Three unallocated resources with a charge on the first of this month and the day before.

    And Fay, a new user of the group FinOps, with the password "only-for-tests".
    """
    with _committed(_three_resources):
        yield


@pytest.fixture(scope="module")
def meridian(server: LiveServer) -> Iterator[None]:
    """The company of company.py, and its day; the tests of a module share it."""
    with time_machine.travel(NOW), _committed(build):
        yield


@contextmanager
def _committed(build: Callable[[], Any]) -> Iterator[None]:
    if elsewhere(Organization.objects.exists).result():
        elsewhere(_empty).result()  # a run before this one was killed
    elsewhere(build).result()
    try:
        yield
    finally:
        elsewhere(_empty).result()


def _empty() -> None:
    call_command("flush", interactive=False, verbosity=0)
    # Django's flush leaves out the table that it does not manage.
    sql("TRUNCATE hourly_costs")


def _three_resources() -> None:
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


Browse = Callable[..., AbstractContextManager[Page]]


@pytest.fixture
def browse(server: LiveServer, chromium: Browser) -> Browse:
    """browse("vera", width=390) is a page of a window so wide, in which Vera is logged in.

    Without a name nobody is. What a page complains of fails the test (see watching.py), but for
    answers with a status of `forgives`. `more` is for Playwright's new_context.
    """

    @contextmanager
    def open_page(
        name: str = "", *, width: int = 1280, forgives: tuple[int, ...] = (), **more: Any
    ) -> Iterator[Page]:
        context = chromium.new_context(
            base_url=server.url,
            viewport={"width": width, "height": 844},
            is_mobile=width < 600,
            **more,
        )
        context.set_default_timeout(MILLISECONDS)
        if name:
            session = elsewhere(lambda: _session_of(name)).result()
            context.add_cookies([{"name": "sessionid", "value": session, "url": server.url}])
        complaints = watched(context, server.url, forgives)
        try:
            yield context.new_page()
        finally:
            context.close()
        assert complaints == []

    return open_page


def _session_of(name: str) -> str:
    client = Client()
    client.force_login(get_user_model().objects.get(username=name))
    return client.cookies["sessionid"].value


def log_in(page: Page) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill("fay")
    page.get_by_label("Password").fill("only-for-tests")
    page.get_by_role("button", name="Log in").click()


def iso(day: date) -> str:
    return day.isoformat()
