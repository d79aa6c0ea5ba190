"""Files that people write: few columns, codes instead of ids, numbers that spreadsheets made."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from tablib import Dataset

from costs.exchange import AllocationRuleResource, BusinessUnitResource, CostCenterResource
from costs.models import AllocationRule, AllocationTarget
from costs.tests.exchanged import CSV, problems, read, totals
from costs.tests.ownership import center, cluster, organization, rule
from dimensions.models import BusinessUnit, CostCenter, CostCenterPlacement


def placements():
    return list(
        CostCenterPlacement.objects.order_by("cost_center__code", "valid_from").values_list(
            "cost_center__code", "business_unit__code", "valid_from", "valid_to"
        )
    )


def targets():
    return list(
        AllocationTarget.objects.order_by("rule__valid_from", "cost_center__code").values_list(
            "rule__valid_from", "rule__valid_to", "cost_center__code", "percent"
        )
    )


def test_units_and_centers_are_found_by_code(db):
    center("CC-100", "RETAIL")
    BusinessUnit.objects.create(code="FOOD")

    result = read(
        CostCenterResource,
        """
        code   | name     | business_units
        CC-100 | Checkout | RETAIL from 2026-01-01 until 2026-07-01; FOOD from 2026-07-01
        CC-200 | Loyalty  | FOOD from 2026-02-01
        CC-300 |          |
        """,
    )

    assert (problems(result), totals(result)) == ([], {"new": 2, "update": 1})
    assert placements() == [
        ("CC-100", "RETAIL", date(2026, 1, 1), date(2026, 7, 1)),
        ("CC-100", "FOOD", date(2026, 7, 1), None),
        ("CC-200", "FOOD", date(2026, 2, 1), None),
    ]
    assert CostCenter.objects.get(code="CC-100").name == "Checkout"


def test_a_column_that_is_left_out_keeps_what_is_stored(db):
    center("CC-100", "RETAIL")

    result = read(CostCenterResource, "code | name\nCC-100 | Checkout")

    assert problems(result) == []
    assert placements() == [("CC-100", "RETAIL", date(2026, 1, 1), None)]


def test_a_rule_needs_no_more_than_what_it_selects_and_who_pays(db):
    cluster("lkc-1", of=organization())
    center("CC-100")
    center("CC-200")

    result = read(
        AllocationRuleResource,
        """
        selects | resource | valid_from | valid_to   | targets
        cluster | lkc-1    | 2026-01-01 | 2026-07-01 | CC-100
        cluster | lkc-1    | 2026-07-01 |            | CC-100: 60; CC-200: 40 %
        """,
    )

    assert problems(result) == []
    first, then = date(2026, 1, 1), date(2026, 7, 1)
    assert targets() == [
        (first, then, "CC-100", Decimal(100)),
        (then, None, "CC-100", Decimal(60)),
        (then, None, "CC-200", Decimal(40)),
    ]


def test_numbers_and_dates_of_a_spreadsheet_are_understood(db):
    of = organization()
    cluster("lkc-1", of=of)
    center("4410")
    rows = Dataset(
        ["cluster", "lkc-1", datetime(2026, 7, 1), 2.0, 4410, None],
        [None, None, None, None, None, None],
        headers=["selects", "resource", "valid_from", "priority", "targets", "valid_to"],
    )

    result = AllocationRuleResource().import_data(rows)

    assert problems(result) == []
    assert targets() == [(date(2026, 7, 1), None, "4410", Decimal(100))]
    assert AllocationRule.objects.get().priority == 2


def test_semicolons_between_the_columns_are_understood(db):
    result = BusinessUnitResource().import_data(
        CSV.create_dataset("code;name\r\nRETAIL;Shops, and more\r\n")
    )

    assert problems(result) == []
    assert BusinessUnit.objects.get().name == "Shops, and more"


def test_a_rule_that_ends_makes_room_for_the_one_above_it(db):
    of = organization()
    before = rule("CC-100", of=of, cluster=cluster("lkc-1", of=of))
    center("CC-200")

    result = read(
        AllocationRuleResource,
        f"""
        id          | selects | resource | valid_from | valid_to   | targets
                    | cluster | lkc-1    | 2026-07-01 |            | CC-200
        {before.pk} | cluster | lkc-1    | 2026-01-01 | 2026-07-01 | CC-100
        """,
    )

    assert problems(result) == []
    assert [row.import_type for row in result.rows] == ["new", "update"]
    assert [target[2] for target in targets()] == ["CC-100", "CC-200"]


@pytest.mark.parametrize(
    ("business_units", "history"),
    [
        ("RETAIL from 2026-01-01 until 2026-09-01; FOOD from 2026-09-01", "++-~+"),
        ("FOOD from 2026-01-01", "++--+"),
        ("", "++--"),
    ],
)
def test_placements_become_what_the_cell_says(db, business_units, history):
    center("CC-100", "RETAIL", date(2026, 1, 1), date(2026, 7, 1))
    center("CC-100", "FOOD", date(2026, 7, 1))

    result = read(CostCenterResource, f"code | business_units\nCC-100 | {business_units}")

    assert problems(result) == []
    kinds = CostCenterPlacement.history.order_by("history_id").values_list("history_type")
    assert "".join(kind for (kind,) in kinds) == history
    exported = CostCenterResource().export().dict[0]["business_units"]
    assert exported == business_units


def test_an_import_leaves_its_history(db):
    center("CC-100")
    of = organization()

    AllocationRuleResource().import_data(
        CSV.create_dataset(
            f"organization,selects,valid_from,targets\n{of.org_id},organization,2026-01-01,CC-100\n"
        ),
        file_name="rules.csv",
    )

    for model in (AllocationRule, AllocationTarget):
        assert model.history.get().history_change_reason == "Imported from rules.csv"
