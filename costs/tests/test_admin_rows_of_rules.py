"""Rules as rows on the page of their resource or environment, one payer a row."""

import pytest
from django.urls import reverse

from costs.admin.forms import first_of_month
from costs.allocation import allocate_days
from costs.models import AllocationRule
from costs.tests.browsing import changed, curated, filled, is_preview, post, send, with_row
from costs.tests.ownership import (
    center,
    cluster,
    environment,
    facts,
    line,
    october,
    organization,
    pending,
    rule,
    store,
)

A, B, NOBODY = "A", "B", "Unallocated"


@pytest.fixture
def acme(db):
    """1 USD on the 1st, the 10th, the 15th and the 20th of October for lkc-1 in env-1."""
    acme = organization()
    cluster("lkc-1", of=acme)
    environment("env-1", of=acme)
    days = [october(number) for number in (1, 10, 15, 20)]
    lines = [line(1, day=day, resource="lkc-1", env="env-1") for day in days]
    center(A), center(B)
    allocate_days(acme, store(acme, *lines))
    return acme


def page_of(thing):
    name = f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change"
    return reverse(name, args=[thing.pk])


def save(client, page, data):
    """Send the form and agree to the preview, if there is one."""
    answer = post(client, page, data)
    return send(client, answer) if is_preview(answer) else answer


def payers():
    return [facts("cost_center", charge_date=october(day))[0][0] for day in (1, 10, 15, 20)]


def ranges():
    rules = AllocationRule.objects.order_by("valid_from", "pk")
    return [(each.payers(), each.valid_from, each.valid_to) for each in rules]


@pytest.mark.parametrize("things", ["clusters", "environments"])
def test_it_makes_a_rule_of_a_row(acme, fay, things):
    page = fay.get(page_of(getattr(acme, things).get()))
    row = {"cost_center": center(A).pk, "valid_from": "2026-10-10", "valid_to": "2026-10-20"}

    assert save(fay, page, with_row(filled(page), "rules", **row)).status_code == 302

    assert payers() == [NOBODY, A, A, NOBODY]
    assert ranges() == [(A, october(10), october(20))]
    assert AllocationRule.objects.get().selector == {"clusters": "cluster"}.get(
        things, "environment"
    )


def test_it_closes_a_row_and_opens_another_in_one_form(acme, fay):
    rule(A, of=acme, cluster=acme.clusters.get(), valid_from=october(1))
    page = fay.get(page_of(acme.clusters.get()))
    data = filled(page, **{"rules-0-valid_to": "2026-10-15"})
    row = {"cost_center": center(B).pk, "valid_from": "2026-10-15"}

    assert save(fay, page, with_row(data, "rules", **row)).status_code == 302

    assert ranges() == [(A, october(1), october(15)), (B, october(15), None)]
    assert (payers(), pending()) == ([A, A, B, B], [])


@pytest.fixture
def two_rows(acme, fay):
    """A until the 15th, then B; the newer row stands first."""
    orders = acme.clusters.get()
    rule(A, of=acme, cluster=orders, valid_from=october(1), valid_to=october(15))
    rule(B, of=acme, cluster=orders, valid_from=october(15))
    return fay.get(page_of(orders))


def test_it_moves_the_day_between_two_rows_to_a_later_one(two_rows, fay):
    later = {"rules-0-valid_from": "2026-10-20", "rules-1-valid_to": "2026-10-20"}

    assert save(fay, two_rows, filled(two_rows, **later)).status_code == 302

    assert ranges() == [(A, october(1), october(20)), (B, october(20), None)]
    assert payers() == [A, A, A, B]


def test_it_moves_the_day_between_two_rows_to_an_earlier_one(two_rows, fay):
    earlier = {"rules-0-valid_from": "2026-10-10", "rules-1-valid_to": "2026-10-10"}

    assert save(fay, two_rows, filled(two_rows, **earlier)).status_code == 302

    assert ranges() == [(A, october(1), october(10)), (B, october(10), None)]
    assert payers() == [A, B, B, B]


