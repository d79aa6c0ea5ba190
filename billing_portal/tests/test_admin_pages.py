"""Every list, search, filter, form and history page of the admin answers."""

from datetime import date

import pytest
from django.contrib import admin
from django.urls import reverse

from billing_portal.tests import stored
from collector.models import CollectionRun, ProcessHeartbeat, QuarantinedRow
from costs.models import (
    AllocationChange,
    AllocationRule,
    BillingDay,
    CostLineItem,
    ReconciliationCheck,
    SharedCostPolicy,
)
from costs.tests.ownership import rule
from dimensions.models import (
    BusinessUnit,
    Cluster,
    CostCenter,
    Environment,
    Organization,
    Principal,
)

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = [model for model in MODELS if model._meta.app_label in ("collector", "costs", "dimensions")]
WITHOUT_FILTER = (Organization, BusinessUnit, CostCenter, ProcessHeartbeat, ReconciliationCheck)
CURATED = [AllocationRule, SharedCostPolicy, BusinessUnit, CostCenter]


@pytest.fixture
def admin_client(db, client):
    client.force_login(stored.superuser())
    return client


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def by_label(model):
    return model._meta.label


@pytest.mark.parametrize("model", MODELS, ids=by_label)
@pytest.mark.parametrize("query", ["", "?q=2026", "?q=%27%22%3Cb%3E", "?p=1", "?o=-1"])
def test_it_answers_lists_and_searches(admin_client, model, query):
    stored.store(3)

    response = admin_client.get(address(model, "changelist") + query)

    assert response.status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=by_label)
def test_it_answers_empty_lists(admin_client, model):
    assert admin_client.get(address(model, "changelist")).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=by_label)
def test_it_answers_every_choice_of_every_filter(admin_client, model):
    stored.store(2)
    page = admin_client.get(address(model, "changelist"))
    changelist = page.context["cl"]

    queries = [
        choice["query_string"]
        for each in changelist.filter_specs
        for choice in each.choices(changelist)
        if "query_string" in choice
    ]

    assert model in WITHOUT_FILTER or len(queries) >= 3
    for query in queries:
        assert admin_client.get(address(model, "changelist") + query).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=by_label)
@pytest.mark.parametrize("page", ["change", "history"])
def test_it_answers_details_and_history(admin_client, model, page):
    stored.store(1)

    for pk in model.objects.values_list("pk", flat=True):
        assert admin_client.get(address(model, page, pk)).status_code == 200


@pytest.mark.parametrize("model", CURATED, ids=by_label)
def test_it_answers_with_forms_for_new_ones_and_for_deletion(admin_client, model):
    stored.store(1)
    pk = model.objects.first().pk

    assert admin_client.get(address(model, "add")).status_code == 200
    assert admin_client.get(address(model, "delete", pk)).status_code == 200


@pytest.mark.parametrize("model", [*CURATED, Organization, Environment, Cluster], ids=by_label)
def test_it_shows_every_version_of_a_history(admin_client, model):
    stored.store(1)

    for version in model.history.all():
        page = address(model, "simple_history", version.id, version.history_id)
        assert admin_client.get(page).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=by_label)
@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30, "lkc-1", "1_5F2"])
def test_it_goes_home_from_a_page_that_does_not_exist(admin_client, model, pk):
    stored.store(1)

    response = admin_client.get(address(model, "change", pk))

    assert (response.status_code, response["Location"]) == (302, "/admin/")


