"""Who may do what in the admin: nobody touches money; people curate names and stages."""

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.urls import reverse

from billing_portal.tests import stored
from collector.models import CollectionRun, QuarantinedRow
from costs.models import BillingDay, CostLineItem
from dimensions.models import Cluster, Environment, Organization

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
MONEY = [BillingDay, CostLineItem, CollectionRun, QuarantinedRow]
CURATED = [Organization, Environment, Cluster]


@pytest.fixture
def admin_client(db, client):
    client.force_login(stored.superuser())
    return client


@pytest.fixture
def company(db):
    """One row of every model."""
    company = stored.organization()
    stored.bill_day("2026-11-10", of=company)
    stored.line_item("2026-11-10", of=company)
    stored.run(of=company)
    stored.quarantined_row(of=company)
    stored.environment(of=company)
    stored.cluster(of=company)
    return company


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def rows(model):
    return list(model.objects.values())


def by_label(model):
    return model._meta.label


@pytest.mark.parametrize("model", MODELS, ids=by_label)
def test_it_sends_strangers_to_the_login(db, client, model):
    target = address(model, "changelist")

    response = client.get(target)

    assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={target}")


@pytest.mark.parametrize("model", MODELS, ids=by_label)
def test_it_refuses_staff_without_permissions(db, client, model):
    client.force_login(get_user_model().objects.create_user("staff", is_staff=True))

    assert client.get(address(model, "changelist")).status_code == 403


@pytest.mark.parametrize("model", [*MONEY, *CURATED], ids=by_label)
def test_it_lets_nobody_add(company, admin_client, model):
    before = rows(model)
    another = dict.fromkeys(before[0], "7")

    assert admin_client.get(address(model, "add")).status_code == 403
    assert admin_client.post(address(model, "add"), another).status_code == 403
    assert rows(model) == before


@pytest.mark.parametrize("model", [*MONEY, *CURATED], ids=by_label)
def test_it_lets_nobody_delete(company, admin_client, model):
    before = rows(model)
    pk = before[0]["id"]
    chosen = {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}

    assert admin_client.post(address(model, "delete", pk), {"post": "yes"}).status_code == 403
    admin_client.post(address(model, "changelist"), chosen)
    assert rows(model) == before


@pytest.mark.parametrize("model", MONEY, ids=by_label)
def test_it_lets_nobody_change_money_or_runs(company, admin_client, model):
    before = rows(model)
    changed = dict.fromkeys(before[0], "7")

    response = admin_client.post(address(model, "change", before[0]["id"]), changed)

    assert response.status_code == 403
    assert rows(model) == before


@pytest.mark.parametrize("model", MONEY, ids=by_label)
def test_it_shows_money_and_runs_without_a_form(company, admin_client, model):
    page = admin_client.get(address(model, "change", model.objects.get().pk))

    assert page.context["adminform"].form.fields == {}


@pytest.mark.parametrize("model", CURATED, ids=by_label)
def test_it_lets_people_choose_a_name(company, admin_client, model):
    row = model.objects.get()

    response = admin_client.post(address(model, "change", row.pk), {"name_override": "Our name"})

    assert response.status_code == 302
    row.refresh_from_db()
    assert row.display_name == "Our name"


def test_it_lets_people_say_the_stage(company, admin_client):
    row = Environment.objects.get()

    admin_client.post(address(Environment, "change", row.pk), {"stage": "production"})

    row.refresh_from_db()
    assert row.stage == "production"


def test_it_refuses_a_stage_that_does_not_exist(company, admin_client):
    row = Environment.objects.get()

    response = admin_client.post(address(Environment, "change", row.pk), {"stage": "moon"})

    assert response.status_code == 200
    assert "moon is not one of the available choices" in response.content.decode()
    row.refresh_from_db()
    assert row.stage == ""


@pytest.mark.parametrize("model", CURATED, ids=by_label)
def test_it_keeps_what_confluent_says(company, admin_client, model):
    (before,) = rows(model)
    changed = {name: "7" for name in before if name != "stage"} | {"name_override": "Our name"}

    admin_client.post(address(model, "change", before["id"]), changed)

    assert rows(model) == [before | {"name_override": "Our name", "display_name": "Our name"}]
