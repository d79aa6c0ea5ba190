"""The history of what people curate: who changed what, with what is edited on the same page."""

import pytest
from django.urls import reverse

from costs.models import AllocationRule, SharedCostPolicy
from costs.tests.browsing import changed, database, filled, is_preview, post, send, with_row
from costs.tests.ownership import center, cluster, environment, organization, policy, rule, tag
from dimensions.models import BusinessUnit, Cluster, CostCenter, Environment, Organization

CURATED = [
    AllocationRule, SharedCostPolicy, BusinessUnit, CostCenter, Organization, Environment, Cluster,
]  # fmt: skip


@pytest.fixture
def acme(db):
    acme = organization()
    orders = cluster("lkc-1", of=acme)
    environment("env-1", of=acme)
    center("A", "Retail")
    rule({"A": 60, "B": 40}, of=acme, cluster=orders)
    policy("SUPPORT", "fixed", {"A": 100}, of=acme)
    tag(orders, "team", "food")
    return acme


def address(thing, page, *more):
    meta = thing._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=[thing.pk, *more])


def by_label(model):
    return model._meta.label


def beside(page):
    return [(str(row["record"].history_user), row["what"]) for row in page.context["beside"]]


def test_it_names_who_made_a_row_and_what_it_was(acme, fay):
    orders = acme.clusters.get()
    page = fay.get(address(orders, "change"))
    row = {"cost_center": center("A").pk, "valid_from": "2026-10-01", "product": "KAFKA"}
    answer = post(fay, page, with_row(filled(page), "rules", **row))
    assert (answer.status_code, is_preview(answer)) == (302, False)

    history = fay.get(address(orders, "history"))

    assert beside(history) == [
        ("Fay", "target 100 % A"),
        ("Fay", "allocation rule lkc-1 KAFKA from 2026-10-01"),
        ("None", "tag team = food from 2026-01-01"),
        ("None", "target 40 % B"),
        ("None", "target 60 % A"),
        ("None", "allocation rule lkc-1 from 2026-01-01"),
    ]
    content = history.content.decode()
    assert "<td>Fay</td>" in content
    assert "<td>the system</td>" in content


def test_it_keeps_what_was_deleted(acme, fay):
    orders = acme.clusters.get()
    page = fay.get(address(orders, "change"))
    send(fay, page, **{"tags-0-DELETE": "on"})

    assert beside(fay.get(address(orders, "history")))[0] == (
        "Fay",
        "tag team = food from 2026-01-01",
    )


@pytest.mark.parametrize("model", CURATED, ids=by_label)
def test_an_old_version_is_shown_and_cannot_be_put_back(acme, fay, model):
    thing = model.objects.first()
    thing.notes = "newer"
    thing.save()
    old = model.history.filter(id=thing.pk).earliest()
    version = address(thing, "simple_history", old.history_id)
    page = fay.get(version)
    before = database()

    answers = [
        post(fay, page, data)
        for data in ({}, filled(page), filled(page, notes="older", code="OLD"), {"_save": "Revert"})
    ]

    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert [answer.status_code for answer in answers] == [403] * 4
    assert changed(before, database()) == set()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_other_method_puts_a_version_back(acme, fay, method):
    thing = AllocationRule.objects.get()
    version = address(thing, "simple_history", AllocationRule.history.earliest().history_id)
    before = database()

    assert getattr(fay, method)(version).status_code in (403, 405)

    assert changed(before, database()) == set()


@pytest.mark.parametrize("version", ["0", "999999", "9" * 30])
def test_a_version_that_does_not_exist(acme, fay, version):
    assert fay.get(
        address(AllocationRule.objects.get(), "simple_history", version)
    ).status_code in (
        302,
        404,
    )
