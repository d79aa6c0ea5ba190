"""API tokens: made in the admin and by a command, shown once, stored as a hash, revoked."""

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.utils import timezone
from rest_framework.throttling import SimpleRateThrottle

from billing_portal.tests.people import bearer, person, token_of
from billing_portal.tests.stored import superuser
from costs.tests.browsing import filled, post
from dimensions.models import ApiToken

LIST = "/admin/dimensions/apitoken/"


@pytest.fixture
def admin_client(db, client):
    client.force_login(superuser())
    return client


def made_by_admin(client, user, **said):
    page = client.get(f"{LIST}add/")
    said = {"user": user.pk, "name": "nightly export", "days": "30", "scopes": ["read"], **said}
    return post(client, page, filled(page, **said))


def command(*words):
    out, err = StringIO(), StringIO()
    call_command("create_api_token", *words, stdout=out, stderr=err)
    return out.getvalue().strip(), err.getvalue()


def works(client, text, route="costs/summary"):
    return client.get(f"/api/v1/{route}", headers=bearer(text)).status_code == 200


def test_the_admin_shows_a_new_token_once(admin_client, client, settings):
    settings.PRODUCTION = True
    page = made_by_admin(admin_client, person("ada", "Viewer"))

    text = re.search(r'<pre class="token"[^>]*><code>(\w+)</code>', page.content.decode())[1]
    token = ApiToken.objects.get()
    assert (token.name, token.scopes, str(token.user)) == ("nightly export", ["read"], "ada")
    assert timedelta(days=29) < token.expiry - timezone.now() < timedelta(days=30)
    assert "no-store" in page["Cache-Control"]
    assert works(client, text)
    for address in (
        "/admin/dimensions/apitoken/",
        f"/admin/dimensions/apitoken/{token.pk}/change/",
    ):
        assert text not in admin_client.get(address).content.decode()


def test_the_database_holds_no_token(admin_client):
    text = token_of(person("ada"))

    assert text not in str(list(ApiToken.objects.values()))
    assert text not in str(list(LogEntry.objects.values()))


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"days": "0"}, "greater than or equal to 1"),
        ({"days": "367"}, "less than or equal to 366"),
        ({"scopes": None}, "This field is required"),
        ({"scopes": ["everything"]}, "not one of the available choices"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_the_admin_refuses_a_token_that_is_not_limited(admin_client, said, error):
    page = made_by_admin(admin_client, person("ada"), **said)

    assert error in page.content.decode()
    assert not ApiToken.objects.exists()


def test_deleting_it_revokes_it(admin_client, client, settings):
    settings.PRODUCTION = True
    text = token_of(person("ada", "Viewer"))
    assert works(client, text)

    admin_client.post(
        f"/admin/dimensions/apitoken/{ApiToken.objects.get().pk}/delete/", {"post": "yes"}
    )

    assert not works(client, text)


def test_only_a_superuser_makes_tokens_for_others(db, client):
    staff = person("stan")
    staff.is_staff = True
    staff.save()
    staff.user_permissions.set(Permission.objects.filter(codename__endswith="_apitoken"))
    client.force_login(staff)

    refused = made_by_admin(client, superuser())
    made = made_by_admin(client, staff)

    assert "Select a valid choice" in refused.content.decode()
    assert made.status_code == 200
    assert [str(token.user) for token in ApiToken.objects.all()] == ["stan"]


def test_the_command_prints_the_token_alone(db, client, settings):
    settings.PRODUCTION = True
    person("ada", "Viewer")

    text, said = command("ada", "--name", "cron", "--scope", "read", "--scope", "collect")

    assert re.fullmatch(r"\w{64}", text)
    assert said.startswith("Token 'cron' of ada may read, collect until 20")
    assert works(client, text)


def test_the_command_gives_no_more_than_reading_by_itself(db):
    person("ada")
    command("ada", "--name", "cron")

    token = ApiToken.objects.get()
    assert token.scopes == ["read"]
    assert timedelta(days=89) < token.expiry - timezone.now() < timedelta(days=90)


def test_the_command_revokes(db, client, settings):
    settings.PRODUCTION = True
    person("ada", "Viewer")
    text, _ = command("ada", "--name", "cron")

    assert command("ada", "--revoke", "cron")[0] == "Revoked: 1."
    assert not works(client, text)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("nobody", "--name", "x"), "There is no user nobody."),
        (("ada", "--name", "x", "--days", "0"), "--days is a number from 1 to 366."),
        (("ada", "--revoke", "x"), "ada has no token 'x'."),
    ],
)
def test_the_command_says_what_is_wrong(db, words, error):
    person("ada")

    with pytest.raises(CommandError, match=re.escape(error)):
        command(*words)


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Bearer \xff\xfe",
        "Bearer " + "x" * 5000,
        "Token abc",
        "Basic abc",
    ],
)
def test_what_is_no_token_is_401(db, client, settings, header):
    settings.PRODUCTION = True

    answer = client.get("/api/v1/costs/summary", headers={"authorization": header})

    assert answer.status_code == 401
    assert answer.json()["errors"] == []


@pytest.mark.parametrize("scopes", [[], ["everything"]])
def test_the_database_refuses_scopes_that_do_not_exist(db, scopes):
    token_of(person("ada"))

    with pytest.raises(IntegrityError, match="dimensions_api_tokens_scopes_known"):
        ApiToken.objects.update(scopes=scopes)


@pytest.mark.parametrize(("rate", "who"), [("user", "ada"), ("anon", "")])
def test_who_asks_too_often_waits(db, client, monkeypatch, rate, who):
    cache.clear()
    monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, rate, "2/min")
    headers = bearer(token_of(person(who, "Viewer"))) if who else {}

    answers = [client.get("/api/v1/costs/summary", headers=headers) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) > 0
    assert "throttled" in answers[2].json()["detail"]
    cache.clear()
