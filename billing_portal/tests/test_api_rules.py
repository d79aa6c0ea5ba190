"""Rules by the API: the admin's validation and preview, then exactly the affected days follow."""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import OperationalError

from billing_portal.tests.people import bearer, person, token_of
from costs.models import AllocationRule, BillingDay
from costs.tests.billed import two_companies
from costs.tests.browsing import changed, database
from costs.tests.ownership import facts, organization, pending, rule
from dimensions.models import Environment

NEW = {
    "cluster_id": "lcc-3",
    "selector": "cluster",
    "valid_from": "2026-10-01",
    "targets": [{"cost_center": "CC-2", "percent": "100"}],
}


@pytest.fixture
def fay(db):
    """The headers of Fay of FinOps, at a company whose connector nobody pays for."""
    two_companies()
    return bearer(token_of(person("fay", "FinOps")))


def send(client, method, address, body, headers):
    return getattr(client, method)(
        f"/api/v1/allocation/{address}", body, content_type="application/json", headers=headers
    )


def refused(answer):
    assert answer.status_code == 400, answer.content
    return {error["parameter"]: error["message"] for error in answer.json()["errors"]}


def rule_of(cluster_id):
    return AllocationRule.objects.get(cluster__cluster_id=cluster_id)


def test_it_makes_a_rule_and_lets_the_days_follow(fay, client):
    answer = send(client, "post", "rules", NEW, fay)

    assert answer.status_code == 201, answer.content
    document = answer.json()
    made = rule_of("lcc-3")
    assert document["data"] == {
        "id": made.pk,
        "selects": "lcc-3",
        "org_id": "o-1",
        "selector": "cluster",
        "cluster_id": "lcc-3",
        "env_id": None,
        "name_pattern": "",
        "tag_key": "",
        "tag_value": "",
        "product": "",
        "line_type": "",
        "priority": 0,
        "valid_from": "2026-10-01",
        "valid_to": None,
        "targets": [{"cost_center": "CC-2", "percent": "100.0000"}],
        "notes": "",
    }
    assert facts("line", "cost_center", cluster_id="lcc-3") == [("connect", "CC-2")]
    assert pending() == []
    meta = document["meta"]
    assert (meta["dry_run"], meta["movement"], meta["days_pending"]) == (False, None, 0)
    assert meta["days_changed"] == 1


def test_a_dry_run_says_what_would_move_and_changes_nothing(fay, client):
    before = database()

    answer = send(client, "post", "rules?dry_run=true", NEW, fay)

    assert answer.status_code == 200, answer.content
    meta = answer.json()["meta"]
    assert meta["dry_run"] is True
    assert meta["movement"] == {
        "days": 1,
        "first": "2026-10-31",
        "last": "2026-10-31",
        "days_left_out": 0,
        "owners": [
            {
                "business_unit": "BU-2",
                "cost_center": "CC-2",
                "before_usd": "0.0000000000",
                "after_usd": "20.0000000000",
                "change_usd": "20.0000000000",
            },
            {
                "business_unit": "Unallocated",
                "cost_center": "Unallocated",
                "before_usd": "20.0000000000",
                "after_usd": "0.0000000000",
                "change_usd": "-20.0000000000",
            },
        ],
    }
    assert changed(before, database()) == set()


def test_what_was_looked_at_is_what_is_made(fay, client):
    """Who agrees to a preview by its revision is told if somebody changed rules meanwhile."""
    revision = send(client, "post", "rules?dry_run=true", NEW, fay).json()["meta"]["revision"]

    send(client, "patch", f"rules/{rule_of('lkc-1').pk}", {"valid_to": "2027-01-01"}, fay)
    before = database()
    answer = send(client, "post", f"rules?revision={revision}", NEW, fay)

    assert answer.status_code == 409
    assert "changed meanwhile" in answer.json()["detail"]
    assert changed(before, database()) == set()
    again = send(client, "post", "rules?dry_run=true", NEW, fay).json()["meta"]["revision"]
    assert send(client, "post", f"rules?revision={again}", NEW, fay).status_code == 201


