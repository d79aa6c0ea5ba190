"""Who is not allowed to curate is refused at every address, and nothing is changed by trying."""

from datetime import date
from typing import NamedTuple

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing_portal.tests import stored
from costs.models import AllocationRule, AllocationTarget, SharedCostPolicy
from costs.partitions import ensure_partitions
from costs.tests.browsing import changed, database, filled, is_preview, post, send, with_row
from costs.tests.ownership import undone
from dimensions.models import BusinessUnit, Cluster, CostCenter, Environment, Organization

OURS = sorted(
    (model for model in admin.site._registry if model._meta.app_label in ("costs", "dimensions")),
    key=lambda model: model._meta.label,
)
# These change what they say: how a form of each is filled in so that it changes something.
CHANGES = {
    AllocationRule: {"valid_from": "2026-02-02"},
    SharedCostPolicy: {"valid_from": "2026-02-02"},
    BusinessUnit: {"code": "NEW"},
    CostCenter: {"code": "NEW"},
    Organization: {"name_override": "New"},
    Environment: {"name_override": "New"},
    Cluster: {"name_override": "New"},
}
OWNERS = [AllocationRule, SharedCostPolicy, BusinessUnit, CostCenter]
UNUSED = [BusinessUnit, CostCenter]
ASSIGNED = [Cluster, Environment]


class Attempt(NamedTuple):
    """A form filled in by who may, to be sent by who may not."""

    address: str
    data: dict[str, object]


@pytest.fixture
def company(db):
    stored.store(1)
    ensure_partitions(date(2026, 10, 1), date(2026, 11, 1))
    for model in UNUSED:
        model.objects.create(code="UNUSED")
    return stored.organization("Company 1", "org-1")


@pytest.fixture
def finops(company):
    return logged_in(stored.staff("Fay", group="FinOps"))


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


STRANGERS = {
    "anonymous": Client,
    "no staff": lambda: logged_in(get_user_model().objects.create_user("Noa")),
    "no permissions": lambda: logged_in(stored.staff("Nil")),
    "viewer": lambda: logged_in(stored.staff("Vic", group="Viewer")),
}


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def by_label(model):
    return model._meta.label


def attempts(client):
    """What who may curate could do at every address, one after the other."""
    for model, said in CHANGES.items():
        page = client.get(address(model, "change", model.objects.last().pk))
        yield Attempt(page.request["PATH_INFO"], filled(page, **said))
    for model in OWNERS:
        page = client.get(address(model, "delete", deletable(model).pk))
        yield Attempt(page.request["PATH_INFO"], filled(page))
    yield from additions(client)
    for model in ASSIGNED:
        yield from assignments(client, model)
    page = client.get(address(Environment, "changelist"))
    stages = filled(page, **{"form-0-stage": "production", "_save": "Save"})
    yield Attempt(page.request["PATH_INFO"], stages)
    yield Attempt("/admin/costs/allocationchange/progress/", {})
    yield from imports(client)


def deletable(model):
    """What is in use cannot be deleted by anybody."""
    return model.objects.get(code="UNUSED") if model in UNUSED else model.objects.last()


def additions(client):
    center, company = CostCenter.objects.get(code="CC-1"), Organization.objects.get()
    rule = {"organization": company.pk, "selector": "organization", "valid_from": "2026-01-01"}
    page = client.get(address(AllocationRule, "add"))
    target = {"targets-0-cost_center": center.pk, "targets-0-percent": "100"}
    yield Attempt(page.request["PATH_INFO"], filled(page, **rule, **target))
    policy = {"organization": company.pk, "line_type": "PROMO_CREDIT", "method": "even"}
    page = client.get(address(SharedCostPolicy, "add"))
    yield Attempt(page.request["PATH_INFO"], filled(page, **policy, valid_from="2026-01-01"))
    for model in UNUSED:
        page = client.get(address(model, "add"))
        yield Attempt(page.request["PATH_INFO"], filled(page, code="ANOTHER"))


def assignments(client, model):
    pk, center = model.objects.get().pk, CostCenter.objects.get(code="CC-0")
    action = {"action": "assign_to_cost_center", "_selected_action": [pk], "index": 0}
    yield Attempt(address(model, "changelist"), action)
    page = client.get(f"{address(model, 'assign')}?ids={pk}")
    data = filled(page, cost_center=center.pk, valid_from="2026-02-02")
    yield Attempt(f"{page.request['PATH_INFO']}?ids={pk}", data)
    resource = client.get(address(model, "change", pk))
    row = {"cost_center": center.pk, "valid_from": "2026-02-02", "product": "KAFKA"}
    yield Attempt(resource.request["PATH_INFO"], with_row(filled(resource), "rules", **row))


def imports(client):
    """A file that adds one row of each; what is confirmed is signed, and stays so for strangers."""
    for model, text in {BusinessUnit: "code\nNEW", CostCenter: "code\nNEW"}.items():
        file = SimpleUploadedFile("new.csv", text.encode(), "text/csv")
        page = client.post(address(model, "import"), {"import_file": file, "format": "0"})
        yield Attempt(address(model, "process_import"), filled(page))


