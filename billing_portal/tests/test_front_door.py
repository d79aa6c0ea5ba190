"""`/`: service information for programs, the bill at a glance for people."""

import html
from contextlib import closing
from datetime import UTC, datetime

import pytest
from django.conf import settings as portal_settings
from django.utils.html import strip_tags

from billing_portal import __version__
from billing_portal.middleware import PAGES
from billing_portal.tests.stored import bill_day, charge, organization, superuser

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
MINUS = "\N{MINUS SIGN}"
LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"


@pytest.fixture
def page(client):
    """The page's text as a person reads it, without tags and line breaks."""

    def read():
        content = client.get("/", headers={"accept": BROWSER}).content.decode()
        return " ".join(html.unescape(strip_tags(content)).split())

    return read


@pytest.fixture
def three_days(db):
    """8 to 10 November: 100 USD and a credit; the 10th is too young to be settled."""
    company = organization("Meridian Foods")
    bill_day("2026-11-08", of=company)
    bill_day("2026-11-09", of=company, is_incomplete=True)
    bill_day("2026-11-10", of=company, fetched_at=datetime(2026, 11, 11, tzinfo=UTC))
    charge("2026-11-08", "1000.005", of=company)
    charge("2026-11-10", "234.495", of=company)
    charge("2026-11-10", "-34.5", of=company)
    charge("2026-10-11", "7777", of=company)  # the day before the period
    return company


@pytest.mark.parametrize("accept", ["*/*", "application/json", "", "image/png", "text/plain, */*"])
def test_it_answers_programs_with_service_information(client, accept):
    response = client.get("/", headers={"accept": accept} if accept else {})

    assert response.status_code == 200
    assert response.json() == {
        "service": "Confluent Billing Portal",
        "version": __version__,
        "links": {
            "documentation": "http://testserver/docs",
            "schema": "http://testserver/api/schema/",
            "costs": "http://testserver/api/v1/costs",
            "summary": "http://testserver/api/v1/costs/summary",
            "collections": "http://testserver/api/v1/collections",
            "health": "http://testserver/healthz",
            "readiness": "http://testserver/readyz",
            "metrics": "http://testserver/metrics",
            "admin": "http://testserver/admin/",
        },
    }


@pytest.mark.parametrize(
    "accept", [BROWSER, "text/html", "text/html;q=0.9, application/json;q=0.1"]
)
def test_it_answers_browsers_with_a_page(db, client, accept):
    response = client.get("/", headers={"accept": accept})

    assert response.status_code == 200
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert '<html lang="en">' in response.content.decode()


@pytest.mark.parametrize(("accept", "vary"), [("*/*", "Accept"), (BROWSER, "Accept, Cookie")])
def test_it_tells_caches_that_the_answer_depends_on_the_client(db, client, accept, vary):
    assert client.get("/", headers={"accept": accept})["Vary"] == vary


@pytest.mark.parametrize("accept", ["*/*", BROWSER])
def test_it_answers_head_without_a_body(db, client, accept):
    response = client.head("/", headers={"accept": accept})

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_refuses_to_be_written_to(client, method):
    response = getattr(client, method)("/")

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"


def test_it_shows_the_amounts_with_their_unit(three_days, page):
    text = page()

    assert "Meridian Foods" in text
    assert "Net cost $1,200.00 USD" in text
    assert "Usage $1,234.50 USD" in text
    assert f"Credits {MINUS}$34.50 USD" in text


def test_it_says_which_days_the_amounts_are_of(three_days, page):
    text = page()

    assert "30 days: 12 October 2026 to 10 November 2026, UTC" in text
    assert "Data through 10 Nov 2026" in text


def test_it_says_how_sure_the_amounts_are(three_days, page):
    text = page()

    assert "Days stored 3 of 30 27 days of the period are not collected." in text
    assert "Provisional 1 day Confluent may still restate it" in text
    assert "Incomplete 1 day With rows that could not be read" in text


def test_it_leaves_out_incomplete_days_when_there_are_none(db, page):
    bill_day("2026-11-08", of=organization())

    text = page()

    assert "Incomplete" not in text
    assert "Provisional 0 days Every stored day is settled." in text


def test_it_shows_a_negative_net(db, page):
    company = organization()
    bill_day("2026-11-08", of=company)
    charge("2026-11-08", "-250", of=company)

    assert f"Net cost {MINUS}$250.00 USD Credits are larger than usage." in page()


def test_it_names_every_organization(db, page):
    for number, name in enumerate(["Zeta", "Alpha"]):
        bill_day("2026-11-08", of=organization(name, f"org-{number}"))

    assert "Alpha, Zeta" in page()


def test_it_escapes_names(db, client):
    bill_day("2026-11-08", of=organization('<script>alert("x")</script>'))

    content = client.get("/", headers={"accept": BROWSER}).content.decode()

    assert "<script" not in content
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;" in content


@pytest.mark.parametrize("line_counts", [[], [0]])
def test_it_says_what_to_do_while_nothing_is_stored(db, page, line_counts):
    for line_count in line_counts:
        bill_day("2026-11-08", of=organization(), line_count=line_count)

    text = page()

    assert "No bill is stored yet" in text
    assert "make demo" in text
    assert "python manage.py collect_costs" in text
    assert "$" not in text


@pytest.mark.parametrize("days", [1, 30])
def test_it_asks_the_database_five_questions(db, client, django_assert_num_queries, days):
    for number in range(1, days + 1):
        bill_day(f"2026-11-{number:02}", of=organization())

    with django_assert_num_queries(5):
        client.get("/", headers={"accept": BROWSER})


def test_it_needs_no_database_for_programs(client):
    assert client.get("/").status_code == 200  # without the db fixture a query would raise


def test_it_allows_the_browser_nothing_but_its_own_style_and_icon(db, client):
    response = client.get("/", headers={"accept": BROWSER})
    content = response.content.decode()

    assert response["Content-Security-Policy"] == PAGES
    for forbidden in ("<script", "<style", " style=", " onclick=", "https://", "http://"):
        assert forbidden not in content


def test_it_links_to_files_that_exist(db, client):
    for address in ("/static/css/portal.css", "/static/css/admin.css", "/static/favicon.svg"):
        with closing(client.get(address)) as response:
            assert response.status_code == 200


@pytest.mark.parametrize("accept", ["*/*", BROWSER])
def test_it_sends_strangers_to_the_login_in_production(db, client, settings, accept):
    settings.MIDDLEWARE = [*portal_settings.MIDDLEWARE, LOGIN_REQUIRED]

    response = client.get("/", headers={"accept": accept})

    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/healthz", 200),
        ("/static/css/portal.css", 200),
        ("/favicon.ico", 302),
        ("/login/", 200),
        ("/admin/login/", 200),
    ],
)
def test_it_keeps_health_and_files_open_in_production(db, client, settings, address, status):
    settings.MIDDLEWARE = [*portal_settings.MIDDLEWARE, LOGIN_REQUIRED]

    with closing(client.get(address)) as response:
        assert response.status_code == status


def test_it_welcomes_who_has_logged_in_in_production(db, client, settings):
    settings.MIDDLEWARE = [*portal_settings.MIDDLEWARE, LOGIN_REQUIRED]
    client.force_login(superuser())

    assert client.get("/", headers={"accept": BROWSER}).status_code == 200
