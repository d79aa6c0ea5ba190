"""Every route of the API, asked by everybody: who is answered; a denied write did nothing."""

import pytest
from django.conf import settings as portal_settings
from django.test import Client
from django.urls import get_resolver

from billing_portal.tests import stored
from billing_portal.tests.people import bearer, person, token_of
from collector.models import CollectionRun
from costs.models import AllocationRule, SharedCostPolicy
from costs.tests.billed import two_companies
from costs.tests.browsing import changed, database
from costs.tests.ownership import policy, undone

READ, WHOLE, CURATE, RULES, COLLECT = "read", "read of all", "curate", "curate rules", "collect"
# Method, address below /api/v1/, what it is, the body of a write.
ROUTES = [
    ("get", "costs", READ, None),
    ("get", "costs/summary", READ, None),
    ("get", "costs/facts", READ, None),
    ("get", "costs/line-items", READ, None),
    ("get", "costs/days", READ, None),
    ("get", "costs/reconciliation", WHOLE, None),
    ("post", "costs/collect", COLLECT, {"days": 2}),
    ("get", "collections", WHOLE, None),
    ("get", "collections/{run}", WHOLE, None),
    ("post", "collections/{queued}/cancel", COLLECT, None),
    ("get", "dimensions/orgs", READ, None),
    ("get", "dimensions/orgs/o-1", READ, None),
    ("patch", "dimensions/orgs/o-1", CURATE, {"name_override": "Ours"}),
    ("get", "dimensions/envs", READ, None),
    ("get", "dimensions/envs/env-1", READ, None),
    ("patch", "dimensions/envs/env-1", CURATE, {"stage": "non-production"}),
    ("get", "dimensions/clusters", READ, None),
    ("get", "dimensions/clusters/lkc-1", READ, None),
    ("patch", "dimensions/clusters/lkc-1", CURATE, {"name_override": "Ours"}),
    ("get", "dimensions/business-units", READ, None),
    ("get", "dimensions/business-units/BU-1", READ, None),
    ("patch", "dimensions/business-units/BU-1", CURATE, {"name": "Ours"}),
    ("get", "dimensions/cost-centers", READ, None),
    ("get", "dimensions/cost-centers/CC-1", READ, None),
    ("patch", "dimensions/cost-centers/CC-1", CURATE, {"name": "Ours"}),
    ("get", "allocation/rules", WHOLE, None),
    (
        "post",
        "allocation/rules",
        RULES,
        {
            "env_id": "env-1",
            "selector": "environment",
            "valid_from": "2026-01-01",
            "targets": [{"cost_center": "CC-2", "percent": "100"}],
        },
    ),
    ("get", "allocation/rules/{rule}", WHOLE, None),
    ("patch", "allocation/rules/{rule}", RULES, {"notes": "Agreed."}),
    ("post", "allocation/rules/{rule}/close", RULES, {"valid_to": "2026-11-02"}),
    ("get", "allocation/policies", WHOLE, None),
    ("get", "allocation/policies/{policy}", WHOLE, None),
]
ALL = {READ, WHOLE, CURATE, RULES, COLLECT}
# Who asks, how, what is answered (else 403, or 401 for whoever has no valid token).
PEOPLE = {
    "anonymous": (dict, set(), 401),
    "expired token": (lambda: _token(("FinOps", "Operator"), expired=True), set(), 401),
    "revoked token": (lambda: _revoked(), set(), 401),
    "made-up token": (lambda: bearer("1" * 64), set(), 401),
    "inactive": (lambda: _inactive(), set(), 401),
    "no group": (lambda: _token(()), set(), 403),
    "viewer": (lambda: _token(("Viewer",)), {READ, WHOLE}, 403),
    "limited viewer": (lambda: _token(("Viewer",), limited_to=["BU-1"]), {READ}, 403),
    "limited everything": (
        lambda: _token(("FinOps", "Operator"), limited_to=["BU-1"]),
        {READ},
        403,
    ),
    "FinOps": (lambda: _token(("FinOps",)), {READ, WHOLE, CURATE, RULES}, 403),
    "operator": (lambda: _token(("Operator",)), {READ, WHOLE, COLLECT}, 403),
    "superuser": (lambda: bearer(token_of(stored.superuser())), ALL, 403),
    "token to read": (lambda: _token(("FinOps", "Operator"), "read"), {READ, WHOLE}, 403),
    "token to curate": (lambda: _token(("FinOps", "Operator"), "curate"), {CURATE, RULES}, 403),
    "token to collect": (lambda: _token(("FinOps", "Operator"), "collect"), {COLLECT}, 403),
}


