"""Changing one's password, and the page to log in."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils.html import strip_tags

from billing_portal.tests.people import bearer, person, token_of

ADDRESS = "/account/password"
PASSWORD, NEW = "correct horse battery", "staple of 1936 horses"
ELSEWHERE = ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]


@pytest.fixture
def ada(db, client, settings):
    """A viewer with a password, logged in."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = person("ada", "Viewer")
    user.set_password(PASSWORD)
    user.save()
    client.force_login(user)
    return user


def change(client, old=PASSWORD, new=NEW, again=NEW, **options):
    said = {"old_password": old, "new_password1": new, "new_password2": again}
    return client.post(ADDRESS, said, **options)


def text_of(page):
    return " ".join(strip_tags(page.content.decode()).split())


def knows(password):
    return get_user_model().objects.get(username="ada").check_password(password)


def test_it_changes_the_password_and_says_so(ada, client):
    page = change(client, follow=True)

    assert page.redirect_chain == [("/account", 302)]
    assert '<p class="message success" role="status">Your password is changed.' in (
        page.content.decode()
    )
    assert knows(NEW)
    assert "Your password is changed." not in text_of(client.get("/account"))


def test_every_other_session_ends(ada, client):
    elsewhere = Client()
    elsewhere.force_login(ada)
    headers = bearer(token_of(ada))
    assert elsewhere.get("/account").status_code == 200

    change(client)

    assert elsewhere.get("/account")["Location"] == "/login/?next=/account"
    assert client.get("/account").status_code == 200
    # As the page says.
    assert Client().get("/api/v1/costs/summary", headers=headers).status_code == 200


def test_it_says_what_a_password_must_be(ada, client):
    text = text_of(client.get(ADDRESS))

    assert "at least 8 characters" in text
    assert "entirely numeric" in text
    assert "too similar to your other personal information" in text


@pytest.mark.parametrize(
    ("said", "field", "error"),
    [
        ({"old": "wrong"}, "old_password", "Your old password was entered incorrectly."),
        ({"old": ""}, "old_password", "This field is required."),
        ({"again": "another one"}, "new_password2", "The two password fields"),
        ({"new": "short", "again": "short"}, "new_password2", "too short"),
        ({"new": "password1", "again": "password1"}, "new_password2", "too common"),
        ({"new": "8253719462", "again": "8253719462"}, "new_password2", "entirely numeric"),
    ],
)
def test_it_says_beside_the_field_what_is_wrong(ada, client, said, field, error):
    page = change(client, **said).content.decode()

    listed = re.search(rf'<ul class="errorlist" id="id_{field}_error">(.+?)</ul>', page)[1]
    assert error in listed
    told = re.search(rf'<input [^>]*name="{field}"[^>]*>', page)[0]
    assert 'aria-invalid="true"' in told
    assert re.search(rf'aria-describedby="[^"]*id_{field}_error"', told)
    assert 'role="alert"' in page
    assert knows(PASSWORD)


def test_no_answer_carries_a_password(ada, client):
    page = change(client, new="short", again="short").content.decode()

    assert PASSWORD not in page
    assert 'value="short"' not in page


def test_it_tells_password_managers_what_is_asked(ada, client):
    page = client.get(ADDRESS).content.decode()

    assert re.findall(r'autocomplete="([\w-]+)"', page) == [
        "username",
        "current-password",
        "new-password",
        "new-password",
    ]


def test_another_site_changes_no_password(ada):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(ada)

    assert change(careful).status_code == 403
    assert knows(PASSWORD)


def test_who_has_no_password_here_is_told_so(db, client):
    user = person("ada")
    user.set_unusable_password()
    user.save()
    client.force_login(user)

    assert "This login has none here." in text_of(client.get("/account"))
    page = client.get(ADDRESS)
    assert "Your login has no password here" in text_of(page)
    assert b'name="old_password"' not in page.content


# --- logging in ---


def log_in(client, address="/login/", password=PASSWORD, **said):
    return client.post(address, {"username": "ada", "password": password, **said})


def test_the_login_tells_password_managers_what_is_asked(db, client):
    page = client.get("/login/").content.decode()

    assert re.search(r'<input [^>]*name="username"[^>]*autocomplete="username"[^>]*autofocus', page)
    assert re.search(r'<input type="password"[^>]*autocomplete="current-password"', page)
    assert "aria-invalid" not in page


def test_a_refused_login_points_to_the_reason(ada):
    page = log_in(Client(), password="wrong", next="/docs").content.decode()

    assert '<p class="refused" role="alert" id="login-error">' in page
    for name in ("username", "password"):
        told = re.search(rf'<input [^>]*name="{name}"[^>]*>', page)[0]
        assert 'aria-invalid="true" aria-describedby="login-error"' in told
    assert 'value="ada"' in page
    assert "wrong" not in page
    assert '<input type="hidden" name="next" value="/docs">' in page


def test_it_comes_back_to_where_one_wanted_to_go(ada):
    stranger = Client()
    asked = stranger.get("/account/password")["Location"]
    page = stranger.get(asked).content.decode()
    assert '<input type="hidden" name="next" value="/account/password">' in page

    assert log_in(stranger, next="/account/password")["Location"] == "/account/password"


@pytest.mark.parametrize("address", ELSEWHERE)
def test_it_never_leads_to_another_host(ada, client, address):
    page = client.get("/login/", {"next": address}).content.decode()

    assert "evil" not in page
    assert "javascript" not in page
    assert log_in(Client(), next=address)["Location"] == "/"
    assert log_in(Client(), f"/login/?next={address}")["Location"] == "/"


@pytest.mark.parametrize("address", ["/login/", "/login/?next="])
def test_who_is_logged_in_goes_to_the_overview(ada, client, address):
    answer = client.get(address)

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_who_is_sent_to_the_login_may_log_in_as_somebody_else(ada, client):
    bob = person("bob")
    bob.set_password(PASSWORD)
    bob.save()

    page = client.get("/login/?next=/docs")
    answer = client.post("/login/", {"username": "bob", "password": PASSWORD, "next": "/docs"})

    assert "You are logged in as ada." in text_of(page)
    assert 'href="/docs">go on as you are' in page.content.decode()
    assert answer["Location"] == "/docs"
    assert "User name bob" in text_of(client.get("/account"))
