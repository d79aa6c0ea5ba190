"""Every amount of a page is one that the API gives for the same question, to the last digit."""

from decimal import Decimal

import pytest
import time_machine

from billing_portal.tests.pages import BROWSER, amounts
from billing_portal.tests.people import person
from costs.money import dollars
from costs.tests.asking import ask
from costs.tests.billed import two_companies

TODAY = "2026-11-04T09:00:00+00:00"
ALL = {"start_date": "2026-10-30", "end_date": "2026-11-03"}
DIRECT = {"exclude[method]": "shared_proportional"}
OCTOBER = {"start_date": "2026-10-01", "end_date": "2026-11-01"}


@pytest.fixture(params=["everybody", "limited"])
def reader(db, client, request):
    """Somebody who sees all, and somebody who sees the shares of BU-1."""
    with time_machine.travel(TODAY, tick=False):
        two_companies()
        client.force_login(
            person("ada", "Viewer", limited_to=None if request.param == "everybody" else ["BU-1"])
        )
        yield client


def api(client, **said):
    """Every amount of the API's answer: rows, and the totals of all of them."""
    answer = ask(client, "costs", **said)
    assert answer.status_code == 200, answer.content
    document = answer.json()
    found = [*document["data"], document["meta"]["total"]]
    return {
        Decimal(value)
        for row in found
        for name, value in row.items()
        if name.endswith("_usd") and value is not None
    }


def page(client, address, **said):
    answer = client.get(address, said, headers={"accept": BROWSER})
    assert answer.status_code == 200, answer.content
    shown = amounts(answer)
    # What people read is that number, in cents.
    assert [text.removeprefix("+") for _, text in shown] == [dollars(exact) for exact, _ in shown]
    return {exact for exact, _ in shown}


QUESTIONS = [
    {"group_by": "cluster", "granularity": "daily"},
    {"group_by": "env", "granularity": "weekly", "cost_type": "usage"},
    {"group_by": "business_unit", "granularity": "monthly", "cost_type": "list"},
    {"group_by": "product", "granularity": "hourly"},
    {"group_by": "line_type", "granularity": "total", "cost_type": "credits"},
    {"group_by": "cost_center", "granularity": "daily", "top": "1"},
    {"group_by": "cluster", "granularity": "daily", "env": "env-1"},
    {"group_by": "cluster", "granularity": "daily", "exclude[product]": "KAFKA"},
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda said: "-".join(said.values()))
def test_the_explorer_says_what_the_api_says(reader, question):
    said = {"top": "10"} | question | ALL
    whole = said | {"granularity": "total"}
    sums = {name: value for name, value in said.items() if name not in ("group_by", "top")}

    found = page(reader, "/explore", **question, **ALL)

    expected = api(reader, **said) | api(reader, **whole) | api(reader, **sums)
    assert found - {Decimal(0)} == expected - {Decimal(0)}


def test_the_explorer_compares_as_the_api_does(reader):
    said = {"group_by": "cluster", "granularity": "total", "compare": "previous", "top": "10"}

    assert page(reader, "/explore", **said, start_date="2026-11-01", end_date="2026-11-03") == api(
        reader, **said, start_date="2026-11-01", end_date="2026-11-03"
    )


def test_the_list_of_statements_says_what_the_api_says(reader):
    said = {"granularity": "total", "compare": "previous"} | OCTOBER
    by_owner = api(reader, group_by="business_unit,cost_center", **said)
    by_unit = api(reader, group_by="business_unit", **said)
    usage = {
        kind: api(reader, group_by=group, cost_type="usage", **OCTOBER, granularity="total", **more)
        for kind, group, more in (
            ("shared", "business_unit,cost_center", {"method": "shared_proportional"}),
            ("shared of units", "business_unit", {"method": "shared_proportional"}),
            ("direct", "business_unit,cost_center", DIRECT),
            ("direct of units", "business_unit", DIRECT),
        )
    }

    found = page(reader, "/chargeback/2026-10")

    assert found - {Decimal(0)} == (by_owner | by_unit).union(*usage.values()) - {Decimal(0)}