def test_it_changes_what_is_said_and_keeps_the_rest(fay, client):
    rule = rule_of("lkc-2")
    split = [{"cost_center": "CC-1", "percent": "10.5"}, {"cost_center": "CC-9", "percent": "89.5"}]

    answer = send(client, "patch", f"rules/{rule.pk}", {"targets": split}, fay)

    assert answer.status_code == 200, answer.content
    assert answer.json()["data"]["targets"] == [
        {"cost_center": "CC-1", "percent": "10.5000"},
        {"cost_center": "CC-9", "percent": "89.5000"},
    ]
    assert facts("cost_center", "cost_usd", cluster_id="lkc-2") == [
        ("CC-1", Decimal("5.25")),
        ("CC-9", Decimal("44.75")),
    ]
    assert rule.history.count() == 1  # the rule itself did not change
    assert {record.history_type for record in rule.targets.first().history.all()} == {"+", "~"}


def test_it_closes_a_rule(fay, client):
    rule = rule_of("lkc-1")

    answer = send(client, "post", f"rules/{rule.pk}/close", {"valid_to": "2026-11-01"}, fay)

    assert answer.status_code == 200, answer.content
    assert answer.json()["data"]["valid_to"] == "2026-11-01"
    assert facts("charge_date", "cost_center", cluster_id="lkc-1", product="KAFKA") == [
        (date(2026, 10, 30), "CC-1"),
        (date(2026, 11, 2), "Unallocated"),
    ]


def test_it_does_not_open_a_closed_rule_again(fay, client):
    rule = rule_of("lkc-1")
    send(client, "post", f"rules/{rule.pk}/close", {"valid_to": "2026-11-01"}, fay)

    said = refused(send(client, "post", f"rules/{rule.pk}/close", {"valid_to": "2027-01-01"}, fay))

    assert said == {"valid_to": "It holds until before 2026-11-01 already."}


def test_a_rule_is_stored_even_if_the_days_cannot_follow_now(fay, client, monkeypatch):
    def fail(seconds):
        raise OperationalError("deadlock detected")

    monkeypatch.setattr("costs.curation.reallocate_for", fail)

    answer = send(client, "post", "rules", NEW, fay)

    assert answer.status_code == 201, answer.content
    # Every day from the rule's first one on.
    assert answer.json()["meta"]["days_pending"] == BillingDay.objects.pending().count() == 3


def test_a_preview_says_what_earlier_changes_left(fay, client):
    rule("CC-9", of=organization("o-1"), environment=Environment.objects.get(env_id="env-1"))
    left = pending()
    before = database()

    meta = send(client, "post", "rules?dry_run=true", NEW, fay).json()["meta"]

    assert meta["days_pending"] == BillingDay.objects.pending().count() > 0
    assert (pending(), changed(before, database())) == (left, set())


def test_a_rule_that_is_only_tried_has_no_id(fay, client):
    assert send(client, "post", "rules?dry_run=true", NEW, fay).json()["data"]["id"] is None


@pytest.mark.parametrize(
    "missing",
    [
        "view_dailycostfact",
        "add_allocationrule",
        "change_allocationrule",
        "delete_allocationtarget",
    ],
)
def test_it_asks_for_every_permission_that_the_admin_asks_for(fay, client, missing):
    Group.objects.get(name="FinOps").permissions.remove(Permission.objects.get(codename=missing))

    assert send(client, "post", "rules?dry_run=true", NEW, fay).status_code == 403


def test_another_selector_needs_no_organization_to_be_said_again(fay, client):
    other = organization("o-2")
    Environment.objects.create(organization=other, env_id="env-1")
    change = {"selector": "environment", "cluster_id": None, "env_id": "env-1"}

    answer = send(client, "patch", f"rules/{rule_of('lkc-1').pk}", change, fay)

    assert answer.status_code == 200, answer.content
    assert answer.json()["data"]["selects"] == "environment Live"


@pytest.mark.parametrize(
    "body",
    [
        '{"cluster_id": "\\ud800"}',
        '{"\\ud800": 1}',
        '{"targets": [{"\\ud800": 1}]}',
        "[" * 100_000,
        '{"priority": NaN}',
        "\xff",
        "",
    ],
)
def test_a_body_that_cannot_be_read_is_refused(fay, client, body):
    answer = client.post(
        "/api/v1/allocation/rules", body, content_type="application/json", headers=fay
    )

    assert answer.status_code == 400
    assert answer.json().keys() == {"detail", "errors", "request_id"}


def test_a_body_that_is_too_large_is_refused(fay, client):
    answer = send(client, "post", "rules", {"notes": "x" * 1_000_000}, fay)

    assert answer.status_code == 413


