"""Whatever a name is made of, on every page it is text: no element, attribute or script."""

import json
from unicodedata import normalize
from urllib.parse import quote

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from billing_portal.tests.hostile import (
    DAYS,
    FIRST,
    HARMLESS,
    HOSTILE,
    TODAY,
    code,
    company,
    user_of,
)
from billing_portal.tests.markup import markup_of, plain
from billing_portal.tests.pages import BROWSER
from billing_portal.tests.people import person
from billing_portal.tests.stored import superuser
from collector.models import CollectionRun
from costs.filters import DIMENSIONS

HTMX = {"hx-request": "true"}
# Pages of these names are opened too; the rest stands on the lists.
OPENED = ("script", "quotes", "two lines", "right to left")
UNITS = [f"BU {code(number)}" for number in range(len(HOSTILE))]
CHANGED_BY = ("cluster", "env", "business_unit", "cost_center", "product", "line_type")


def lists(names):
    """Every page of many names: address, parameters, headers."""
    yield from (("/", {"by": by}, {}) for by in ("product", "business_unit"))
    for by in DIMENSIONS:
        asked = {"group_by": by, "granularity": "weekly", "top": "50"} | DAYS
        yield "/explore", asked, {}
    for by in ("cluster", "product", "cost_center"):
        yield from (("/explore/values", {"dimension": by}, each) for each in ({}, HTMX))
    every = {name: _value(names, name) for name in DIMENSIONS}
    yield "/explore", {"chart": "lines", "compare": "previous"} | every | DAYS, HTMX
    yield "/explore", {"group_by": ["cluster", "env"], "exclude[org]": names["quotes"]} | DAYS, {}
    yield from (("/changes", {"by": by, "exclude[env]": names["image"]}, {}) for by in CHANGED_BY)
    yield from ((f"/days/{FIRST}", said, {}) for said in ({}, every))
    yield "/chargeback/2026-10", {}, {}
    yield from (("/quality", said, {}) for said in ({}, {"since": "2026-11-01"}))
    yield "/runs", {}, {}


def _value(names, dimension):
    """What a page may be limited to."""
    owner = {"business_unit": f"BU {code(0)}", "cost_center": code(0)}
    known = {"stage": "none", "confidence": "high", "method": "cluster_rule"} | owner
    return known.get(dimension, names["script"])


def pages_of(number, name):
    """The pages of what is called so."""
    yield f"/clusters/{quote(name)}", DAYS, {}
    yield f"/environments/{quote(name)}", DAYS, {}
    yield "/explain", {"day": str(FIRST), "cluster": name}, {}
    owner = {"business_unit": f"BU {code(number)}", "cost_center": code(number)}
    yield "/chargeback/2026-10/statement", owner, {}


def seen(client, names):
    """What each page is made of, by its address."""
    asked = [*lists(names)]
    for number, (key, name) in enumerate(names.items()):
        asked += pages_of(number, name) if key in OPENED else ()
    # One organization more has these ids.
    for kind in ("clusters", "environments"):
        asked.append((f"/{kind}/{quote(names['address'], safe='')}", {}, {}))
    runs = CollectionRun.objects.values_list("pk", "notices__0")
    opened = {names[key] for key in OPENED}
    asked += [(f"/runs/{pk}", {}, {}) for pk, notice in runs if notice in opened]
    found = {}
    for address, said, headers in asked:
        answer = client.get(address, said, headers={"accept": BROWSER} | headers)
        assert answer.status_code == 200, (address, said)
        found[f"{address} {said} {headers}"] = markup_of(answer)
    return found


def accounts(client, names):
    """Account, token and its revocation of users who are called so; logs in and out."""
    found = {}
    for key in OPENED:
        user = user_of(names, key)
        token = user.auth_token_set.get()
        client.force_login(user)
        for address in ("/account", f"/account/tokens/{token.pk}/revoke", "/login/?next=/runs"):
            found[f"{address} of {key}"] = markup_of(client.get(address))
        made = {"name": f"{names[key][:99]}~", "scopes": ["read"], "days": "30"}
        found[f"a new token of {key}"] = markup_of(client.post("/account", made))
        found[f"the same token of {key}"] = markup_of(client.post("/account", made))
    return found


