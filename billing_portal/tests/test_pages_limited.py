"""Who is limited to business units reads their share on every page, and nothing of anybody else."""

import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.conf import settings as portal_settings

from billing_portal.tests.pages import BROWSER, amounts, text_of
from billing_portal.tests.people import person
from costs.filters import DIMENSIONS
from costs.models import BillingDay
from costs.tests.billed import EVERY_DAY, bill
from costs.tests.ownership import line, rule
from dimensions.models import Cluster, CostCenter, Environment

# What belongs to others, in any way of writing it: words, and exact amounts in USD. BU-1 owes 100
# and 26 of 30 on 30 October with 60 % of 50, and 110 on 2 November: 266.
SECRETS = (
    *("BU-2", "BU-9", "CC-2", "CC-9", "Unallocated", "Borealis", "o-2", "lkc-9", "env-9", "secret"),
    *("lcc-3", "sink", "CONNECT", "PROMO_CREDIT", "Wizard"),
    *("twelve", "not a number", "Proven", "difference"),
)
AMOUNTS = {*map(Decimal, (50, 20, 4, 24, 7, -10, 300, 307, 180, 187, 200, 207, 317))}
HTMX = {"hx-request": "true"}
CHANGED_BY = ("cluster", "env", "business_unit", "cost_center", "product", "line_type")
OWNER = {"business_unit": "BU-1"}
PAGES = [
    *(("/", {"by": by}, {}) for by in ("product", "business_unit")),
    *(("/explore", {"group_by": by} | EVERY_DAY, {}) for by in DIMENSIONS),
    ("/explore", {"group_by": "cluster", "top": "1", "compare": "previous"} | EVERY_DAY, {}),
    ("/explore", {"cost_type": "credits", "granularity": "total"} | EVERY_DAY, HTMX),
    *(("/explore/values", {"dimension": by} | EVERY_DAY, {}) for by in ("cluster", "cost_center")),
    ("/explore/values", {"dimension": "env"} | EVERY_DAY, HTMX),
    *(("/changes", {"by": by} | EVERY_DAY, {}) for by in CHANGED_BY),
    *((f"/days/2026-{day}", {}, {}) for day in ("10-30", "10-31", "11-02", "11-03")),
    *(("/explain", {"day": "2026-10-30", "cluster": id}, {}) for id in ("lkc-1", "lkc-2", "none")),
    *((f"/clusters/{id}", EVERY_DAY, {}) for id in ("lkc-1", "lkc-2")),
    *((f"/environments/{id}", EVERY_DAY, {}) for id in ("env-1", "env-2")),
    *((f"/chargeback/2026-{month}", {}, {}) for month in ("09", "10", "11", "12")),
    ("/chargeback/2026-10/statement", OWNER, {}),
    ("/chargeback/2026-10/statement", OWNER | {"cost_center": "CC-1"}, {}),
    *(("/quality", said, {}) for said in ({}, {"since": "2026-10-01", "months": "13"})),
    ("/account", {}, {}),
]


@pytest.fixture
def company(db, kept_company, settings):
    settings.PRODUCTION = True
    middleware = "django.contrib.auth.middleware.LoginRequiredMiddleware"
    settings.MIDDLEWARE = [*portal_settings.MIDDLEWARE, middleware]
    with time_machine.travel("2026-11-04T09:00:00+00:00", tick=False):
        Cluster.objects.filter(cluster_id="lkc-2").update(
            parent_cluster_id="lcc-3", notes="BU-9 too", owner_principal="Wizard"
        )
        Environment.objects.update(notes="Ask BU-9.")
        yield kept_company


@pytest.fixture
def ada(company, client):
    """Logged in, and limited to BU-1."""
    client.force_login(person("ada", "Viewer", limited_to=["BU-1"]))
    return client


def opened(client, address, said, headers):
    answer = client.get(address, said, headers={"accept": BROWSER} | headers)
    assert answer.status_code == 200, (address, said)
    return answer


def whole(answer):
    """Everything that was sent, without what is new for each request."""
    content = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return re.sub(r"[?&]v=\w+", "", content)


def test_no_page_says_a_word_of_others(ada):
    found = {}
    for page in PAGES:
        answer = opened(ada, *page)
        content = answer.content.decode()
        said = [word for word in SECRETS if re.search(rf"(?<![\w-]){re.escape(word)}", content)]
        said += [exact for exact, _ in amounts(answer) if exact in AMOUNTS]
        said += re.findall(r"(?:rule|policy|Run) \d", text_of(answer))
        if said:
            found[str(page)] = said

    assert found == {}


