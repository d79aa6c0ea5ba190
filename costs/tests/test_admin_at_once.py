"""Somebody else is faster: the database refuses, the page says so, and nothing is saved."""

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model

from costs.allocation import allocate_days
from costs.models import AllocationRule
from costs.tests.browsing import changed, curated, filled, is_preview, post, send, with_row
from costs.tests.ownership import (
    center,
    cluster,
    elsewhere,
    facts,
    just_before,
    line,
    october,
    organization,
    pending,
    rule,
    sql,
    store,
)


@pytest.fixture
def acme(transactional_db) -> Iterator[None]:
    """A committed bill of 1 USD; Django's flush leaves out the table that it does not manage."""
    acme = organization()
    cluster("lkc-1", of=acme)
    center("A"), center("B")
    allocate_days(acme, store(acme, line(1, resource="lkc-1")))
    yield acme
    sql("TRUNCATE hourly_costs")


@pytest.fixture
def fay(acme, client):
    client.force_login(get_user_model().objects.create_superuser("Fay"))
    return client


def assigned_to_b_elsewhere(acme):
    """The same days of the same resource go to B, in another session that commits."""
    orders = acme.clusters.get()
    return lambda: elsewhere(
        lambda: rule("B", of=acme, cluster=orders, valid_from=october(1))
    ).result(timeout=30)


def page_and_row(fay, acme):
    page = fay.get(f"/admin/dimensions/cluster/{acme.clusters.get().pk}/change/")
    row = {"cost_center": center("A").pk, "valid_from": "2026-10-01"}
    return page, with_row(filled(page, notes="mine"), "rules", **row)


def messages(fay, answer):
    return [str(message) for message in fay.get(answer["Location"]).context["messages"]]


def rules():
    return [each.payers() for each in AllocationRule.objects.all()]


def test_it_says_what_the_database_refused(acme, fay):
    page, data = page_and_row(fay, acme)
    before = curated()

    with just_before("lock_allocation_changes", assigned_to_b_elsewhere(acme)):
        answer = post(fay, page, data)

    assert (answer.status_code, answer["Location"]) == (302, page.request["PATH_INFO"])
    assert rules() == ["B"]
    assert acme.clusters.get().notes == ""
    (said,) = messages(fay, answer)
    assert said.startswith("The database refused it, nothing was saved: ")
    # Only what the other session wrote is new.
    assert changed(before, curated()) <= {
        "allocation_rules", "allocation_targets", "allocation_changes",
        "costs_historicalallocationrule", "costs_historicalallocationtarget",
    }  # fmt: skip


def test_it_says_so_after_the_preview_too(acme, fay):
    page, data = page_and_row(fay, acme)
    preview = post(fay, page, data)
    assert is_preview(preview)

    with just_before("lock_allocation_changes", assigned_to_b_elsewhere(acme)):
        answer = send(fay, preview)

    assert answer.status_code == 302
    assert rules() == ["B"]
    assert "The database refused it" in messages(fay, answer)[0]


def test_it_previews_against_the_faster_when_many_are_assigned(acme, fay):
    page = fay.get(f"/admin/dimensions/cluster/assign/?ids={acme.clusters.get().pk}")
    data = filled(page, cost_center=center("A").pk, valid_from="2026-10-01")

    with just_before("lock_allocation_changes", assigned_to_b_elsewhere(acme)):
        answer = post(fay, page, data)

    assert (is_preview(answer), rules()) == (True, ["B"])
    assert send(fay, answer).status_code == 302
    assert rules() == ["A"]


def test_it_shows_the_form_again_when_the_other_was_faster_by_far(acme, fay):
    """The stored row is not in the form; the database would refuse, so it does."""
    page, data = page_and_row(fay, acme)
    preview = post(fay, page, data)
    assigned_to_b_elsewhere(acme)()

    answer = send(fay, preview)

    assert answer.status_code in (200, 302)
    assert not is_preview(answer)
    assert rules() == ["B"]


def test_it_commits_the_rule_before_the_days_follow(acme, fay):
    """A killed re-allocation leaves the days pending, and the rule saved: a sweep goes on."""
    page, data = page_and_row(fay, acme)
    preview = post(fay, page, data)

    def killed():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), just_before("UPDATE billing_days", killed):
        send(fay, preview)

    assert (rules(), pending()) == (["A"], [14])
    assert facts("cost_center") == [("Unallocated",)]
    answer = fay.post("/admin/costs/allocationchange/progress/")
    assert answer.status_code == 302
    assert (facts("cost_center"), pending()) == ([("A",)], [])