def _token(groups, *scopes, expired=False, limited_to=None):
    return bearer(token_of(person("ada", *groups, limited_to=limited_to), *scopes, expired=expired))


def _revoked():
    user = person("ada", "FinOps", "Operator")
    headers = bearer(token_of(user))
    user.auth_token_set.all().delete()
    return headers


def _inactive():
    user = person("ada", "FinOps", "Operator")
    headers = bearer(token_of(user))
    user.is_active = False
    user.save()
    return headers


@pytest.fixture
def ids(db, settings, monkeypatch):
    """A company in production; the ids that addresses are filled in with."""
    settings.PRODUCTION = True
    monkeypatch.setattr("collector.dispatch.start_process", lambda run: None)
    meridian, _ = two_companies()
    run = stored.run(of=meridian)
    queued = CollectionRun.objects.create(
        trigger="api", state="queued", window_start="2026-10-01", window_end="2026-10-02",
        started_at=run.started_at,
    )  # fmt: skip
    policy("SUPPORT", "even", of=meridian)
    return {
        "run": run.pk,
        "queued": queued.pk,
        "rule": AllocationRule.objects.get(cluster__cluster_id="lkc-1").pk,
        "policy": SharedCostPolicy.objects.get().pk,
    }


def ask(client, method, address, body, headers):
    options = {"data": body, "content_type": "application/json"} if body else {}
    return getattr(client, method)(f"/api/v1/{address}", headers=headers, **options)


def test_the_table_names_every_route():
    patterns = {
        route.removeprefix("api/v1/")
        for route in _routes(get_resolver().url_patterns)
        if route.startswith("api/v1/") and not route.endswith("/")
    }
    named = {address.replace("{", "<").replace("}", ">") for _, address, _, _ in ROUTES}

    assert {_shape(pattern) for pattern in patterns} == {_shape(address) for address in named}


def _routes(patterns, before=""):
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


def _shape(route):
    """The route with a star for each id."""
    ids = ("o-1", "env-1", "lkc-1", "BU-1", "CC-1")
    return "/".join(
        "*" if part.startswith("<") or part in ids else part for part in route.split("/")
    )


@pytest.mark.parametrize("who", PEOPLE)
def test_who_is_answered(ids, client, who):
    makes_headers, allowed, refused_with = PEOPLE[who]
    headers = makes_headers()
    wrong = []

    for method, address, kind, body in ROUTES:
        with undone():
            before = database()
            answer = ask(client, method, address.format(**ids), body, headers)
            if kind in allowed:
                if not 200 <= answer.status_code < 300:
                    wrong.append((method, address, answer.status_code, answer.content))
            elif answer.status_code != refused_with:
                wrong.append((method, address, answer.status_code))
            elif method != "get" and changed(before, database()) - {"dimensions_api_tokens"}:
                wrong.append((method, address, "changed something"))

    assert wrong == []


@pytest.mark.parametrize("who", ["anonymous", "no group", "viewer", "limited viewer"])
def test_a_refusal_says_nothing_but_why(ids, client, who):
    headers = PEOPLE[who][0]()

    answer = ask(client, "get", "collections/999999", None, headers)
    assert answer.status_code in (401, 403, 404)
    assert answer.json().keys() == {"detail", "errors", "request_id"}


