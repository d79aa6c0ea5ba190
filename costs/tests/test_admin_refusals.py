"""What cannot be is refused in words beside its field, with status 200 and no preview."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils.html import escape

from costs.models import AllocationRule, SharedCostPolicy
from costs.tests.browsing import changed, database, filled, is_preview, post, with_row
from costs.tests.ownership import (
    LONG_AGO,
    center,
    cluster,
    environment,
    october,
    organization,
    policy,
    rule,
)
from dimensions.models import BusinessUnit, CostCenter


@pytest.fixture
def acme(db):
    acme = organization()
    cluster("lkc-1", of=acme)
    environment("env-1", of=acme)
    center("A", "Retail")
    center("B", "Food")
    return acme


def page_of(thing, page="change"):
    name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_{page}"
    return reverse(name, args=[thing.pk] if page == "change" else [])


def refused(client, page, data):
    """Send it; the errors that the answer shows, by field. Nothing is stored."""
    before = database()
    answer = post(client, page, data)
    assert (answer.status_code, is_preview(answer)) == (200, False)
    assert changed(before, database()) == set()
    assert "Please correct the error" in answer.content.decode()
    form = answer.context["adminform"].form
    found = {name: list(said) for name, said in form.errors.items()}
    for inline in answer.context["inline_admin_formsets"]:
        if said := inline.formset.non_form_errors():
            found[inline.formset.prefix] = list(said)
        for each in inline.formset.forms:
            found |= {f"{each.prefix}-{name}": list(said) for name, said in each.errors.items()}
    text = answer.content.decode()
    assert all(f"<li>{escape(said)}</li>" in text for each in found.values() for said in each)
    return found


def test_rows_of_rules_that_overlap(acme, fay):
    rule("A", of=acme, cluster=acme.clusters.get(), valid_from=october(1))
    page = fay.get(page_of(acme.clusters.get()))
    row = {"cost_center": center("B").pk, "valid_from": "2026-10-15"}

    assert refused(fay, page, with_row(filled(page), "rules", **row)) == {
        "rules-1-valid_from": ["Another row holds from 2026-10-01 on; end it first."]
    }


def test_rows_of_placements_that_overlap(acme, fay):
    page = fay.get(page_of(center("A")))
    unit = BusinessUnit.objects.get(code="Food")
    data = filled(page, **{"placements-0-valid_to": "2026-10-15"})
    row = {"business_unit": unit.pk, "valid_from": "2026-10-14"}

    assert refused(fay, page, with_row(data, "placements", **row)) == {
        "placements-1-valid_from": [
            "Another row holds from 2026-01-01 until before 2026-10-15; end it first."
        ]
    }


def test_rows_of_tags_that_overlap(acme, fay):
    page = fay.get(page_of(acme.clusters.get()))
    data = filled(page)
    for value in ("shops", "food"):
        row = {"key": "team", "value": value, "valid_from": "2026-10-01"}
        data = with_row(data, "tags", **row)

    assert refused(fay, page, data) == {
        "tags-1-valid_from": ["Another row holds from 2026-10-01 on; end it first."]
    }


@pytest.mark.parametrize("last", ["2026-09-30", "2026-10-01"])
def test_a_row_that_ends_before_it_begins(acme, fay, last):
    page = fay.get(page_of(acme.clusters.get()))
    row = {"cost_center": center("A").pk, "valid_from": "2026-10-01", "valid_to": last}

    (said,) = refused(fay, page, with_row(filled(page), "rules", **row)).values()

    assert said == ["The last day must come after the first: “valid to” is exclusive."]


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("cost_center", "This field is required."),
        ("valid_from", "This field is required."),
    ],
)
def test_a_row_that_says_too_little(acme, fay, missing, said):
    page = fay.get(page_of(acme.clusters.get()))
    row = {"cost_center": center("A").pk, "valid_from": "2026-10-01", "product": "KAFKA"}
    data = with_row(filled(page), "rules", **row | {missing: ""})

    assert refused(fay, page, data) == {f"rules-0-{missing}": [said]}


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30", "0000-00-00", "9" * 40])
def test_a_day_that_does_not_exist(acme, fay, text):
    page = fay.get(page_of(acme.clusters.get()))
    row = {"cost_center": center("A").pk, "valid_from": text}

    assert refused(fay, page, with_row(filled(page), "rules", **row)) == {
        "rules-0-valid_from": ["Enter a valid date."]
    }


@pytest.fixture
def a_rule(acme, fay):
    """The page of a rule that is 60 % A's and 40 % B's."""
    return fay.get(page_of(rule({"A": 60, "B": 40}, of=acme, cluster=acme.clusters.get())))


@pytest.mark.parametrize(
    ("first", "second", "total"),
    [("60", "39", "99"), ("60", "40.0001", "100.0001"), ("50", "49.9999", "99.9999")],
)
def test_percents_that_are_not_100(a_rule, fay, first, second, total):
    data = filled(a_rule, **{"targets-0-percent": first, "targets-1-percent": second})

    assert refused(fay, a_rule, data) == {
        "targets": [f"The percents are {total} together; they must be 100."]
    }


def test_percents_of_which_one_is_deleted(a_rule, fay):
    assert refused(fay, a_rule, filled(a_rule, **{"targets-1-DELETE": "on"})) == {
        "targets": ["The percents are 60 together; they must be 100."]
    }


@pytest.mark.parametrize("percent", ["0", "-1", "100.0001", "NaN", "1e9", "a half", "33.33333"])
def test_a_percent_that_is_no_share(a_rule, fay, percent):
    data = filled(a_rule, **{"targets-0-percent": percent})

    (row,) = {name.rpartition("-")[0] for name in refused(fay, a_rule, data)}

    assert row == "targets-0"


def test_one_cost_center_twice(a_rule, fay):
    data = filled(a_rule, **{"targets-1-cost_center": center("A").pk})

    errors = refused(fay, a_rule, data)

    assert errors["targets"] == ["Please correct the duplicate data for cost_center."]


def test_a_rule_without_a_payer(acme, fay):
    page = fay.get(page_of(AllocationRule(), "add"))
    said = {"organization": acme.pk, "selector": "organization", "valid_from": "2026-10-01"}

    assert "targets-0-cost_center" in refused(fay, page, filled(page, **said))


SELECTORS = {
    "cluster": ["cluster"],
    "pattern": ["name_pattern"],
    "tag": ["tag_key", "tag_value"],
    "environment": ["environment"],
}


@pytest.mark.parametrize(("selector", "needed"), SELECTORS.items())
def test_a_selector_that_names_nothing(acme, fay, selector, needed):
    page = fay.get(page_of(AllocationRule(), "add"))

    assert refused(fay, page, new_rule(page, acme, selector=selector)) == {
        name: ["Needed for what the rule selects."] for name in needed
    }


@pytest.mark.parametrize("selector", [*SELECTORS, "organization"])
def test_a_selector_that_names_too_much(acme, fay, selector):
    page = fay.get(page_of(AllocationRule(), "add"))
    everything = {
        "cluster": acme.clusters.get().pk, "environment": acme.environments.get().pk,
        "name_pattern": "orders", "tag_key": "team", "tag_value": "food",
    }  # fmt: skip
    beside = everything.keys() - set(SELECTORS.get(selector, []))

    assert refused(fay, page, new_rule(page, acme, selector=selector, **everything)) == {
        name: ["Leave it empty for what the rule selects."] for name in beside
    }


def new_rule(page, acme, **said):
    payer = {"targets-0-cost_center": center("A").pk, "targets-0-percent": "100"}
    return filled(page, organization=acme.pk, valid_from="2026-10-01", **payer, **said)


@pytest.mark.parametrize("pattern", ["(", "[a", "*", "a{2,1}"])
def test_a_pattern_that_is_no_expression(acme, fay, pattern):
    page = fay.get(page_of(AllocationRule(), "add"))

    (said,) = refused(fay, page, new_rule(page, acme, selector="pattern", name_pattern=pattern))[
        "name_pattern"
    ]

    assert said.startswith("PostgreSQL does not take this expression: ")


@pytest.mark.parametrize("kind", ["cluster", "environment"])
def test_a_thing_of_another_organization(acme, fay, kind):
    other = organization("o-2")
    thing = {"cluster": cluster, "environment": environment}[kind](f"{kind}-2", of=other)
    page = fay.get(page_of(AllocationRule(), "add"))

    assert refused(fay, page, new_rule(page, acme, selector=kind, **{kind: thing.pk})) == {
        kind: [f"{kind}-2 belongs to o-2."]
    }


def test_a_rule_beside_another_for_the_same_charges(acme, fay):
    orders = acme.clusters.get()
    other = rule("A", of=acme, cluster=orders, valid_to=date(2027, 1, 1))
    page = fay.get(page_of(AllocationRule(), "add"))

    assert refused(fay, page, new_rule(page, acme, selector="cluster", cluster=orders.pk)) == {
        "__all__": [
            f"Rule {other.pk} selects the same charges from {LONG_AGO} until before 2027-01-01. "
            "End it first, or choose other days."
        ]
    }


@pytest.mark.parametrize(
    "code", ["", "Unallocated", "unallocated", "a,b", "a:b", "a;b", "-a", "a" * 61, "A"]
)
@pytest.mark.parametrize("model", [CostCenter, BusinessUnit])
def test_a_code_that_cannot_be_used(acme, fay, model, code):
    model.objects.get_or_create(code="A")
    page = fay.get(page_of(model(), "add"))

    assert list(refused(fay, page, filled(page, code=code))) == ["code"]


def test_a_policy_beside_another(acme, fay):
    policy("SUPPORT", "even", of=acme)
    page = fay.get(page_of(SharedCostPolicy(), "add"))
    said = {"organization": acme.pk, "line_type": "SUPPORT", "valid_from": "2026-10-01"}

    assert refused(fay, page, filled(page, method="even", **said)) == {
        "__all__": ["Another policy holds for this line type on some of these days."]
    }


def test_a_policy_whose_payers_do_not_fit_its_method(acme, fay):
    page = fay.get(page_of(SharedCostPolicy(), "add"))
    said = {"organization": acme.pk, "line_type": "SUPPORT", "valid_from": "2026-10-01"}
    half = {"cost_center": center("A").pk, "percent": "50"}

    assert refused(fay, page, filled(page, method="fixed", **said)) == {
        "targets": ["The percents are 0 together; they must be 100."]
    }
    fixed = with_row(filled(page, method="fixed", **said), "targets", **half)
    assert refused(fay, page, fixed) == {
        "targets": ["The percents are 50 together; they must be 100."]
    }
    even = with_row(filled(page, method="even", **said), "targets", **half)
    assert refused(fay, page, even) == {
        "targets": ["Targets are for fixed percents only; delete them."]
    }
    assert refused(fay, page, filled(page, method="even", cost_center=center("A").pk, **said)) == {
        "__all__": ["Only “to one cost center” takes a cost center here."]
    }


@pytest.mark.parametrize("owner", [CostCenter, BusinessUnit])
def test_an_owner_in_use_is_not_deleted(acme, fay, owner):
    rule("A", of=acme)
    used = {CostCenter: "A", BusinessUnit: "Retail"}[owner]
    address = page_of(owner(), "changelist") + f"{owner.objects.get(code=used).pk}/delete/"
    before = database()

    answer = fay.post(address, {"post": "yes"})

    assert answer.status_code == 200
    assert "would require deleting the following protected related objects" in (
        " ".join(answer.content.decode().split())
    )
    assert changed(before, database()) == set()
