"""Every list, search, filter and detail page answers, in as many queries for 30 rows as for 3."""

from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing_portal.tests import stored
from collector.models import CollectionRun, QuarantinedRow
from costs.models import BillingDay, CostLineItem
from dimensions.models import Cluster, Environment, Organization

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = [model for model in MODELS if model._meta.app_label in ("collector", "costs", "dimensions")]


@pytest.fixture
def admin_client(db, client):
    client.force_login(stored.superuser())
    return client


def store(count):
    """So many rows of every model of ours, of as many organizations and days."""
    for number in range(1, count + 1):
        company = stored.organization(f"Company {number}", f"org-{number}")
        day = str(date(2026, 10, 1) + timedelta(days=number))
        stored.bill_day(day, of=company)
        stored.line_item(day, of=company)
        stored.run(of=company)
        stored.quarantined_row(of=company)
        stored.environment(number, of=company)
        stored.cluster(number, of=company)


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def by_label(model):
    return model._meta.label


@pytest.mark.parametrize("model", MODELS, ids=by_label)
@pytest.mark.parametrize("query", ["", "?q=2026", "?q=%27%22%3Cb%3E", "?p=1", "?o=-1"])
def test_it_answers_lists_and_searches(admin_client, model, query):
    store(3)

    response = admin_client.get(address(model, "changelist") + query)

    assert response.status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=by_label)
def test_it_answers_empty_lists(admin_client, model):
    assert admin_client.get(address(model, "changelist")).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=by_label)
def test_it_answers_every_choice_of_every_filter(admin_client, model):
    store(2)
    page = admin_client.get(address(model, "changelist"))
    changelist = page.context["cl"]

    queries = [
        choice["query_string"]
        for each in changelist.filter_specs
        for choice in each.choices(changelist)
        if "query_string" in choice
    ]

    assert model is Organization or len(queries) >= 3
    for query in queries:
        assert admin_client.get(address(model, "changelist") + query).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=by_label)
def test_it_answers_details_and_history(admin_client, model):
    store(1)
    pk = model.objects.get().pk
    admin_client.get(address(model, "change", pk))  # Django remembers content types from here on

    with CaptureQueriesContext(connection) as captured:
        assert admin_client.get(address(model, "change", pk)).status_code == 200
    assert len(captured) <= 5
    assert admin_client.get(address(model, "history", pk)).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=by_label)
def test_it_asks_for_a_list_no_more_often_when_it_is_longer(admin_client, model):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert admin_client.get(address(model, "changelist")).status_code == 200
        return len(captured)

    store(3)
    few = queries()
    store_more()

    assert queries() == few
    assert few <= 7


def store_more():
    for model in (CollectionRun, QuarantinedRow, BillingDay, CostLineItem, Cluster, Environment):
        model.objects.all().delete()
    store(30)


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
    ],
)
def test_it_finds(admin_client, model, search, found):
    store(3)

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
    monkeypatch.setattr("costs.admin.COUNT_AT_MOST", 2)
    store(3)

    page = admin_client.get(address(CostLineItem, "changelist"))

    assert page.context["cl"].result_count == 2