def test_totals_are_of_the_own_share(ada):
    explored, day = (opened(ada, *page) for page in (PAGES[2], ("/days/2026-10-30", {}, {})))

    assert Decimal(266) in {exact for exact, _ in amounts(explored)}
    assert Decimal(156) in {exact for exact, _ in amounts(day)}


@pytest.mark.parametrize(
    ("others", "nobodys"),
    [
        *(("/clusters/lcc-3", "/clusters/x"), ("/clusters/lkc-9", "/clusters/x")),
        *(("/clusters/lkc-9?org=o-2", "/clusters/x?org=x"), ("/clusters/lkc-1?org=o-2", "/x")),
        ("/environments/env-9", "/environments/x"),
        *(
            (
                f"/chargeback/2026-10/statement?business_unit={unit}",
                "/chargeback/2026-10/statement?business_unit=x",
            )
            for unit in ("BU-2", "BU-9", "Unallocated")
        ),
        (
            "/chargeback/2026-10/statement?business_unit=BU-1&cost_center=CC-2",
            "/chargeback/2026-10/statement?business_unit=BU-1&cost_center=x",
        ),
    ],
)
def test_what_is_of_others_is_as_if_it_were_not_there(ada, others, nobodys):
    first, second = (ada.get(address, headers={"accept": BROWSER}) for address in (others, nobodys))

    assert (first.status_code, second.status_code) == (404, 404)
    assert whole(first) == whole(second)


@pytest.mark.parametrize(("day", "cluster"), [("2026-10-31", "lcc-3"), ("2026-10-30", "lkc-9")])
def test_lines_of_others_are_explained_as_those_of_nobody(ada, day, cluster):
    others, nobodys = (
        whole(opened(ada, "/explain", {"day": day, "cluster": each}, {})).replace(each, "…")
        for each in (cluster, "lkc-x")
    )

    assert "No line of this day names it." in others
    assert others == nobodys


def test_shared_lines_of_a_day_without_a_share_are_not_there(ada):
    said = {"day": "2026-11-02", "cluster": "none"}

    assert "No line of this day names it." in text_of(opened(ada, "/explain", said, {}))


@pytest.mark.parametrize(
    ("parameter", "others", "nobodys"),
    [
        ("cluster", "lcc-3", "lcc-x"),
        ("env", "env-9", "env-x"),
        ("product", "CONNECT", "NOTHING"),
        ("business_unit", "BU-2", "BU-x"),
        ("cost_center", "CC-2", "CC-x"),
        ("org", "o-2", "o-x"),
    ],
)
@pytest.mark.parametrize("pattern", ["{}", "exclude[{}]"])
def test_asking_about_others_is_asking_about_nobody(ada, pattern, parameter, others, nobodys):
    name = pattern.format(parameter)

    for address in ("/explore", "/days/2026-10-30"):
        days = {} if "days" in address else EVERY_DAY
        first, second = (
            whole(opened(ada, address, {name: value} | days, {})).replace(value, "…")
            for value in (others, nobodys)
        )
        assert first == second, address


@pytest.mark.parametrize("words", ["sink", "lcc", "BU-2", "secret", "9"])
def test_searching_for_others_finds_nobody(ada, words):
    for dimension in DIMENSIONS:
        said = {"dimension": dimension, f"words_{dimension}": words} | EVERY_DAY
        text = text_of(opened(ada, "/explore/values", said, HTMX))
        assert text == "Nothing with a charge on these days matches."


def test_nothing_changes_when_only_others_change(ada, company):
    """Whatever happens to the rest of the bill, every page stays the same to the last letter."""
    before = [whole(opened(ada, *page)) for page in PAGES]

    other = Cluster.objects.create(organization=company, cluster_id="lkc-77", name="another")
    CostCenter.objects.create(code="CC-77")
    rule("CC-77", of=company, cluster=other)
    rule("CC-77", of=company, pattern="orders", priority=-5)
    BillingDay.objects.filter(day="2026-10-31").delete()
    bill(
        company,
        line("1000", "other", day=date(2026, 10, 31), resource="lkc-77", env="env-77"),
        line("-500", "credit", day=date(2026, 10, 31), resource="lkc-77", product="MAGIC"),
    )

    after = [whole(opened(ada, *page)) for page in PAGES]
    assert [
        page for page, one, other in zip(PAGES, before, after, strict=True) if one != other
    ] == []


def test_who_is_limited_to_nothing_reads_no_amount(company, client):
    client.force_login(person("ada", "Viewer", limited_to=[]))

    for address, said, headers in PAGES:
        answer = client.get(address, said, headers={"accept": BROWSER} | headers)
        assert answer.status_code in (200, 404), address
        assert {exact for exact, _ in amounts(answer)} <= {Decimal(0)}, address
