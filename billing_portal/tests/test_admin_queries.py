"""How often the admin asks the database: as often for 30 rows as for 3, and no more than said."""

from datetime import date, timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
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
from costs.tests.ownership import center, policy, rule, tag
from dimensions.models import (
    ApiToken,
    BusinessUnit,
    Cluster,
    CostCenter,
    CostCenterPlacement,
    Environment,
    Organization,
    Principal,
)

# Who is asking, what may they do, the choices of filters, the count and the rows with their costs.
LISTS = {
    AllocationChange: 6,
    AllocationRule: 8,
    ApiToken: 5,
    BillingDay: 5,
    BusinessUnit: 5,
    Cluster: 9,
    CollectionRun: 8,
    CostCenter: 5,
    CostLineItem: 5,
    Environment: 8,
    Organization: 4,
    Principal: 5,
    ProcessHeartbeat: 4,
    QuarantinedRow: 5,
    ReconciliationCheck: 4,
    SharedCostPolicy: 6,
}


@pytest.fixture
def admin_client(db, client):
    client.force_login(stored.superuser())
    return client


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def by_label(model):
    return model._meta.label


def queries(client, url):
    """How many queries the page takes; Django remembers content types from the first visit on."""
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_it_counts_the_queries_of_every_list():
    ours = ("collector", "costs", "dimensions")
    registered = {model for model in admin.site._registry if model._meta.app_label in ours}

    assert registered == set(LISTS)


@pytest.mark.parametrize("count", [3, 30])
def test_it_asks_for_a_list_as_often_however_long_it_is(admin_client, count):
    stored.store(count)

    assert {model: queries(admin_client, address(model, "changelist")) for model in LISTS} == LISTS


def rules(count, *, of, **selected):
    """So many rules one after the other, the later ones split between two cost centers."""
    for number in range(count):
        first = date(2026, 1, 1) + timedelta(days=number)
        pays = {f"CC-{number}": 60, "CC-0": 40} if number else "CC-0"
        last = first + timedelta(days=1)
        rule(pays, of=of, valid_from=first, valid_to=last, **selected)


def shares(count):
    return {f"CC-{number}": 100 - count + 1 if number == 0 else 1 for number in range(count)}


def resource_with(count, company):
    resource = stored.cluster(of=company)
    rules(count, of=company, cluster=resource)
    for number in range(count):
        tag(resource, f"key-{number}", "value")
    return resource


def environment_with(count, company):
    place = stored.environment(of=company)
    rules(count, of=company, environment=place)
    return place


def rule_with(count, company):
    return rule(shares(count), of=company, cluster=stored.cluster(of=company))


def policy_with(count, company):
    return policy("SUPPORT", "fixed", shares(count), of=company)


def cost_center_with(count, company):
    made = center("CC-0")
    for number in range(count):
        unit = BusinessUnit.objects.create(code=f"BU-{number}")
        first = date(2026, 1, 1) + timedelta(days=number)
        CostCenterPlacement.objects.create(
            cost_center=made,
            business_unit=unit,
            valid_from=first,
            valid_to=first + timedelta(days=1),
        )
    return made


# Of a row that is edited Django asks once by which name its select shows what is chosen.
CHANGE_PAGES = [
    (resource_with, 13, 1),
    (environment_with, 10, 1),
    (rule_with, 9, 1),
    (policy_with, 5, 1),
    (cost_center_with, 4, 1),
]
HISTORIES = [
    (resource_with, 14, 1),
    (environment_with, 12, 1),
    (rule_with, 12, 0),
    (policy_with, 8, 0),
    (cost_center_with, 8, 0),
]


@pytest.mark.parametrize(("made", "once", "of_each_row"), CHANGE_PAGES)
@pytest.mark.parametrize("count", [3, 10])
def test_it_asks_for_a_form_once_and_for_the_choice_of_each_row(
    admin_client, made, once, of_each_row, count
):
    thing = made(count, stored.organization())

    asked = queries(admin_client, address(type(thing), "change", thing.pk))

    assert asked == once + of_each_row * count


@pytest.mark.parametrize(("made", "once", "of_each_row"), HISTORIES)
@pytest.mark.parametrize("count", [3, 10])
def test_it_asks_for_a_history_no_more_than_this(admin_client, made, once, of_each_row, count):
    thing = made(count, stored.organization())

    asked = queries(admin_client, address(type(thing), "history", thing.pk))

    assert asked == once + of_each_row * count


@pytest.mark.parametrize(
    ("model", "asked"),
    [(AllocationChange, 4), (BillingDay, 4), (CollectionRun, 6), (CostLineItem, 4),
     (Organization, 3), (BusinessUnit, 3), (Principal, 4), (QuarantinedRow, 4)],
    ids=str,
)  # fmt: skip
def test_it_asks_for_a_page_without_rows_no_more_than_this(admin_client, model, asked):
    stored.store(3)
    pk = model.objects.first().pk

    assert queries(admin_client, address(model, "change", pk)) == asked
