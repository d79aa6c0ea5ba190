"""A file with an error changes nothing and is told what is wrong where, and what is allowed."""

from datetime import date

import pytest

from costs.exchange import AllocationRuleResource, BusinessUnitResource, CostCenterResource
from costs.exchange.files import MAX_ROWS
from costs.tests.exchanged import CSV, problems, read, stored
from costs.tests.ownership import center, cluster, environment, organization, rule
from dimensions.models import BusinessUnit


@pytest.fixture
def portal(db):
    of, other = organization("o-1"), organization("o-2")
    cluster("lkc-1", of=of)
    cluster("lkc-2", of=other)
    environment("env-1", of=of)
    center("CC-100", "RETAIL")
    center("CC-200", "FOOD")
    rule("CC-100", of=of, pattern="^prod", valid_to=date(2026, 7, 1), pk=7)


RULE = {"organization": "o-1", "selects": "organization", "valid_from": "2026-01-01",
        "targets": "CC-100"}  # fmt: skip


def read_rule(**cells):
    row = {name: cell for name, cell in (RULE | cells).items() if cell is not None}
    text = " | ".join(row) + "\n" + " | ".join(row.values())
    return read(AllocationRuleResource, text)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"organization": "o-3"},
         "Row 2: organization: There is no organization “o-3”. Did you mean o-2 or o-1?"),
        ({"organization": ""},
         "Row 2: organization: Needed where no resource or environment is named."),
        ({"selects": "clusters"},
         "Row 2: selects: “clusters” is not one of: cluster, pattern, tag, environment, "
         "organization."),
        ({"selects": "cluster", "resource": "lkc-9"},
         "Row 2: resource: There is no resource “lkc-9” in o-1. Did you mean lkc-1?"),
        ({"selects": "cluster", "resource": "lkc-2"},
         "Row 2: resource: There is no resource “lkc-2” in o-1. Did you mean lkc-1?"),
        ({"selects": "environment", "environment": "x"},
         "Row 2: environment: There is no environment “x” in o-1. Use env-1."),
        ({"selects": "cluster"}, "Row 2: resource: Needed for what the rule selects."),
        ({"tag_key": "team"}, "Row 2: tag_key: Leave it empty for what the rule selects."),
        ({"selects": "pattern", "name_pattern": "(prod"},
         "Row 2: name_pattern: PostgreSQL does not take this expression: parentheses () not "
         "balanced."),
        ({"selects": "pattern", "name_pattern": "^prod"},
         "Row 2: valid_from: The same charges are selected by rule 7 from 2026-01-01 until "
         "2026-07-01; end that one first."),
        ({"valid_from": "01.07.2026"},
         "Row 2: valid_from: “01.07.2026” is not a day; write it like 2026-07-01."),
        ({"valid_from": ""},
         "Row 2: valid_from: Say from which day on the rule holds, like 2026-07-01."),
        ({"valid_to": "2026-01-01"},
         "Row 2: valid_to: “2026-01-01” is not after “2026-01-01”; it is the day on which the "
         "rule holds no more."),
        ({"priority": "high"}, "Row 2: priority: “high” is not a whole number."),
        ({"priority": "40000"},
         "Row 2: priority: Ensure this value is less than or equal to 32767."),
        ({"targets": ""}, "Row 2: targets: Say who pays, like “CC-100: 60; CC-200: 40”."),
        ({"targets": "CC-101"},
         "Row 2: targets: There is no cost center “CC-101”. Did you mean CC-100 or CC-200?"),
        ({"targets": "CC-100: 60; CC-200: 30"},
         "Row 2: targets: The percents of “CC-100: 60; CC-200: 30” are 90 together, not 100."),
        ({"targets": "CC-100: 60; CC-100: 40"}, "Row 2: targets: CC-100 stands there twice."),
        ({"targets": "CC-100: 99,5; CC-200: 0.5"},
         "Row 2: targets: “CC-100: 99,5” is not like “CC-100: 60”; a percent is above 0, at most "
         "100, and has at most four decimals after a point."),
        ({"id": "8"}, "Row 2: id: There is no rule 8; leave it empty for a new one."),
        ({"id": "99999999999999999999"},
         "Row 2: id: There is no rule 99999999999999999999; leave it empty for a new one."),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be(portal, cells, problem):
    before = stored()

    result = read_rule(**cells)

    assert problems(result) == [problem]
    assert stored() == before


