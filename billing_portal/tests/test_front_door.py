"""`/`: service information for programs, a page for people; who may open it."""

from contextlib import closing

import pytest
from django.conf import settings as portal_settings

from billing_portal import __version__
from billing_portal.tests.stored import superuser

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"


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


def test_it_needs_no_database_for_programs(client):
    assert client.get("/").status_code == 200  # without the db fixture a query would raise


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