@pytest.mark.parametrize(
    ("model", "search", "found"),
    [
        (BillingDay, "2026-10-02", 1),
        (BillingDay, "2026-10", 3),
        (BillingDay, "2025", 0),
        (CostLineItem, "2026-10-02", 1),
        (CostLineItem, "lkc-1", 3),
        (CostLineItem, "lkc", 0),
        (CostLineItem, "KAFKA_STORAGE", 3),
        (CostLineItem, "rder", 3),
        (CollectionRun, "collect", 3),
        (QuarantinedRow, "twelve", 3),
        (Cluster, "lkc-2", 1),
        (Environment, "env-2", 1),
        (Organization, "company 2", 1),
        (Principal, "sa-3", 1),
        (BusinessUnit, "bu-2", 1),
        (CostCenter, "cc-", 4),
        (AllocationRule, "lkc-2", 1),
        (AllocationRule, "env-2", 1),
        (AllocationRule, "cc-2", 2),
        (SharedCostPolicy, "support", 3),
        (AllocationChange, "tag", 3),
    ],
)
def test_it_finds(admin_client, model, search, found):
    stored.store(3)

    page = admin_client.get(address(model, "changelist"), {"q": search})

    assert page.context["cl"].result_count == found


@pytest.mark.parametrize(
    ("model", "query", "found"),
    [
        (BillingDay, {"is_settled__exact": "1"}, 2),
        (BillingDay, {"is_settled__exact": "0"}, 1),
        (CostLineItem, {}, 3),
        (CostLineItem, {"bill": "past"}, 1),
        (CostLineItem, {"bill": "all"}, 4),
        (QuarantinedRow, {"open": "yes"}, 1),
        (QuarantinedRow, {"open": "no"}, 1),
    ],
)
def test_it_filters(admin_client, model, query, found):
    company = stored.organization()
    for day in ("2026-11-10", "2026-11-16", "2026-11-17"):
        stored.bill_day(day, of=company)
    for _ in range(4):
        vanished = stored.line_item("2026-11-10", of=company)
    CostLineItem.objects.filter(pk=vanished.pk).update(last_version=1)
    stored.quarantined_row(of=company)
    resolved = stored.quarantined_row(of=company)
    QuarantinedRow.objects.filter(pk=resolved.pk).update(resolved_at=stored.FETCHED)

    page = admin_client.get(address(model, "changelist"), query)

    assert page.context["cl"].result_count == found


@pytest.mark.parametrize(
    ("in_force", "found"),
    [("", ["A", "B", "C"]), ("today", ["B"]), ("past", ["A"]), ("future", ["C"])],
)
def test_it_filters_rules_by_whether_they_hold_today(admin_client, time_machine, in_force, found):
    time_machine.move_to("2026-11-15T23:59:59Z")
    company = stored.organization()
    rule("A", of=company, valid_to=date(2026, 11, 15))
    rule("B", of=company, valid_from=date(2026, 11, 15), valid_to=date(2026, 11, 16))
    rule("C", of=company, valid_from=date(2026, 11, 16))

    page = admin_client.get(address(AllocationRule, "changelist"), {"in_force": in_force})

    rules = page.context["cl"].queryset
    assert sorted(each.targets.get().cost_center.code for each in rules) == found


def test_it_shows_amounts_to_the_last_place_with_their_unit(admin_client):
    stored.line_item("2026-11-10", of=stored.organization(), amount="-1234567.0000000001")

    content = admin_client.get(address(CostLineItem, "changelist")).content.decode()

    assert "Amount (USD)" in content
    assert "-1,234,567.0000000001" in content


def test_it_shows_the_notices_of_a_run_as_sentences(admin_client):
    run = stored.run(of=stored.organization())

    content = admin_client.get(address(CollectionRun, "change", run.pk)).content.decode()

    assert "Unknown product MAGIC.<br>Unknown line type WAND." in content


def test_it_escapes_what_confluent_sends(admin_client):
    company = stored.organization("<script>alert(1)</script>")
    stored.bill_day("2026-11-10", of=company)

    content = admin_client.get(address(BillingDay, "changelist")).content.decode()

    assert "<script>alert" not in content
    assert "&lt;script&gt;alert(1)" in content


def test_it_counts_no_further_than_anybody_turns_pages(admin_client, monkeypatch):
    monkeypatch.setattr("costs.admin.read_only.COUNT_AT_MOST", 2)
    stored.store(3)

    page = admin_client.get(address(CostLineItem, "changelist"))

    assert page.context["cl"].result_count == 2