def test_it_says_how_to_log_in(ids, client):
    answer = client.get("/api/v1/costs/summary")

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_development_lets_anybody_read_and_collect_and_nothing_else(ids, client, settings):
    settings.PRODUCTION = False
    closed = ("patch", "post")
    wrong = []

    for method, address, _, body in ROUTES:
        with undone():
            status = ask(client, method, address.format(**ids), body, {}).status_code
            if (status == 401) != (method in closed and address != "costs/collect"):
                wrong.append((method, address, status))

    assert wrong == []


@pytest.mark.parametrize(
    ("address", "forwarded", "status"),
    [
        ("127.0.0.1", None, 200),
        ("::1", None, 200),
        ("192.0.2.1", None, 401),
        ("", None, 401),
        ("127.0.0.1", "192.0.2.1", 401),  # by a proxy on this machine
    ],
)
@pytest.mark.parametrize("route", ["/api/v1/costs/summary", "/metrics", "/"])
def test_development_is_open_on_this_machine_only(
    ids, client, settings, route, address, forwarded, status
):
    settings.PRODUCTION = False
    headers = {"accept": "text/html"} if route == "/" else {}
    headers |= {"x-forwarded-for": forwarded} if forwarded else {}

    answer = client.get(route, headers=headers, REMOTE_ADDR=address)

    # A page leads to the login instead.
    assert answer.status_code == (302 if route == "/" and status == 401 else status)


@pytest.mark.parametrize(
    ("origin", "status"),
    [(None, 202), ("http://testserver", 202), ("http://evil.example", 401), ("null", 401)],
)
def test_development_lets_no_other_page_collect(ids, client, settings, origin, status):
    settings.PRODUCTION = False
    headers = {"origin": origin} if origin else {}

    assert ask(client, "post", "costs/collect", {"days": 2}, headers).status_code == status


def test_a_session_needs_the_page_it_came_from(ids, settings):
    """CSRF: a browser that is logged in sends its cookie along whoever makes it ask."""
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(stored.superuser())
    before = database()

    for method, address, kind, body in ROUTES:
        if method != "get":
            answer = ask(careful, method, address.format(**ids), body, {})
            assert (kind, answer.status_code) == (kind, 403), address
    assert changed(before, database()) == set()
    assert ask(careful, "get", "costs/summary", None, {}).status_code == 200


def test_ids_of_nobody_are_404(ids, client):
    headers = bearer(token_of(stored.superuser()))

    for address in (
        "collections/999999",
        "dimensions/orgs/x",
        "dimensions/envs/x",
        "dimensions/clusters/x",
        "dimensions/business-units/x",
        "dimensions/cost-centers/x",
        "allocation/rules/999999",
        "allocation/policies/999999",
        "allocation/rules/99999999999999999999999",
        "dimensions/envs/a%00b",
        "nowhere",
    ):
        answer = ask(client, "get", address, None, headers)
        assert (address, answer.status_code) == (address, 404)
        assert answer.json().keys() == {"detail", "errors", "request_id"}


def test_routes_answer_with_and_without_a_slash(ids, client):
    headers = bearer(token_of(stored.superuser()))

    for method, address, _, body in ROUTES:
        statuses = []
        for slash in ("", "/"):
            with undone():
                answer = ask(client, method, address.format(**ids) + slash, body, headers)
                statuses.append(answer.status_code)
        assert statuses[0] == statuses[1], address


def test_no_page_of_another_origin_may_read_by_default(ids, client):
    headers = bearer(token_of(stored.superuser())) | {"origin": "https://elsewhere.example"}

    answer = ask(client, "get", "costs/summary", None, headers)

    assert "Access-Control-Allow-Origin" not in answer.headers
    assert portal_settings.CORS_ALLOWED_ORIGINS == []


def test_answers_are_kept_by_nobody(ids, client):
    answer = ask(client, "get", "costs/summary", None, bearer(token_of(stored.superuser())))

    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
