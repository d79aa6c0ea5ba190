"""A dry run shows the difference and the dollars that it moves, and stores nothing."""

from decimal import Decimal

import pytest

from costs.allocation import allocate_days
from costs.exchange import AllocationRuleResource, CostCenterResource
from costs.models import AllocationRule
from costs.movement import OwnerMoved
from costs.tests.exchanged import problems, read, stored
from costs.tests.ownership import center, cluster, line, organization, rule, store


@pytest.fixture
def billed(db):
    of = organization()
    kafka = cluster("lkc-1", of=of)
    center("CC-200", "FOOD")
    center("CC-100", "RETAIL")
    made = rule("CC-100", of=of, cluster=kafka)
    allocate_days(of, store(of, line("10", resource="lkc-1"), line("5", resource="lkc-2")))
    return made


def test_it_shows_what_each_owner_gains_and_loses(billed):
    before = stored()

    result = read(
        AllocationRuleResource,
        f"id | selects | valid_from | targets\n{billed.pk} | cluster | 2026-01-01 | "
        "CC-100: 75; CC-200: 25",
        dry_run=True,
    )

    assert problems(result) == []
    assert result.movement.owners == [
        OwnerMoved("FOOD", "CC-200", Decimal(0), Decimal("2.5")),
        OwnerMoved("RETAIL", "CC-100", Decimal(10), Decimal("7.5")),
    ]
    assert stored() == before


def test_it_shows_the_difference_of_every_cell(billed):
    result = read(CostCenterResource, "code | name\nCC-100 | Checkout\nCC-200 |", dry_run=True)

    changed, same = result.rows
    shown = dict(zip(result.diff_headers, changed.diff, strict=True))
    assert "<ins" in shown["name"]
    assert "Checkout" in shown["name"]
    assert "<ins" not in shown["business_units"]
    assert (changed.import_type, same.import_type) == ("update", "skip")


def test_an_import_that_moves_nothing_says_so(billed):
    result = read(CostCenterResource, "code | name\nCC-100 | Checkout", dry_run=True)

    assert result.movement.moves_nothing


def test_a_file_with_errors_moves_nothing(billed):
    result = read(CostCenterResource, "code | business_units\nCC-100 | X", dry_run=True)

    assert problems(result)
    assert result.movement is None


def test_it_refuses_what_the_database_would_refuse_at_the_end(billed, monkeypatch):
    monkeypatch.setattr("costs.exchange.rules.charge", lambda *arguments: None)

    result = read(
        AllocationRuleResource,
        "organization | selects | valid_from | targets\no-1 | organization | 2026-01-01 | CC-100",
        dry_run=True,
    )

    (problem,) = problems(result)
    assert "are 0 together, not 100" in problem
    assert AllocationRule.objects.count() == 1