def every_address():
    """Every address of our models' pages in the admin, filled in with the first object."""
    for model in OURS:
        first = model.objects.order_by("pk").first()
        for pattern in admin.site._registry[model].get_urls():
            if pattern.name:
                given = {"object_id": first.pk, "version_id": 1}
                named = {name: given[name] for name in pattern.pattern.converters}
                if pattern.name.endswith("simple_history"):
                    named = {"object_id": first.pk, "version_id": version_of(first)}
                yield reverse(f"admin:{pattern.name}", args=named.values())


def version_of(thing):
    return thing.history.first().history_id if hasattr(thing, "history") else 1


def is_refused(response):
    if response.status_code == 302:
        return response["Location"].startswith("/admin/login/?next=")
    # 405: an address that takes only POST tells that to whoever asks.
    return response.status_code in (403, 405)


@pytest.mark.parametrize("who", STRANGERS)
def test_it_refuses_who_may_not_curate_and_changes_nothing(finops, who):
    tries = list(attempts(finops))
    stranger = STRANGERS[who]()
    before = database()

    answers = {each.address: stranger.post(each.address, each.data) for each in tries}

    refused = {address for address, response in answers.items() if is_refused(response)}
    # A viewer may look at a list; the action is none of the viewer's.
    lists = {address(model, "changelist") for model in ASSIGNED} if who == "viewer" else set()
    assert refused >= answers.keys() - lists
    assert changed(before, database()) == set()


def test_it_lets_finops_do_all_of_it(finops):
    """So the attempts above are no empty ones."""
    before = database()
    for each in list(attempts(finops)):
        with undone():
            response = finops.post(each.address, each.data)
            if is_preview(response):
                response = send(finops, response)

            assert (response.status_code, is_refused(response)) == (302, False), each
            leads_on = "_selected_action" in each.data or "progress" in each.address
            assert leads_on or changed(before, database()), each


@pytest.mark.parametrize("who", ["anonymous", "no staff", "no permissions"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_refuses_strangers_at_every_address(company, who, method):
    stranger = STRANGERS[who]()
    before = database()

    answers = {address: getattr(stranger, method)(address) for address in every_address()}

    assert [address for address, answer in answers.items() if not is_refused(answer)] == []
    assert changed(before, database()) == set()


def test_it_changes_nothing_for_viewers_at_any_address(company):
    viewer = STRANGERS["viewer"]()
    before = database()

    for address in every_address():
        for answer in (viewer.get(address), viewer.post(address, {"post": "yes"})):
            assert answer.status_code in (200, 302, 403, 405), address

    assert changed(before, database()) == set()


def test_it_gives_viewers_pages_without_a_way_to_save(company):
    viewer = STRANGERS["viewer"]()

    for model in CHANGES:
        page = viewer.get(address(model, "change", model.objects.last().pk))
        assert page.status_code == 200
        assert 'name="_save"' not in page.content.decode()
        listed = viewer.get(address(model, "changelist")).content.decode()
        assert "assign_to_cost_center" not in listed


@pytest.mark.parametrize("page", ["add", "delete"])
def test_it_keeps_viewers_from_pages_that_add_or_delete(company, page):
    viewer = STRANGERS["viewer"]()

    for model in OWNERS:
        args = [deletable(model).pk] if page == "delete" else []
        assert viewer.get(address(model, page, *args)).status_code == 403


def test_it_needs_the_permission_to_change_rules_for_a_row_of_a_rule(company):
    """Who may only name resources sees the rules on their pages, and cannot edit them."""
    namer = stored.staff("Ned", group="Viewer")
    namer.user_permissions.add(Permission.objects.get(codename="change_cluster"))
    client, resource = logged_in(namer), Cluster.objects.get()
    center = CostCenter.objects.get(code="CC-0")
    page = client.get(address(Cluster, "change", resource.pk))
    rules = list(AllocationRule.objects.values()) + list(AllocationTarget.objects.values())
    row = {"cost_center": center.pk, "valid_from": "2026-02-02", "product": "KAFKA"}
    management = {"rules-TOTAL_FORMS": ["0"], "rules-INITIAL_FORMS": ["0"]}

    response = post(client, page, with_row(filled(page, notes="Hi") | management, "rules", **row))

    assert response.status_code == 302
    assert Cluster.objects.get().notes == "Hi"
    assert rules == [*AllocationRule.objects.values(), *AllocationTarget.objects.values()]


def test_it_takes_no_form_from_another_site(finops, company):
    tries = list(attempts(finops))
    careful = Client(enforce_csrf_checks=True)
    careful.cookies = finops.cookies
    before = database()

    for each in tries:
        each.data.pop("csrfmiddlewaretoken", None)
        assert careful.post(each.address, each.data).status_code == 403, each.address
    for each in every_address():
        assert careful.post(each).status_code == 403, each

    assert changed(before, database()) == set()


def test_it_does_not_tell_strangers_what_exists(company):
    stranger = STRANGERS["no permissions"]()

    for model in CHANGES:
        known, unknown = model.objects.last().pk, 999_999
        answers = [stranger.get(address(model, "change", pk)) for pk in (known, unknown)]
        assert {answer.status_code for answer in answers} == {403}, model