def scripts_of(page):
    """What the scripts of a page carry: data only, which they say to be JSON."""
    for said, content in page.scripts:
        if "src" in said:
            assert (content, said["src"].startswith("/static/")) == ("", True), said
        else:
            assert said["type"] == "application/json"
            yield json.loads(content)


def elements(pages):
    return {element for page in pages.values() for element in page.elements}


@pytest.fixture(scope="module")
def known(django_db_setup, django_db_blocker):
    """The elements of all these pages where names are harmless: before the others are stored."""
    with django_db_blocker.unblock(), transaction.atomic(), time_machine.travel(TODAY, tick=False):
        company(HARMLESS)
        client = Client()
        client.force_login(superuser())
        pages = seen(client, HARMLESS) | accounts(client, HARMLESS)
        client.force_login(person("ada", "Viewer", limited_to=UNITS))
        pages |= limited(client, HARMLESS)
        transaction.set_rollback(True)
    return elements(pages)


@pytest.fixture
def acme(db, known, hostile_company, client):
    with time_machine.travel(TODAY, tick=False):
        client.force_login(superuser())
        yield


def test_no_name_becomes_markup(acme, known, client):
    pages = seen(client, HOSTILE) | accounts(client, HOSTILE)

    assert {address: page.wrong for address, page in pages.items() if page.wrong} == {}
    # Names and notes of two lines are two lines.
    assert elements(pages) - known <= {("br",)}
    # Written from right to left, it leaves what stands beside it as it is.
    assert {address: page.loose for address, page in pages.items() if page.loose} == {}
    for page in pages.values():
        for data in scripts_of(page):
            assert all(link.startswith("/") for link in data["links"])


def test_no_name_becomes_markup_for_a_limited_user(acme, known, client):
    client.force_login(person("ada", "Viewer", limited_to=UNITS))
    pages = limited(client, HOSTILE)

    assert {address: page.wrong for address, page in pages.items() if page.wrong} == {}
    assert {address: page.loose for address, page in pages.items() if page.loose} == {}
    assert elements(pages) <= known


def limited(client, names):
    asked = [("/", {}), ("/explore", {"group_by": "cluster"} | DAYS), ("/changes", {})]
    asked += [(f"/days/{FIRST}", {}), ("/chargeback/2026-10", {}), ("/quality", {})]
    asked += [each[:2] for each in pages_of(0, names["script"])]
    asked += [each[:2] for each in pages_of(17, names["right to left"])]
    answers = [client.get(*each, headers={"accept": BROWSER}) for each in asked]
    assert {answer.status_code for answer in answers} == {200}
    return dict(zip(map(str, asked), map(markup_of, answers), strict=True))


def test_names_are_read_as_they_are(acme, client):
    """Nothing is taken away, decoded or put in; only what is too long is cut."""
    # Django composes letters where it cuts.
    names = {key: normalize("NFC", plain(name))[:100] for key, name in HOSTILE.items()}

    for by in ("cluster", "env", "product", "line_type", "cost_center", "business_unit"):
        page = markup_of(client.get("/explore", {"group_by": by, "top": "50"} | DAYS))
        words = normalize("NFC", page.words)
        assert [key for key, name in names.items() if name not in words] == [], by
        (data,) = scripts_of(page)
        nine = [name[:200] for name in HOSTILE.values()][:9]
        assert [each["label"].removesuffix("~") for each in data["series"]][:9] == nine


def test_a_refusal_repeats_what_was_asked_as_text(acme, client):
    pages = {}
    for key, name in HOSTILE.items():
        for address in ("/", "/explore", f"/clusters/{quote(name, safe='')}"):
            asked = {name: name, "by": name, "group_by": name}
            asked |= {"org": HOSTILE["script"]} if "clusters" in address else {}
            answer = client.get(address, asked, headers={"accept": BROWSER})
            assert answer.status_code == 400, (address, key)
            pages[f"{address} {asked}"] = markup_of(answer)

    assert {address: page.wrong for address, page in pages.items() if page.wrong} == {}
    assert {address: page.loose for address, page in pages.items() if page.loose} == {}
    tags = {element[0] for element in elements(pages)}
    assert tags & {"script", "img", "style", "b"} == {"script", "img"}
