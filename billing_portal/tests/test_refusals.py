"""Pages that say no: each says what happened, why, and what to do."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.middleware.csrf import (
    REASON_BAD_ORIGIN,
    REASON_CSRF_TOKEN_MISSING,
    REASON_NO_CSRF_COOKIE,
    REASON_NO_REFERER,
)
from django.test import Client
from django.utils.html import strip_tags

from billing_portal import views
from billing_portal.tests.people import person
from billing_portal.tests.stored import superuser

SHAPE = {"detail", "errors", "request_id"}
OVERVIEW = '<a class="button" href="/">Go to the overview</a>'


def text_of(page):
    return " ".join(strip_tags(page.content.decode()).split())


@pytest.fixture
def nobody(db, client):
    """Who may see no costs, logged in."""
    user = person("nobody")
    client.force_login(user)
    return user


# --- 403 ---


def test_it_says_why_a_page_is_not_for_this_login(nobody, client):
    page = client.get("/explore?group_by=env")
    text, content = text_of(page), page.content.decode()

    assert page.status_code == 403
    assert "Your login may not open this page" in text
    assert "It needs a permission that your login does not have." in text
    assert "You are nobody; your account says what you see" in text
    assert "add you to a group (Viewer, FinOps or Operator)" in text
    assert OVERVIEW in content
    assert 'href="/account">your account</a>' in content
    assert 'href="/login/?next=%2Fexplore%3Fgroup_by%3Denv">Log in as somebody else' in content


def test_the_way_to_another_login_works(nobody, client):
    page = client.get("/login/?next=%2Fexplore%3Fgroup_by%3Denv")

    assert '<input type="hidden" name="next" value="/explore?group_by=env">' in (
        page.content.decode()
    )


def test_a_refused_form_is_not_asked_for_again_by_a_login(nobody, client, rf):
    request = rf.post("/account?x=1")
    request.user = nobody

    page = views.forbidden(request, PermissionDenied("No."))

    assert 'href="/login/?next=%2Faccount"' in page.content.decode()


def test_it_tells_a_stranger_to_log_in(db, rf):
    page = views.forbidden(rf.get("/somewhere"), PermissionDenied())

    assert page.status_code == 403
    assert "It needs a permission that your login does not have." in text_of(page)
    assert 'href="/login/?next=%2Fsomewhere">Log in</a>' in page.content.decode()


@pytest.mark.parametrize(
    ("reason", "detail"), [("Not yours.", "Not yours."), ("", views.FORBIDDEN)]
)
def test_programs_are_refused_in_json(rf, reason, detail):
    answer = views.forbidden(rf.get("/api/v1/costs"), PermissionDenied(reason))

    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/json"
    assert f'"detail": "{detail}"' in answer.content.decode()


def test_hostile_reasons_and_addresses_do_nothing(nobody, client, rf):
    request = rf.get("/x", {"q": '"><script>alert(1)</script>'})
    request.user = nobody

    content = views.forbidden(request, PermissionDenied("<script>1</script>")).content.decode()

    assert "<script" not in content
    assert "&lt;script&gt;1" in content


# --- 404 ---


@pytest.mark.parametrize("logged_in", [False, True])
def test_it_leads_back_from_where_there_is_nothing(db, client, logged_in):
    if logged_in:
        client.force_login(superuser())

    page = client.get("/nowhere/<script>")

    assert page.status_code == 404
    assert "There is no such page" in text_of(page)
    assert "The address may be misspelt" in text_of(page)
    assert OVERVIEW in page.content.decode()
    assert "<script" not in page.content.decode()


def test_programs_are_told_in_json_that_there_is_nothing(db, client):
    answer = client.get("/api/nowhere")

    assert answer.status_code == 404
    assert answer.json().keys() == SHAPE


# --- CSRF ---


def test_a_form_without_cookies_is_told_about_cookies(db):
    page = Client(enforce_csrf_checks=True).post("/login/", {"username": "a", "password": "b"})

    assert page.status_code == 403
    assert "The form was not accepted Nothing is changed." in text_of(page)
    assert "Your browser sent no cookie." in text_of(page)
    assert "reload the page" in text_of(page)
    assert OVERVIEW in page.content.decode()


def test_an_old_form_is_told_to_be_loaded_anew(db):
    careful = Client(enforce_csrf_checks=True)
    careful.get("/login/")

    page = careful.post("/login/", {"csrfmiddlewaretoken": "x" * 64})

    assert page.status_code == 403
    assert "The form is old" in text_of(page)
    assert "reload the page" in text_of(page)


def test_a_form_of_another_site_is_told_so(db):
    careful = Client(enforce_csrf_checks=True)
    careful.get("/login/")

    page = careful.post("/login/", {}, headers={"origin": "https://evil.example"})

    assert page.status_code == 403
    assert "The form came from a page of another address" in text_of(page)
    assert "evil.example" not in page.content.decode()


def test_the_refusal_needs_no_login_in_production(db, settings):
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        "django.contrib.auth.middleware.LoginRequiredMiddleware",
    ]

    page = Client(enforce_csrf_checks=True).post("/account", {})

    assert (page.status_code, "Your browser sent no cookie." in text_of(page)) == (403, True)


@pytest.mark.parametrize(
    "reason",
    [REASON_NO_CSRF_COOKIE, REASON_CSRF_TOKEN_MISSING, REASON_BAD_ORIGIN, REASON_NO_REFERER],
)
def test_programs_are_told_in_json_that_the_page_is_not_ours(rf, reason):
    answer = views.csrf_failed(rf.post("/api/v1/costs/collect"), reason)

    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/json"
    assert "reload the page" in answer.content.decode()


# --- 500 ---


def test_a_failure_needs_neither_database_nor_user(rf):
    """Without the db fixture a query would raise; request.user is not even there."""
    page = views.failed(rf.get("/explore"))

    assert page.status_code == 500
    assert "The portal could not answer Something failed inside" in text_of(page)
    assert OVERVIEW in page.content.decode()
    assert not connection.in_atomic_block


def test_a_failure_names_the_request(db, client, monkeypatch):
    def fail(request):
        raise RuntimeError("password=hunter22")

    monkeypatch.setattr("billing_portal.account.usable_scopes", fail)
    client.force_login(person("ada"))
    client.raise_request_exception = False

    page = client.get("/account")

    assert page.status_code == 500
    assert f"<code>{page['X-Request-Id']}</code>" in page.content.decode()
    assert "hunter22" not in page.content.decode()


def test_programs_are_told_in_json_of_a_failure(rf):
    answer = views.failed(rf.get("/api/v1/costs"))

    assert (answer.status_code, answer["Content-Type"]) == (500, "application/json")
