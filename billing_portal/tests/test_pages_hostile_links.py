"""A link leads to what it names, whatever the name is made of."""

from urllib.parse import quote, unquote

import pytest
import time_machine

from billing_portal.tests.hostile import DAYS, FIRST, HOSTILE, TODAY
from billing_portal.tests.markup import markup_of, plain
from billing_portal.tests.pages import BROWSER
from billing_portal.tests.stored import superuser

# Whose pages are addressed by the name itself.
IN_ADDRESSES = (
    *("script", "quotes", "javascript", "plus", "tab", "return", "two lines", "right to left"),
    *("long", "address", "slashes", "percents"),
)
# Once in a parameter every name goes the same way.
IN_PARAMETERS = ("script", "two lines", "address", "percents", "plus")
EXPLORE = {"granularity": "total", "top": "50"} | DAYS


@pytest.fixture(autouse=True)
def acme(db, hostile_company, client):
    with time_machine.travel(TODAY, tick=False):
        client.force_login(superuser())
        yield


def opened(client, address, said=None):
    """The page; address: as a page gives it."""
    answer = client.get(address, said, headers={"accept": BROWSER})
    if answer.status_code == 302:
        answer = client.get(answer["Location"], headers={"accept": BROWSER})
    assert answer.status_code == 200, (address, answer.status_code)
    return markup_of(answer)


def links_with(page, name):
    """Addresses of links that begin with the name, as far as it is shown."""
    begins = plain(name)[:30]
    return [address for address, text in page.links if plain(text).startswith(begins)]


@pytest.mark.parametrize(
    ("address", "said", "keys"),
    [
        ("/explore", {"group_by": "cluster"} | EXPLORE, IN_ADDRESSES),
        ("/explore", {"group_by": "env"} | EXPLORE, IN_ADDRESSES),
        ("/explore", {"group_by": "product"} | EXPLORE, IN_PARAMETERS),
        ("/explore", {"group_by": ["line_type", "org"]} | EXPLORE, IN_PARAMETERS),
        ("/explore", {"group_by": "cost_center"} | EXPLORE, IN_PARAMETERS),
        ("/explore", {"group_by": "business_unit"} | EXPLORE, IN_PARAMETERS),
        ("/explore/values", {"dimension": "cluster"}, IN_PARAMETERS),
        ("/explore/values", {"dimension": "product"}, IN_PARAMETERS),
        ("/changes", {"by": "cluster"}, ("address",)),
        (f"/days/{FIRST}", {}, ("script", "quotes")),
        ("/chargeback/2026-10", {}, IN_PARAMETERS),
        ("/quality", {}, IN_PARAMETERS),
    ],
    ids=lambda said: (
        said.get("group_by", said.get("dimension", "")) if type(said) is dict else None
    ),
)
def test_a_name_leads_to_its_page(client, address, said, keys):
    page = opened(client, address, said)
    for key in keys:
        name = HOSTILE[key]
        found = links_with(page, name)
        assert found, key
        for link in found:
            there = opened(client, link)
            if "Several organizations have one of this id" in there.words:
                there = opened(client, f"{link.partition('?')[0]}{links_with(there, name)[0]}")
            assert plain(name)[:50] in there.words, (key, link)
            assert there.wrong == []


def is_of(link, address):
    """Whether the link leads to the address, of whatever days."""
    return unquote(link.partition("?")[0]) == unquote(address)


@pytest.mark.parametrize("key", ["address", "percents"])
@pytest.mark.parametrize("kind", ["clusters", "environments"])
def test_every_link_of_its_own_page_leads_on(client, kind, key):
    """Other days, another stack, the explorer, files: the id stands in each address."""
    address = f"/{kind}/{quote(HOSTILE[key], safe='')}"
    page = opened(client, address, {"org": HOSTILE["script"]} | DAYS)

    own = [link for link, _ in page.links if is_of(link, address)]
    assert len(own) >= 9
    for link, text in page.links:
        # On a day without a charge there is nothing to explain.
        if not link.startswith(("/days/", "/admin/", "/explain")) or f"day={FIRST}" in link:
            answer = client.get(link, headers={"accept": BROWSER})
            assert answer.status_code == (302 if link == "/chargeback" else 200), (text, link)
            if link in own:
                assert f"{plain(HOSTILE[key])}~" in markup_of(answer).words


@pytest.mark.parametrize("key", ["address", "percents", "slashes", "two lines", "quotes"])
def test_a_refusal_leads_back_to_the_page(client, key):
    answer = client.get(
        f"/clusters/{quote(HOSTILE[key], safe='')}", {"org": HOSTILE["script"], "moon": "1"}
    )

    (link,) = [link for link, text in markup_of(answer).links if text.startswith("start again")]
    assert answer.status_code == 400
    assert client.get(link).status_code == 200
