"""Every page, opened by everybody: who sees it, who is sent to the login, who is told why not."""

from urllib.parse import unquote

import pytest
import time_machine
from django.conf import settings as portal_settings
from django.test import Client
from django.urls import get_resolver

from billing_portal.tests import stored
from billing_portal.tests.markup import markup_of
from billing_portal.tests.pages import BROWSER
from billing_portal.tests.people import bearer, person, token_of
from collector.models import CollectionRun
from costs.tests.billed import EVERY_DAY
from costs.tests.browsing import changed, database
from costs.tests.ownership import undone
from dimensions.models import ApiToken

DAYS = "&".join(f"{name}={value}" for name, value in EVERY_DAY.items())
# READ: who sees costs; WHOLE: who sees all of them; OWN: any login; START, CANCEL: of a run.
READ, WHOLE, OWN, START, CANCEL = "read", "whole", "own", "start", "cancel"
# By name: the address, what it is, and where it leads when it has nothing to show itself.
PAGES = {
    "front-door": ("/", READ, ""),
    "explore": (f"/explore?group_by=cluster&{DAYS}", READ, ""),
    "explore-values": (f"/explore/values?dimension=env&{DAYS}", READ, ""),
    "changes": (f"/changes?{DAYS}", READ, ""),
    "day": ("/days/2026-10-30", READ, ""),
    "explain": ("/explain?day=2026-10-30&cluster=lkc-1", READ, ""),
    "cluster": (f"/clusters/lkc-1?{DAYS}", READ, ""),
    "environment": (f"/environments/env-1?{DAYS}", READ, ""),
    "chargeback": ("/chargeback", READ, "/chargeback/2026-10"),
    "chargeback-month": ("/chargeback/2026-10", READ, ""),
    "statement": ("/chargeback/2026-10/statement?business_unit=BU-1", READ, ""),
    "quality": ("/quality", READ, ""),
    "proof": (f"/quality/proof?{DAYS}", WHOLE, ""),
    "runs": ("/runs", WHOLE, ""),
    "run": ("/runs/{run}", WHOLE, ""),
    "run-collect": ("/runs/collect", START, "/runs"),
    "run-again": ("/runs/{run}/again", START, "/runs/{run}"),
    "run-cancel": ("/runs/{queued}/cancel", CANCEL, "/runs/{queued}"),
    "account": ("/account", OWN, ""),
    "password": ("/account/password", OWN, ""),
    "token-revoke": ("/account/tokens/{token}/revoke", OWN, ""),
}
WRITING = {name for name, (_, kind, _) in PAGES.items() if kind in (OWN, START, CANCEL)}
# For programs, for who is not logged in yet, and the admin with its own tests.
ELSEWHERE = (
    *("api/", "admin/", "healthz", "readyz", "metrics", "docs", "login/", "logout/"),
    *("favicon.ico",),
)


@pytest.fixture
def ids(db, kept_company, monkeypatch):
    """A company; the ids that addresses are filled in with."""
    monkeypatch.setattr("collector.dispatch.start_process", lambda run: None)
    run = kept_company.runs.get()
    queued = CollectionRun.objects.create(
        trigger="web", state="queued", window_start="2026-10-01", window_end="2026-10-02",
        started_at=run.started_at, is_for_workers=True,
    )  # fmt: skip
    with time_machine.travel("2026-11-04T09:00:00+00:00", tick=False):
        yield {"run": run.pk, "queued": queued.pk, "token": "a"}


@pytest.fixture
def production(settings):
    settings.PRODUCTION = True
    middleware = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    settings.MIDDLEWARE = [*portal_settings.MIDDLEWARE, middleware]


def log_in(client, ids, user):
    """Also gives the user a token, which is the one that the user's pages are about."""
    token_of(user)
    ids["token"] = ApiToken.objects.get(user=user).pk
    client.force_login(user)


def statuses(client, ids, method="get", **options):
    """What each page answers, and where it leads."""
    found = {}
    for name, (address, _, _) in PAGES.items():
        headers = {"accept": BROWSER} | options.get("headers", {})
        with undone():
            answer = getattr(client, method)(address.format(**ids), headers=headers)
        found[name] = (answer.status_code, answer.headers.get("Location", ""))
    return found


def expected(ids, *closed):
    """Every page is read or leads on; those of a closed kind are refused."""
    return {
        name: (403, "")
        if kind in closed
        else (302, leads_to.format(**ids))
        if leads_to
        else (200, "")
        for name, (_, kind, leads_to) in PAGES.items()
    }


def routes(patterns, before=""):
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, route)
        elif not route.startswith(ELSEWHERE):
            yield pattern.name


def test_the_table_names_every_page():
    assert sorted(PAGES) == sorted(routes(get_resolver().url_patterns))


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete", "options"])
def test_production_sends_strangers_to_the_login(ids, production, client, method):
    found = statuses(client, ids, method)

    assert {status for status, _ in found.values()} == {302}
    assert {name: unquote(leads_to) for name, (_, leads_to) in found.items()} == {
        name: f"/login/?next={address.format(**ids)}" for name, (address, _, _) in PAGES.items()
    }


