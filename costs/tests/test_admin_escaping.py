"""What Confluent and people write is text on every page of the admin, never markup."""

import pytest
from django.contrib.auth import get_user_model

from costs.allocation import allocate_days
from costs.models import AllocationRule
from costs.tests.browsing import filled, is_preview, post, send, with_row
from costs.tests.ownership import (
    center,
    cluster,
    environment,
    line,
    october,
    organization,
    rule,
    store,
    tag,
)
from dimensions.models import BusinessUnit, Cluster, CostCenter, Environment

EVIL = "<script>alert(1)</script>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;"


@pytest.fixture
def fay(db, client):
    client.force_login(get_user_model().objects.create_superuser("Fay", EVIL))
    return client


@pytest.fixture
def acme(db):
    """Everything that may have a free name is called so; it pays a dollar a day."""
    acme = organization()
    acme.name_override = acme.name = EVIL
    acme.save()
    orders, place = cluster("lkc-1", of=acme), environment("env-1", of=acme)
    Cluster.objects.update(name=EVIL, parent_cluster_id="lkc-1", env_id="env-1")
    Environment.objects.update(name=EVIL)
    center("A", "Retail"), center("B")
    CostCenter.objects.update(name=EVIL, contact=EVIL, notes=EVIL)
    BusinessUnit.objects.update(name=EVIL, contact=EVIL, notes=EVIL)
    rule("A", of=acme, environment=place, notes=EVIL, line_type=EVIL)
    rule({"A": 50, "B": 50}, of=acme, cluster=orders, product=EVIL)
    rule("A", of=acme, pattern="<script>alert.1.</script>")
    rule("A", of=acme, tagged=(EVIL, EVIL))
    tag(orders, EVIL, EVIL)
    allocate_days(
        acme, store(acme, line(1, day=october(1), resource="lkc-1", env="env-1", name=EVIL))
    )
    return acme


def pages_of(acme):
    orders, place = acme.clusters.get(), acme.environments.get()
    yield from (f"/admin/costs/{model}/" for model in ("allocationrule", "allocationchange"))
    yield "/admin/costs/costlineitem/"
    for each in AllocationRule.objects.all():
        yield from (
            f"/admin/costs/allocationrule/{each.pk}/{page}/"
            for page in ("change", "history", "delete")
        )
    for model in (CostCenter, BusinessUnit):
        name = model._meta.model_name
        yield f"/admin/dimensions/{name}/"
        for each in model.objects.all():
            yield from (
                f"/admin/dimensions/{name}/{each.pk}/{page}/"
                for page in ("change", "history", "delete")
            )
    for kind, thing in (("cluster", orders), ("environment", place), ("organization", acme)):
        yield f"/admin/dimensions/{kind}/"
        yield f"/admin/dimensions/{kind}/?q=%3Cscript%3Ealert(1)%3C/script%3E"
        yield from (
            f"/admin/dimensions/{kind}/{thing.pk}/{page}/" for page in ("change", "history")
        )
    yield f"/admin/dimensions/cluster/assign/?ids={orders.pk}"
    yield f"/admin/dimensions/environment/assign/?ids={place.pk}"
    yield "/admin/costs/allocationchange/progress/?next=%3Cscript%3Ealert(1)%3C/script%3E"


def test_it_escapes_names_on_every_page(acme, fay):
    shown = 0
    for address in pages_of(acme):
        page = fay.get(address)
        content = page.content.decode()
        assert page.status_code == 200, address
        assert "<script>alert" not in content, address
        shown += ESCAPED in content
    assert shown > 20


def test_it_escapes_names_in_previews_and_in_what_is_said_after(acme, fay):
    orders = acme.clusters.get()
    page = fay.get(f"/admin/dimensions/cluster/{orders.pk}/change/")
    row = {"cost_center": center("B").pk, "valid_from": "2026-10-01"}
    data = with_row(filled(page, notes=EVIL, **{EVIL: EVIL}), "rules", **row)

    preview = post(fay, page, data)
    assert is_preview(preview)
    assert "<script>alert" not in preview.content.decode()
    assert f'name="{ESCAPED}" value="{ESCAPED}"' in preview.content.decode()
    saved = send(fay, preview)
    after = fay.get(saved["Location"]).content.decode()
    assert "<script>alert" not in after
    assert ESCAPED in after
    orders.refresh_from_db()
    assert orders.notes == EVIL


def test_it_escapes_names_in_what_is_said_of_an_assignment(acme, fay):
    page = fay.get(f"/admin/dimensions/cluster/assign/?ids={acme.clusters.get().pk}")

    answer = send(fay, page, cost_center=center("B").pk, valid_from="2026-10-01")
    assert is_preview(answer)
    after = fay.get(send(fay, answer)["Location"]).content.decode()

    assert f"Assigned to B · {ESCAPED}" in after
    assert "<script>alert" not in after


def test_it_escapes_names_in_errors(acme, fay):
    page = fay.get("/admin/costs/allocationrule/add/")
    fields = {"selector": "pattern", "name_pattern": f"({EVIL}", "valid_from": "2026-10-01"}

    content = send(fay, page, organization=acme.pk, **fields).content.decode()

    assert "PostgreSQL does not take this expression" in content
    assert "<script>alert" not in content


def test_it_searches_by_autocomplete_in_json(acme, fay):
    address = "/admin/autocomplete/?app_label=costs&model_name=allocationtarget"
    answer = fay.get(f"{address}&field_name=cost_center&term=A")

    assert answer["Content-Type"] == "application/json"
    assert {each["text"] for each in answer.json()["results"]} == {f"A · {EVIL}", f"B · {EVIL}"}
