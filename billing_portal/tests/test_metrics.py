"""/metrics: open in development; in production for a token, or for who is near."""

from ipaddress import ip_network

import pytest
from django.conf import settings as portal_settings

from billing_portal.tests.people import bearer, person, token_of

LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"


@pytest.fixture
def production(settings):
    settings.PRODUCTION = True
    settings.MIDDLEWARE = [*portal_settings.MIDDLEWARE, LOGIN_REQUIRED]
    settings.METRICS_NETWORKS = [ip_network("10.0.0.0/8"), ip_network("::1")]


def scrape(client, headers=None, **from_where):
    return client.get("/metrics", headers=headers or {}, **from_where)


def test_it_counts_requests_in_prometheus_own_format(client):
    client.get("/nowhere")

    answer = scrape(client)

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    assert "# TYPE django_http_requests_before_middlewares_total counter" in answer.content.decode()


def test_production_refuses_strangers(db, client, production):
    answer = scrape(client)

    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert "django_http" not in answer.content.decode()


@pytest.mark.parametrize(
    ("groups", "scopes", "limited_to", "status"),
    [
        (["Viewer"], ["read"], None, 200),
        (["Viewer"], ["collect"], None, 401),
        ([], ["read"], None, 401),
        (["Viewer"], ["read"], [], 401),
    ],
)
def test_production_takes_a_token_of_who_sees_all_costs(
    db, client, production, groups, scopes, limited_to, status
):
    token = token_of(person("prometheus", *groups, limited_to=limited_to), *scopes)

    assert scrape(client, bearer(token)).status_code == status


@pytest.mark.parametrize("token", ["nonsense", "\xff", ""])
def test_production_takes_no_nonsense(db, client, production, token):
    assert scrape(client, bearer(token)).status_code == 401


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("10.1.2.3", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.1", {}, 401),
        ("", {}, 401),
        # A proxy is near, whoever asks through it.
        ("10.1.2.3", {"x-forwarded-for": "192.0.2.1"}, 401),
        ("10.1.2.3", {"forwarded": "for=192.0.2.1"}, 401),
    ],
)
def test_production_answers_who_is_near(db, client, production, address, headers, status):
    assert scrape(client, headers, REMOTE_ADDR=address).status_code == status


def test_it_is_only_read(client):
    assert client.post("/metrics").status_code == 405