@pytest.mark.parametrize(
    ("business_units", "problem"),
    [
        ("RETIAL from 2026-01-01", "There is no business unit “RETIAL”. Did you mean RETAIL?"),
        ("RETAIL since 2026-01-01",
         "“RETAIL since 2026-01-01” is not like “RETAIL from 2026-01-01 until 2026-07-01”; "
         "“until” may be left out, and semicolons stand between several."),
        ("RETAIL from 1.1.2026", "“1.1.2026” is not a day; write it like 2026-07-01."),
        ("RETAIL from 2026-02-01 until 2026-01-01",
         "In “RETAIL from 2026-02-01 until 2026-01-01” the end is not after the beginning; it is "
         "exclusive."),
        ("RETAIL from 2026-01-01; FOOD from 2026-02-01",
         "“RETAIL from 2026-01-01” and “FOOD from 2026-02-01” hold on the same days."),
    ],
)  # fmt: skip
def test_a_placement_that_cannot_be(portal, business_units, problem):
    before = stored()

    result = read(CostCenterResource, f"code | business_units\nCC-300 | {business_units}")

    assert problems(result) == [f"Row 2: business_units: {problem}"]
    assert stored() == before


def test_one_bad_row_keeps_every_other_out(portal):
    before = stored()

    result = read(
        BusinessUnitResource,
        """
        code        | name
        SHOPS       | Shops
        Unallocated | Nobody
        FOOD;       | Food
        FOOD        | Food again
        FOOD        | And again
                    | Without a code
        """,
    )

    assert problems(result) == [
        "Row 3: code: “Unallocated” stands for costs that nobody owns.",
        "Row 4: code: Use letters, digits, spaces and . _ / & - (at the ends neither).",
        "Row 6: code: “FOOD” stands in row 5 already.",
        "Row 7: code: This field cannot be blank.",
    ]
    assert stored() == before


def test_rules_of_different_things_may_hold_at_once(portal):
    cluster("lkc-3", of=organization("o-1"))

    result = AllocationRuleResource().import_data(
        CSV.create_dataset(
            "selects,resource,valid_from,targets\n"
            "cluster,lkc-1,2026-01-01,CC-100\n"
            "cluster,lkc-3,2026-01-01,CC-100\n"
        )
    )

    assert problems(result) == []


def test_two_rows_that_select_the_same_are_named(portal):
    row = "o-1,organization,2026-01-01,CC-100\n"

    result = AllocationRuleResource().import_data(
        CSV.create_dataset(f"organization,selects,valid_from,targets\n{row}{row}")
    )

    assert problems(result) == [
        "Row 3: valid_from: The same charges are selected by the rule of row 2 from 2026-01-01 "
        "on; end that one first."
    ]


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("name", "The column “code” is missing."),
        ("code,nmae", "There is no column “nmae”."),
        ("code,name,name", "The column “name” is there twice."),
    ],
)
def test_unknown_columns_are_not_passed_over(db, header, problem):
    cells = ",".join("x" for _ in header.split(","))

    result = BusinessUnitResource().import_data(CSV.create_dataset(f"{header}\n{cells}\n"))

    columns = "Columns are: code, name, contact, notes; needed: code."
    assert problems(result) == [f"{problem} {columns}"]


def test_no_more_rows_are_taken_than_a_person_waits_for(db):
    rows = "".join(f"BU-{number}\n" for number in range(MAX_ROWS + 1))

    result = BusinessUnitResource().import_data(CSV.create_dataset(f"code\n{rows}"))

    assert problems(result) == ["The file has more than 2,000 rows; import it in parts."]
    assert not BusinessUnit.objects.exists()