def test_history_names_who_changed_what_by_a_token(fay, client):
    send(client, "post", "rules", NEW, fay)

    assert [record.history_user.username for record in rule_of("lcc-3").history.all()] == ["fay"]


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        (
            {"targets": [{"cost_center": "CC-1", "percent": "60"}]},
            {"targets": "The percents are 60 together; they must be 100."},
        ),
        ({"targets": []}, {"targets": "The percents are 0 together; they must be 100."}),
        (
            {"targets": [{"cost_center": "CC-1", "percent": "50"}] * 2},
            {"targets": "CC-1 stands there twice."},
        ),
        (
            {"targets": [{"cost_center": "CC-77", "percent": "100"}]},
            {"targets": "There is no cost center “CC-77”."},
        ),
        (
            {"targets": [{"cost_center": "CC-1", "percent": "50.00001"}]},
            {
                "targets.0.percent": "Ensure that there are no more than 4 decimal places.",
            },
        ),
        (
            {"cluster_id": "lkc-77"},
            {"cluster_id": "Object with cluster_id=lkc-77 does not exist."},
        ),
        (
            {"cluster_id": None},
            {"org_id": "Needed where no cluster or environment is named."},
        ),
        (
            {"cluster_id": "lkc-9", "org_id": "o-1"},
            {"cluster_id": "Object with cluster_id=lkc-9 does not exist."},
        ),
        ({"env_id": "env-1"}, {"env_id": "Leave it empty for what the rule selects."}),
        ({"selector": "moon"}, {"selector": "“moon” is not a valid choice."}),
        ({"valid_from": "soon"}, {"valid_from": None}),
        ({"valid_to": "2026-09-01"}, {"": None}),
        ({"owner": "me"}, {"owner": None}),
        (
            {"selector": "pattern", "cluster_id": None, "org_id": "o-1", "name_pattern": "("},
            {"name_pattern": None},
        ),
    ],
)
def test_it_says_what_is_wrong_by_the_names_of_the_api(fay, client, change, errors):
    before = database()

    said = refused(send(client, "post", "rules", NEW | change, fay))

    assert said.keys() == errors.keys()
    for name, message in errors.items():
        assert message is None or said[name].replace('"', "“", 1).replace('"', "”", 1) == message
    assert changed(before, database()) == set()


def test_it_refuses_a_second_rule_for_the_same_charges(fay, client):
    said = refused(send(client, "post", "rules", NEW | {"cluster_id": "lkc-1"}, fay))

    assert said == {
        "": f"Rule {rule_of('lkc-1').pk} selects the same charges from 2026-01-01 with no end. "
        "End it first, or choose other days."
    }


def test_a_rule_for_a_whole_organization(fay, client):
    body = {
        "org_id": "o-2",
        "selector": "organization",
        "valid_from": "2026-01-01",
        "targets": NEW["targets"],
    }

    answer = send(client, "post", "rules", body, fay)

    assert answer.status_code == 201
    assert answer.json()["data"]["selects"] == "whole organization"


@pytest.mark.parametrize(
    ("asked", "selected"),
    [
        ({}, {"lkc-1", "lkc-2", "lkc-9"}),
        ({"org": "o-2"}, {"lkc-9"}),
        ({"cluster": "lkc-1"}, {"lkc-1"}),
        ({"cost_center": "CC-2"}, {"lkc-2"}),
        ({"selector": "environment"}, set()),
        ({"search": "KC-1"}, {"lkc-1"}),
        ({"in_force_on": "2025-12-31"}, set()),
        ({"in_force_on": "2026-01-01"}, {"lkc-1", "lkc-2", "lkc-9"}),
    ],
)
def test_it_finds_rules(fay, client, asked, selected):
    answer = client.get("/api/v1/allocation/rules", asked, headers=fay)

    assert answer.status_code == 200, answer.content
    assert {row["selects"] for row in answer.json()["data"]} == selected


def test_a_rule_that_is_paid_by_several_is_one_rule(fay, client):
    answer = client.get("/api/v1/allocation/rules?cost_center=CC-1&cost_center=CC-2", headers=fay)

    found = [row["selects"] for row in answer.json()["data"]]
    assert sorted(found) == ["lkc-1", "lkc-2"]
    assert answer.json()["meta"]["count"] == 2
