"""Logging in and out, and what a browser is told beside each page."""

import pytest
from django.conf import settings as portal_settings

from billing_portal.middleware import PAGES
from billing_portal.tests.people import person

LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
PASSWORD = "correct horse battery"


@pytest.fixture
def ada(db):
    user = person("ada", "Viewer")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def production(settings):
    settings.PRODUCTION = True
    settings.MIDDLEWARE = [*portal_settings.MIDDLEWARE, LOGIN_REQUIRED]


def test_who_is_no_staff_logs_in_and_comes_to_the_page(ada, production, client):
    asked = client.get("/docs")
    assert (asked.status_code, asked["Location"]) == (302, "/login/?next=/docs")

    answer = client.post(
        asked["Location"], {"username": "ada", "password": PASSWORD, "next": "/docs"}
    )

    assert (answer.status_code, answer["Location"]) == (302, "/docs")
    assert client.get("/docs").status_code == 200
    assert client.get("/api/v1/costs/summary").status_code == 200


def test_a_wrong_password_says_no_more_than_that(ada, client):
    wrong = client.post("/login/", {"username": "ada", "password": "wrong"}).content.decode()
    nobody = client.post("/login/", {"username": "nobody", "password": "wrong"}).content.decode()

    assert "The user name and password do not match" in wrong
    assert "The user name and password do not match" in nobody


def test_logging_out_ends_the_session(ada, production, client):
    client.force_login(ada)
    assert "Log out" in client.get("/", headers={"accept": "text/html"}).content.decode()

    assert client.post("/logout/").status_code == 302
    assert client.get("/api/v1/costs/summary").status_code == 401


def test_nobody_is_logged_out_by_a_link(ada, client):
    client.force_login(ada)

    assert client.get("/logout/").status_code == 405
    assert client.get("/api/v1/costs/summary").status_code == 200


def test_it_leads_to_no_other_site(ada, client):
    said = {"username": "ada", "password": PASSWORD, "next": "https://evil.example/"}

    assert client.post("/login/", said)["Location"] == "/"


@pytest.mark.parametrize("address", ["/login/", "/nowhere"])
def test_pages_may_load_nothing_from_elsewhere(db, client, address):
    response = client.get(address)

    assert response["Content-Security-Policy"] == PAGES
    assert response["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()"
    assert "<script" not in response.content.decode()


def test_the_description_is_a_page_of_the_portal_itself(db, client):
    page = client.get("/docs")
    content = page.content.decode()

    assert "script-src 'self';" in page["Content-Security-Policy"]
    assert "http://" not in content
    assert "https://" not in content
    assert "<script>" not in content
    for file in ("swagger-ui-bundle.js", "swagger-ui.css"):
        address = f"/static/drf_spectacular_sidecar/swagger-ui-dist/{file}"
        assert address in content
        response = client.get(address)
        assert response.status_code == 200
        response.close()


def test_the_api_can_be_browsed(ada, client):
    client.force_login(ada)

    page = client.get("/api/v1/costs/summary", headers={"accept": "text/html"})

    assert (page.status_code, page["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "total_usd" in page.content.decode()
