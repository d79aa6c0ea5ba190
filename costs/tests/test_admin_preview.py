"""Saving and deleting show first what they move; agreed to, exactly that happens."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from costs.allocation import allocate_days, current_revision
from costs.models import AllocationRule, AllocationTarget
from costs.reconciliation import reconcile
from costs.tests.browsing import (
    changed,
    database,
    filled,
    is_preview,
    moves,
    post,
    send,
    with_row,
)
from costs.tests.ownership import (
    center,
    cluster,
    environment,
    facts,
    line,
    october,
    organization,
    pending,
    policy,
    rule,
    store,
    support,
    tag,
)
from dimensions.models import CostCenterPlacement

NOBODY = "Unallocated"


@pytest.fixture
def acme(db):
    """1 to 3 October: 10.10 USD a day for lkc-1 in env-1, which A pays in its unit Retail."""
    acme = organization()
    orders = cluster("lkc-1", of=acme)
    environment("env-1", of=acme)
    center("A", "Retail")
    center("B", "Food")
    rule("A", of=acme, cluster=orders)
    days = [october(number) for number in (1, 2, 3)]
    lines = [line("10.10", day=day, resource="lkc-1", env="env-1", name="orders") for day in days]
    allocate_days(acme, store(acme, *lines))
    return acme


def page_of(thing, page="change"):
    meta = thing._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=[thing.pk])


def owners():
    return facts("charge_date", "business_unit", "cost_center", "cost_usd")


def charged(*first_three):
    return [
        (october(number), *owner, line("10.10").amount)
        for number, owner in enumerate(first_three, start=1)
    ]


RETAIL, FOOD = ("Retail", "A"), ("Food", "B")


def move_to_b_from_the_second(fay):
    """One row ends and another begins, in one form."""
    stored = AllocationRule.objects.get()
    page = fay.get(page_of(stored.cluster))
    data = filled(page, **{"rules-0-valid_to": "2026-10-02"})
    row = {"cost_center": center("B").pk, "valid_from": "2026-10-02"}
    return post(fay, page, with_row(data, "rules", **row))


def test_it_writes_nothing_at_all_before_the_agreement(acme, fay):
    before = database()

    assert is_preview(move_to_b_from_the_second(fay))

    assert changed(before, database()) == set()


def test_it_shows_what_then_happens(acme, fay):
    preview = move_to_b_from_the_second(fay)
    text = " ".join(preview.content.decode().split())

    assert moves(preview) == [
        ("Food", "B", "$0.00", "$20.20", "$20.20"),
        ("Retail", "A", "$20.20", "$0.00", "\N{MINUS SIGN}$20.20"),
    ]
    assert "<strong>2</strong>, from 2026-10-02 to 2026-10-03 (UTC)" in text
    assert "Moved: <strong>$20.20</strong> (USD)." in text
    assert "Nothing is saved yet." in text
    assert send(fay, preview).status_code == 302
    assert owners() == charged(RETAIL, FOOD, FOOD)
    assert pending() == []
    assert reconcile(october(1), october(4)).differences == []


def test_it_says_what_it_did(acme, fay):
    saved = send(fay, move_to_b_from_the_second(fay))

    said = [str(message) for message in fay.get(saved["Location"]).context["messages"]]
    assert len(said) == 2
    assert "was changed successfully" in said[0]
    # The day before is covered by no change: only two days are pending.
    assert said[1] == "Allocated again. Days: 2, of them changed: 2."


def test_it_names_who_did_it_in_every_history(acme, fay):
    send(fay, move_to_b_from_the_second(fay))

    ended, made = (
        AllocationRule.history.filter(valid_from=day).latest() for day in ("2026-01-01", october(2))
    )
    target = AllocationTarget.history.latest()
    assert [str(each.history_user) for each in (ended, made, target)] == ["Fay"] * 3
    assert [each.history_type for each in (ended, made, target)] == ["~", "+", "+"]
    assert str(LogEntry.objects.get().user) == "Fay"


def test_it_shows_the_preview_again_when_rules_changed_meanwhile(acme, fay):
    preview = move_to_b_from_the_second(fay)
    rule("C", of=acme, cluster=AllocationRule.objects.get().cluster, line_type="KAFKA_STORAGE")
    before = database()

    again = send(fay, preview)

    assert is_preview(again)
    assert moves(again) != []
    assert changed(before, database()) == set()
    assert send(fay, again).status_code == 302


def test_it_takes_no_agreement_to_what_was_not_shown(acme, fay):
    page = fay.get(page_of(AllocationRule.objects.get().cluster))
    row = {"cost_center": center("B").pk, "valid_from": "2026-10-01", "product": "KAFKA"}
    before = database()

    for agreed in ("", "0", "x", str(current_revision() + 1), str(current_revision() - 1)):
        data = with_row(filled(page, _agreed=agreed), "rules", **row)
        assert is_preview(post(fay, page, data))

    assert changed(before, database()) == set()


def test_it_saves_at_once_what_moves_nothing(acme, fay):
    page = fay.get(page_of(center("A")))

    saved = send(fay, page, name="Retail shops", contact="ada@example.com")

    assert saved.status_code == 302
    assert center("A").name == "Retail shops"


def test_it_saves_at_once_a_rule_before_all_charges(acme, fay):
    """A rule for days without any bill."""
    page = fay.get(page_of(AllocationRule.objects.get().cluster))
    row = {"cost_center": center("B").pk, "valid_from": "2025-01-01", "valid_to": "2025-02-01"}

    assert post(fay, page, with_row(filled(page), "rules", **row)).status_code == 302
    assert AllocationRule.objects.count() == 2


def test_it_previews_the_deletion_of_a_rule(acme, fay):
    page = fay.get(page_of(AllocationRule.objects.get(), "delete"))
    before = database()

    preview = send(fay, page)

    assert is_preview(preview)
    assert moves(preview) == [
        ("Retail", "A", "$30.30", "$0.00", "\N{MINUS SIGN}$30.30"),
        (NOBODY, NOBODY, "$0.00", "$30.30", "$30.30"),
    ]
    assert changed(before, database()) == set()
    assert send(fay, preview)["Location"] == "/admin/costs/allocationrule/"
    assert owners() == charged(*[(NOBODY, NOBODY)] * 3)
    assert str(AllocationRule.history.latest().history_user) == "Fay"


def test_it_previews_a_new_business_unit_of_a_cost_center(acme, fay):
    page = fay.get(page_of(center("A")))
    unit = CostCenterPlacement.objects.get(cost_center__code="B").business_unit
    data = filled(page, **{"placements-0-valid_to": "2026-10-03"})

    preview = post(
        fay, page, with_row(data, "placements", business_unit=unit.pk, valid_from="2026-10-03")
    )

    assert moves(preview) == [
        ("Food", "A", "$0.00", "$10.10", "$10.10"),
        ("Retail", "A", "$10.10", "$0.00", "\N{MINUS SIGN}$10.10"),
    ]
    assert send(fay, preview).status_code == 302
    assert owners() == charged(RETAIL, RETAIL, ("Food", "A"))


def test_it_previews_a_new_code(acme, fay):
    preview = send(fay, fay.get(page_of(center("A"))), code="A1")

    assert is_preview(preview)
    assert send(fay, preview).status_code == 302
    assert owners() == charged(*[("Retail", "A1")] * 3)


def test_it_previews_what_is_changed_in_a_popup(acme, fay):
    """The pencil beside a cost center or business unit opens one."""
    page = fay.get(f"{page_of(center('A'))}?_to_field=id&_popup=1")

    preview = send(fay, page, code="A1")

    assert is_preview(preview)
    answer = send(fay, preview)
    assert b'id="django-admin-popup-response-constants"' in answer.content
    assert (owners(), pending()) == (charged(*[("Retail", "A1")] * 3), [])


def test_it_previews_a_tag(acme, fay):
    rule("B", of=acme, tagged=("team", "food"), product="KAFKA")
    AllocationRule.objects.get(cluster__isnull=False).delete()
    allocate_days(acme, [october(number) for number in (1, 2, 3)])
    page = fay.get(page_of(tagged := acme.clusters.get()))
    row = {"key": "team", "value": "food", "valid_from": "2026-10-02", "valid_to": "2026-10-03"}

    preview = post(fay, page, with_row(filled(page), "tags", **row))

    assert [move[:2] for move in moves(preview)] == [("Food", "B"), (NOBODY, NOBODY)]
    assert send(fay, preview).status_code == 302
    assert owners() == charged((NOBODY, NOBODY), FOOD, (NOBODY, NOBODY))
    assert tagged.tags.get().value == "food"


def test_it_previews_a_policy(acme, fay):
    allocate_days(acme, store(acme, support(7, day=october(9))))
    made = policy("SUPPORT", "central", "B", of=acme, valid_to=october(1))
    page = fay.get(page_of(made))

    preview = send(fay, page, valid_to="")

    assert moves(preview) == [
        ("Food", "B", "$0.00", "$7.00", "$7.00"),
        (NOBODY, NOBODY, "$7.00", "$0.00", "\N{MINUS SIGN}$7.00"),
    ]
    assert send(fay, preview).status_code == 302
    assert facts("business_unit", charge_date=october(9)) == [("Food",)]


def test_it_says_so_when_only_the_rule_is_another(acme, fay):
    """A paid already, by the tag; now the resource itself says so."""
    tag(acme.clusters.get(), "team", "shops")
    AllocationRule.objects.get().delete()
    rule("A", of=acme, tagged=("team", "shops"))
    allocate_days(acme, [october(number) for number in (1, 2, 3)])
    page = fay.get(page_of(acme.clusters.get()))
    row = {"cost_center": center("A").pk, "valid_from": "2026-10-01"}

    preview = post(fay, page, with_row(filled(page), "rules", **row))

    assert is_preview(preview)
    assert moves(preview) == []
    assert b"No owner pays visibly more or less" in preview.content


@pytest.mark.parametrize(
    ("button", "leads_to"),
    [("_save", "/admin/costs/allocationrule/"), ("_continue", "change/"), ("_addanother", "add/")],
)
def test_it_goes_where_the_button_said_after_the_preview(acme, fay, button, leads_to):
    page = fay.get(page_of(AllocationRule.objects.get()))

    preview = send(fay, page, valid_from="2026-10-03", **{button: "Save"})

    assert is_preview(preview)
    assert send(fay, preview)["Location"].endswith(leads_to)


def test_it_cancels_to_the_page_with_nothing_saved(acme, fay):
    preview = move_to_b_from_the_second(fay)
    address = page_of(AllocationRule.objects.get().cluster)

    assert f'<a class="closelink" href="{address}">Cancel</a>' in preview.content.decode()