def test_it_deletes_a_row_and_extends_the_newer_one_over_its_days(two_rows, fay):
    extended = {"rules-0-valid_from": "2026-10-01", "rules-1-DELETE": "on"}

    assert save(fay, two_rows, filled(two_rows, **extended)).status_code == 302

    assert ranges() == [(B, october(1), None)]
    assert payers() == [B, B, B, B]


def test_it_deletes_a_row_and_extends_the_older_one_over_its_days(two_rows, fay):
    extended = {"rules-1-valid_to": "", "rules-0-DELETE": "on"}

    assert save(fay, two_rows, filled(two_rows, **extended)).status_code == 302

    assert ranges() == [(A, october(1), None)]
    assert payers() == [A, A, A, A]


def test_it_charges_a_row_to_another_cost_center(two_rows, fay):
    other = filled(two_rows, **{"rules-0-cost_center": center("C").pk})

    assert save(fay, two_rows, other).status_code == 302

    assert ranges() == [(A, october(1), october(15)), ("C", october(15), None)]
    assert AllocationRule.objects.get(valid_from=october(15)).targets.get().percent == 100


def test_it_keeps_rows_of_different_line_types_apart(acme, fay):
    page = fay.get(page_of(acme.clusters.get()))
    data = filled(page)
    for code, line_type in ((A, ""), (B, "KAFKA_STORAGE")):
        row = {"cost_center": center(code).pk, "valid_from": "2026-10-01", "line_type": line_type}
        data = with_row(data, "rules", **row)

    assert save(fay, page, data).status_code == 302

    assert AllocationRule.objects.count() == 2
    assert payers() == [B, B, B, B]


def test_it_shows_a_split_and_leaves_it_to_the_page_of_the_rule(acme, fay):
    split = rule({A: 60, B: 40}, of=acme, cluster=acme.clusters.get())
    page = fay.get(page_of(acme.clusters.get()))
    content = page.content.decode()

    assert 'value="60 % A, 40 % B"' in content
    assert f'<a href="/admin/costs/allocationrule/{split.pk}/change/">' in content
    assert "rules-0-cost_center" not in filled(page)


def test_it_keeps_a_split_whose_days_are_changed(acme, fay):
    rule({A: 60, B: 40}, of=acme, cluster=acme.clusters.get())
    page = fay.get(page_of(acme.clusters.get()))
    forged = {"rules-0-valid_to": "2026-10-10", "rules-0-cost_center": center("C").pk}

    assert save(fay, page, filled(page, **forged)).status_code == 302

    assert [each[0] for each in ranges()] == ["60 % A, 40 % B"]
    assert AllocationRule.objects.get().valid_to == october(10)


def test_it_leaves_the_rule_of_another_resource_alone(acme, fay):
    """A form that somebody forged: the row's id is that of another resource's rule."""
    other = rule(A, of=acme, cluster=cluster("lkc-2", of=acme), valid_from=october(1))
    rule(B, of=acme, cluster=acme.clusters.get(cluster_id="lkc-1"), valid_from=october(1))
    page = fay.get(page_of(acme.clusters.get(cluster_id="lkc-1")))
    forged = {"rules-0-id": other.pk, "rules-0-valid_to": "2026-10-02", "rules-0-DELETE": "on"}
    before = ranges()

    for fields in (forged, {**forged, "rules-0-DELETE": None}):
        save(fay, page, filled(page, **fields))

    assert ranges() == before


def test_it_keeps_the_resource_of_a_forged_row(acme, fay):
    other, orders = cluster("lkc-2", of=acme), acme.clusters.get(cluster_id="lkc-1")
    page = fay.get(page_of(orders))
    row = {"cost_center": center(A).pk, "valid_from": "2026-10-01", "cluster": other.pk}
    before = curated()

    answer = post(fay, page, with_row(filled(page), "rules", **row))

    assert (answer.status_code, is_preview(answer)) == (200, False)
    assert changed(before, curated()) == set()


def test_it_leaves_an_untouched_empty_row_alone(acme, fay):
    page = fay.get(page_of(acme.clusters.get()))

    untouched = with_row(filled(page), "rules", valid_from=first_of_month())

    assert save(fay, page, untouched).status_code == 302

    assert not AllocationRule.objects.exists()