def test_a_statement_says_what_the_api_says(reader):
    owner = {"business_unit": "BU-1", "cost_center": "CC-1"}
    said = owner | {"granularity": "total", "compare": "previous"} | OCTOBER
    usage = said | {"cost_type": "usage"}
    expected = {
        *api(reader, **said),
        *api(reader, **OCTOBER, granularity="total"),  # the bill
        *api(reader, **usage, group_by="cluster,env,product", **DIRECT),
        *api(reader, **usage, group_by="product,line_type,method", method="shared_proportional"),
        *api(reader, **said, cost_type="credits"),
    }
    for by in ("product", "env", "confidence"):
        expected |= api(reader, **said, group_by=by)

    found = page(reader, "/chargeback/2026-10/statement", **owner)

    assert found - {Decimal(0)} == expected - {Decimal(0)}


def test_a_day_says_what_the_api_says(reader):
    day = {"start_date": "2026-10-30", "end_date": "2026-10-31"}
    said = {"granularity": "weekly", "compare": "previous"} | day
    lines = api(reader, **said, group_by="cluster,line_type")
    summary = ask(reader, "costs/summary", **day).json()["data"]

    found = page(reader, "/days/2026-10-30")

    expected = lines | api(reader, **said, group_by="business_unit,cost_center")
    for name in ("total_usd", "usage_usd", "credits_usd", "unallocated_usd"):
        expected.add(Decimal(summary[name]))
    assert found - {Decimal(0)} == expected - {Decimal(0)}


def test_a_resource_says_what_the_api_says(reader):
    of_resource = {"cluster": "lkc-1", "org": "o-1"} | ALL
    whole = api(reader, **of_resource, granularity="total", compare="previous")
    daily = api(reader, **of_resource, granularity="daily", group_by="line_type")
    payers = api(reader, cluster="lkc-1", org="o-1", group_by="cost_center", granularity="total",
                 start_date="2025-11-03", end_date="2026-11-03")  # fmt: skip

    found = page(reader, "/clusters/lkc-1", **ALL)

    assert found - {Decimal(0)} == (whole | daily | payers) - {Decimal(0)}


def test_an_environment_says_what_the_api_says(reader):
    of_env = {"env": "env-1", "org": "o-1"} | ALL
    whole = api(reader, **of_env, granularity="total", compare="previous", group_by="cluster")
    daily = api(reader, **of_env, granularity="daily", group_by="line_type")
    payers = api(reader, env="env-1", org="o-1", group_by="cost_center,method",
                 granularity="total", start_date="2025-11-03", end_date="2026-11-03")  # fmt: skip

    found = page(reader, "/environments/env-1", **ALL)

    assert found - {Decimal(0)} == (whole | daily | payers) - {Decimal(0)}


def test_an_explanation_says_what_the_bill_says(reader):
    asked = {"cluster": "lkc-2", "start_date": "2026-10-30", "end_date": "2026-10-31"}
    lines = ask(reader, "costs/line-items", **asked).json()["data"]
    owed = api(reader, **asked, group_by="cost_center", granularity="total")

    found = page(reader, "/explain", day="2026-10-30", cluster="lkc-2")

    assert found - {Decimal(0)} == {Decimal(line["amount_usd"]) for line in lines} | owed


def test_what_changed_says_what_the_api_says(reader):
    november = {"start_date": "2026-11-01", "end_date": "2026-11-03"}
    said = november | {"granularity": "total", "compare": "previous", "group_by": "cluster"}

    found = page(reader, "/changes", **november, by="cluster")

    assert found <= api(reader, **said) | {Decimal(0)}
    assert api(reader, **{**said, "group_by": "product"}) & found