def test_a_token_opens_no_page(ids, production, client):
    headers = bearer(token_of(stored.superuser()))

    for method in ("get", "post"):
        found = statuses(client, ids, method, headers=headers)
        assert {status for status, _ in found.values()} == {302}
        assert {leads_to[:8] for _, leads_to in found.values()} == {"/login/?"}


def test_a_token_opens_no_page_that_a_session_may_not(ids, client):
    client.force_login(person("nil"))

    found = statuses(client, ids, headers=bearer(token_of(stored.superuser())))

    assert found["explore"] == found["runs"] == (403, "")


def test_who_is_no_longer_active_is_sent_to_the_login(ids, production, client):
    user = person("ada", "Viewer")
    client.force_login(user)
    user.is_active = False
    user.save()

    assert {status for status, _ in statuses(client, ids).values()} == {302}


def test_development_lets_strangers_read_and_asks_for_a_login_at_the_account(ids, client):
    found = statuses(client, ids)

    for name, (_, kind, _) in PAGES.items():
        if kind == OWN:
            assert found[name][1].startswith("/login/?next=/account")
        else:
            assert found[name] == expected(ids)[name]


def test_development_is_open_on_this_machine_only(ids, client):
    found = statuses(client, ids, headers={"x-forwarded-for": "192.0.2.1"})

    assert {status for status, _ in found.values()} == {302}
    assert all(leads_to.startswith("/login/?next=/") for _, leads_to in found.values())


@pytest.mark.parametrize(
    ("groups", "is_production"),
    [([], True), ([], False), (["Viewer"], True), (["FinOps"], False), (["Operator"], True)],
)
def test_who_is_in_a_group_reads_all_and_who_is_in_none_nothing(
    ids, client, request, groups, is_production
):
    if is_production:
        request.getfixturevalue("production")
    log_in(client, ids, person("ada", *groups))

    found = statuses(client, ids)

    closed = () if groups else (READ, WHOLE, START, CANCEL)
    # The front door tells in words of its own which group is missing.
    assert found == expected(ids, *closed) | {"front-door": (200, "")}


def test_who_is_limited_reads_no_runs_and_no_proof(ids, client):
    log_in(client, ids, person("ada", "Viewer", "Operator", limited_to=["BU-1"]))

    assert statuses(client, ids) == expected(ids, WHOLE, START, CANCEL)


def test_a_refusal_is_a_page_in_words(ids, client):
    client.force_login(person("nil"))

    for name, (address, kind, _) in PAGES.items():
        if kind != OWN and name != "front-door":
            answer = client.get(address.format(**ids), headers={"accept": BROWSER})
            page = markup_of(answer)
            assert answer.status_code == 403
            assert answer["Content-Type"].startswith("text/html")
            assert "Your login may not open this page" in page.words, name
            assert page.wrong == []
    front = client.get("/", headers={"accept": BROWSER})
    assert "Your login does not see costs yet" in markup_of(front).words


def test_head_is_answered_as_get_without_a_page(ids, client):
    log_in(client, ids, stored.superuser())

    for name, (address, _, _) in PAGES.items():
        if name not in ("run-again", "run-cancel"):
            answer = client.head(address.format(**ids), headers={"accept": BROWSER})
            assert (name, answer.status_code) == (name, expected(ids)[name][0])
            assert answer.content == b""


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_pages_that_are_read_take_no_other_method(ids, client, method):
    log_in(client, ids, stored.superuser())
    before = database()

    found = statuses(client, ids, method)

    writes = WRITING if method == "post" else {"password"} if method == "put" else set()
    assert {name for name, (status, _) in found.items() if status != 405} == writes
    assert changed(before, database()) == set()


@pytest.mark.parametrize("groups", [[], ["Viewer"]])
def test_who_may_not_start_or_cancel_runs_does_not(ids, client, groups):
    client.force_login(person("ada", *groups))

    for name in ("run-collect", "run-again", "run-cancel"):
        before = database()
        answer = client.post(PAGES[name][0].format(**ids), {"by": "current"})
        assert (name, answer.status_code) == (name, 403)
        assert changed(before, database()) == set()


def test_forms_need_the_page_that_they_came_from(ids):
    """A browser that is logged in sends its cookie along whoever makes it ask."""
    careful = Client(enforce_csrf_checks=True)
    log_in(careful, ids, stored.superuser())
    before = database()

    for name in sorted(WRITING):
        answer = careful.post(PAGES[name][0].format(**ids), {"by": "current"})
        assert (name, answer.status_code) == (name, 403)
        assert "The form was not accepted" in markup_of(answer).words
    assert changed(before, database()) == set()


def test_no_answer_is_kept_or_shown_within_another_site(ids, client):
    log_in(client, ids, stored.superuser())

    for address, _, _ in PAGES.values():
        answer = client.get(address.format(**ids), headers={"accept": BROWSER})
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Frame-Options"] == "DENY"
        assert "script-src 'self'; style-src 'self'" in answer["Content-Security-Policy"]
