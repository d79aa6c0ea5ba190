"""What nobody may do in the admin, and what people say there: nobody touches money."""

import pytest
from django.contrib import admin
from django.urls import reverse

from billing_portal.tests import stored
from collector.models import CollectionRun, ProcessHeartbeat, QuarantinedRow
from costs.models import AllocationChange, BillingDay, CostLineItem, ReconciliationCheck
from costs.tests.browsing import curated, filled, post, send
from dimensions.models import Cluster, Environment, Organization, Principal

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
MONEY = [
    *(BillingDay, CostLineItem, CollectionRun, QuarantinedRow, AllocationChange, Principal),
    *(ProcessHeartbeat, ReconciliationCheck),
]
DESCRIBED = [Organization, Environment, Cluster]


@pytest.fixture
def admin_client(db, client):
    client.force_login(stored.superuser())
    return client


@pytest.fixture
def company(db):
    stored.store(1)
    return stored.organization("Company 1", "org-1")


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
    client.force_login(stored.staff())

    assert client.get(address(model, "changelist")).status_code == 403


@pytest.mark.parametrize("model", [*MONEY, *DESCRIBED], ids=by_label)
def test_it_lets_nobody_add(company, admin_client, model):
    before = rows(model)
    another = dict.fromkeys(before[0], "7")

    assert admin_client.get(address(model, "add")).status_code == 403
    assert admin_client.post(address(model, "add"), another).status_code == 403
    assert rows(model) == before


@pytest.mark.parametrize("model", [*MONEY, *DESCRIBED], ids=by_label)
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
    page = admin_client.get(address(model, "change", model.objects.first().pk))

    assert page.context["adminform"].form.fields == {}


@pytest.mark.parametrize("model", DESCRIBED, ids=by_label)
def test_it_lets_people_choose_a_name(company, admin_client, model):
    row = model.objects.get()
    page = admin_client.get(address(model, "change", row.pk))

    response = send(admin_client, page, name_override="Our name", notes="Ask Ada.")

    assert response.status_code == 302
    row.refresh_from_db()
    assert (row.display_name, row.notes) == ("Our name", "Ask Ada.")


def test_it_lets_people_say_the_stage(company, admin_client):
    row = Environment.objects.get()

    send(admin_client, admin_client.get(address(Environment, "change", row.pk)), stage="production")

    row.refresh_from_db()
    assert row.stage == "production"


def test_it_lets_people_say_stages_in_the_list(company, admin_client):
    page = admin_client.get(address(Environment, "changelist"))

    send(admin_client, page, **{"form-0-stage": "production", "_save": "Save"})

    assert Environment.objects.get().stage == "production"


def test_it_refuses_a_stage_that_does_not_exist(company, admin_client):
    row = Environment.objects.get()
    page = admin_client.get(address(Environment, "change", row.pk))

    response = send(admin_client, page, stage="moon")

    assert response.status_code == 200
    assert "moon is not one of the available choices" in response.content.decode()
    row.refresh_from_db()
    assert row.stage == ""


@pytest.mark.parametrize("model", DESCRIBED, ids=by_label)
def test_it_keeps_what_confluent_says(company, admin_client, model):
    (before,) = rows(model)
    page = admin_client.get(address(model, "change", before["id"]))
    said = dict.fromkeys(before, "7") | {"name_override": "Our name", "notes": "", "stage": ""}

    post(admin_client, page, filled(page) | said)

    assert rows(model) == [before | {"name_override": "Our name", "display_name": "Our name"}]


@pytest.mark.parametrize("model", DESCRIBED, ids=by_label)
def test_it_changes_nothing_when_a_form_is_saved_as_it_was(company, admin_client, model):
    """The log of the admin alone notes that somebody saved."""
    before = curated()
    page = admin_client.get(address(model, "change", rows(model)[0]["id"]))

    assert send(admin_client, page).status_code == 302

    after = curated()
    changed = {table for table in before if before[table] != after[table]}
    assert changed == {"django_admin_log"}
