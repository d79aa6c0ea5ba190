"""The account page: who is logged in, what that login sees, and the API tokens of it."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from django.utils.html import strip_tags
from rest_framework.permissions import SAFE_METHODS

from billing_portal.account import USES, usable_scopes
from billing_portal.tests.people import bearer, person, token_of
from billing_portal.tests.stored import superuser
from billing_portal.tokens import make_token
from costs.tests.browsing import changed, database
from costs.tests.ownership import center
from dimensions.models import ApiToken, BusinessUnit, TokenScope

# A hundred characters, as many as a token's name may have.
HOSTILE = "<script>alert('x')</script>\u202e\u202eevil 🦖".ljust(100, "W")
LONGEST_USER_NAME = 150


def text_of(page):
    """What a person reads."""
    content = page.content.decode()
    return " ".join(strip_tags(content[content.index("<main") :]).split())


def new_token(client, **said):
    return client.post("/account", {"name": "export", "scopes": ["read"], "days": "30", **said})


def shown_token(page):
    return re.search(r'<dd class="token"><code>(\w{64})</code>', page.content.decode())[1]


def revoking(token):
    return f"/account/tokens/{token.pk}/revoke"


@pytest.fixture
def ada(db, client):
    """A viewer, logged in."""
    user = person("ada", "Viewer")
    client.force_login(user)
    return user


# --- who may come here ---


@pytest.mark.parametrize("production", [False, True])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", ["/account", "/account/password", "/account/tokens/a/revoke"])
def test_it_sends_strangers_to_the_login(db, client, settings, production, method, address):
    settings.PRODUCTION = production

    answer = getattr(client, method)(address)

    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={address}")


@pytest.mark.parametrize("address", ["/account", "/account/password"])
def test_no_token_opens_it(db, client, address):
    headers = bearer(token_of(superuser()))

    assert client.get(address, headers=headers).status_code == 302
    assert client.post(address, {"name": "more"}, headers=headers).status_code == 302
    assert ApiToken.objects.count() == 1


def test_it_is_kept_by_no_cache(ada, client):
    assert "no-store" in client.get("/account")["Cache-Control"]


# --- who one is, and what one sees ---


def test_it_says_who_is_logged_in(ada, client):
    ada.first_name, ada.last_name = "Ada", "Lovelace"
    ada.last_login = timezone.now().replace(2026, 11, 2, 9, 5)
    ada.save()

    text = text_of(client.get("/account"))

    assert "User name ada Name Ada Lovelace Groups Viewer Staff No" in text
    assert "Last login 2 Nov 2026, 09:05 UTC" in text


def test_it_says_that_a_superuser_may_do_everything(db, client):
    client.force_login(superuser())

    text = text_of(client.get("/account"))

    assert "Groups none Staff Superuser: may do and see everything, admin" in text
    assert "You see The whole bill, of all business units." in text


def test_it_names_the_business_units_of_a_limited_login(db, client):
    for code in ("BU-1", "BU-2", "BU-3"):
        center(f"CC of {code}", code)
    BusinessUnit.objects.filter(code="BU-1").update(name="Retail <North>")
    client.force_login(person("ada", "Viewer", limited_to=["BU-1", "BU-3"]))

    text = text_of(client.get("/account"))

    assert "You see What these business units owe, and nothing else:" in text
    assert "BU-1 · Retail &lt;North&gt; BU-3 Last login" in text
    assert "BU-2" not in text


@pytest.mark.parametrize(
    ("groups", "limited_to", "says"),
    [
        ((), None, "No costs. Ask whoever runs the portal for the group Viewer."),
        (("Viewer",), [], "No costs: your login is limited to business units, and none is"),
        ((), [], "for the group Viewer. Your login is limited to business units, and none is"),
        ((), ["BU-1"], "for the group Viewer. Then what these business units owe: BU-1"),
        (("Viewer",), None, "The whole bill"),
    ],
)
def test_it_says_whom_to_ask_for_what_one_does_not_see(db, client, groups, limited_to, says):
    center("CC-1", "BU-1")
    client.force_login(person("ada", *groups, limited_to=limited_to))

    assert says in text_of(client.get("/account"))


def test_it_tells_staff_why_a_limited_login_has_no_admin(db, client):
    user = person("ada", "Viewer", limited_to=[])
    user.is_staff = True
    user.save()
    client.force_login(user)

    assert "Staff Yes, but the admin shows what everybody owes" in text_of(client.get("/account"))


# --- its tokens ---


def test_it_lists_ones_own_tokens_with_what_is_urgent(ada, client, django_assert_max_num_queries):
    make_token(ada, name="calm", scopes=["read"], days=90)
    make_token(ada, name="soon", scopes=["read", "curate"], days=3)
    token_of(ada, expired=True)
    token_of(person("bob"))
    ApiToken.objects.filter(user__username="bob").update(name="of bob")

    with django_assert_max_num_queries(12):
        page = client.get("/account")

    rows = [" ".join(strip_tags(row).split()) for row in page.content.decode().split("<tr>")[2:]]
    says = [re.sub(r"\d+ \w{3} \d{4}, \d\d:\d\d", "TIME", row) for row in rows]
    assert says[0] == "calm read TIME TIME Revoke"
    assert says[1] == "soon read, curate TIME TIME 2 days left Revoke"
    assert says[2].startswith("test read, curate, collect TIME TIME expired Revoke")
    assert len(says) == 3


def test_a_superuser_sees_only_the_own_ones(db, client):
    token_of(person("bob"))
    client.force_login(superuser())

    assert "You have none." in text_of(client.get("/account"))


def test_a_new_token_is_shown_once_and_works(ada, client, settings):
    settings.PRODUCTION = True

    page = new_token(client)

    text, made = shown_token(page), ApiToken.objects.get()
    assert (made.user, made.name, made.scopes) == (ada, "export", ["read"])
    assert timedelta(days=29) < made.expiry - timezone.now() < timedelta(days=30)
    assert "no-store" in page["Cache-Control"]
    asked = re.search(
        r'curl -H "Authorization: Bearer (\w+)" \\\s+http://testserver(\S+)</code>',
        page.content.decode(),
    )
    assert asked[1] == text
    assert Client().get(asked[2], headers=bearer(text)).status_code == 200
    for address in ("/account", revoking(made)):
        assert text not in client.get(address).content.decode()


def test_a_form_that_is_sent_again_makes_no_second_token(ada, client):
    new_token(client)

    again = new_token(client)

    assert ApiToken.objects.count() == 1
    assert "You have a token of this name already." in text_of(again)
    assert 'class="token"' not in again.content.decode()


def test_others_may_use_the_same_name(ada, client):
    make_token(person("bob"), name="export", scopes=["read"], days=1)

    assert shown_token(new_token(client))


@pytest.mark.parametrize(
    ("said", "field", "error"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"name": "x" * 101}, "name", "at most 100 characters"),
        ({"name": "a\0b"}, "name", "Null characters are not allowed."),
        ({"scopes": []}, "scopes", "This field is required."),
        ({"scopes": ["curate"]}, "scopes", "curate is not one of the available choices"),
        ({"scopes": ["read", "all"]}, "scopes", "all is not one of the available choices"),
        ({"days": "0"}, "days", "greater than or equal to 1"),
        ({"days": "367"}, "days", "less than or equal to 366"),
        ({"days": "soon"}, "days", "Enter a whole number."),
    ],
)
def test_it_says_beside_the_field_what_is_wrong(ada, client, said, field, error):
    page = new_token(client, **said).content.decode()

    listed = re.search(rf'<ul class="errorlist" id="id_{field}_error">(.+?)</ul>', page)[1]
    assert error in listed
    assert re.search(rf'aria-describedby="(id_{field}_helptext )?id_{field}_error"', page)
    assert 'role="alert"' in page
    assert not ApiToken.objects.exists()


def test_tokens_are_made_and_revoked_by_its_own_forms_only(ada):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(ada)
    token_of(ada)
    address = revoking(ApiToken.objects.get())
    before = database()

    assert new_token(careful).status_code == 403
    assert careful.post(address).status_code == 403
    assert careful.get(address).status_code == 200
    assert changed(before, database()) == set()

    page = careful.get("/account").content.decode()
    key = re.search(r'action="/account">\s+<input[^>]+value="(\w+)"', page)[1]
    assert shown_token(new_token(careful, csrfmiddlewaretoken=key))


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_it_takes_no_other_methods(ada, client, method):
    token_of(ada)

    for address in ("/account", revoking(ApiToken.objects.get())):
        assert getattr(client, method)(address).status_code == 405
    assert ApiToken.objects.exists()


def test_revoking_asks_first(ada, client, settings):
    settings.PRODUCTION = True
    headers = bearer(token_of(ada))
    address = revoking(ApiToken.objects.get())
    assert f'href="{address}"' in client.get("/account").content.decode()

    asked = client.get(address)

    assert "Revoke this token? Programs that ask with it are refused" in text_of(asked)
    assert Client().get("/api/v1/costs/summary", headers=headers).status_code == 200
    page = client.post(address, follow=True)
    assert page.redirect_chain == [("/account", 302)]
    assert "The token test is revoked." in text_of(page)
    assert Client().get("/api/v1/costs/summary", headers=headers).status_code == 401
    assert client.post(address).status_code == 404


@pytest.mark.parametrize("who", ["viewer", "superuser"])
def test_tokens_of_others_are_not_there(db, client, who):
    token_of(person("bob"))
    address = revoking(ApiToken.objects.get())
    client.force_login(superuser() if who == "superuser" else person("ada", "Viewer"))

    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert ApiToken.objects.exists()


# --- scopes that are worth offering ---


@pytest.mark.parametrize(
    ("groups", "limited_to", "scopes", "says"),
    [
        ((), None, [], "Your login may not use the API"),
        (("Viewer",), None, ["read"], "Curate (needs the group FinOps), Collect (needs the group"),
        (("FinOps",), None, ["read", "curate"], "Collect (needs the group Operator)."),
        (("Operator",), None, ["read", "collect"], "Curate (needs the group FinOps)."),
        (("FinOps", "Operator"), None, ["read", "curate", "collect"], "It may"),
        (("FinOps", "Operator"), [], ["read"], "limited to business units, so that its tokens can"),
    ],
)
def test_it_offers_the_scopes_that_one_could_use(db, client, groups, limited_to, scopes, says):
    client.force_login(person("ada", *groups, limited_to=limited_to))

    page = client.get("/account")

    assert re.findall(r'name="scopes" value="(\w+)"', page.content.decode()) == scopes
    assert says in text_of(page)
    assert ("Not offered" in text_of(page)) == (0 < len(scopes) < 3 and limited_to is None)


def test_a_login_that_may_nothing_makes_no_token(db, client):
    client.force_login(person("ada"))

    answer = new_token(client)

    assert answer.status_code == 403
    assert "Your login may not use the API" in text_of(answer)
    assert not ApiToken.objects.exists()


def test_one_permission_is_enough_for_a_scope(db):
    user = person("ada")
    user.user_permissions.set(Permission.objects.filter(codename="change_cluster"))

    assert usable_scopes(user) == [TokenScope.CURATE]


def test_a_token_that_cannot_read_has_an_example_without_a_route(db, client):
    client.force_login(person("ada", "FinOps"))

    page = new_token(client, scopes=["curate"])

    assert shown_token(page) in page.content.decode()
    assert "costs/summary" not in page.content.decode()


def test_the_scopes_know_every_route_of_the_api():
    missing = []
    for name, view in api_views():
        needs = view.cls(**view.initkwargs).needs
        writes = [
            method
            for method in view.cls.http_method_names
            if hasattr(view.cls, method) and method.upper() not in SAFE_METHODS
        ]
        if writes and needs not in USES[needs.scope]:
            missing.append((name, needs.scope))
        if needs.read not in {each.read for each in USES[TokenScope.READ]}:
            missing.append((name, needs.read))

    assert missing == []


def api_views():
    for urls in ("costs.api.urls", "collector.api.urls"):
        for pattern in get_resolver(urls).url_patterns:
            yield str(pattern.pattern), pattern.callback


# --- hostile names ---


def test_hostile_names_do_nothing(db, client):
    client.force_login(person(HOSTILE.ljust(LONGEST_USER_NAME, "W"), "Viewer"))

    made = new_token(client, name=HOSTILE)
    token = ApiToken.objects.get()
    addresses = ("/account", revoking(token), "/account/password", "/login/?next=/account")
    pages = [made, *map(client.get, addresses), client.post(revoking(token), follow=True)]

    assert token.name == HOSTILE
    for page in pages:
        content = page.content.decode()
        assert "<script" not in content
        assert "&lt;script&gt;" in content
        # Marks that turn the direction of reading end with the element they stand in.
        shown = re.sub(r"<[^>]+>", "", re.sub(r"<bdi[^>]*>[^<]*</bdi>", "", content))
        assert "\u202e" not in shown
