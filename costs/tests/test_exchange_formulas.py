"""A spreadsheet does not run what people typed, and they get back exactly that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costs.exchange import BusinessUnitResource
from costs.exchange.cells import guarded, unguarded
from costs.tests.exchanged import CSV, XLSX, sent
from dimensions.models import BusinessUnit


@given(st.text())
def test_a_guarded_text_is_read_as_it_was(text):
    assert unguarded(guarded(text)) == text


@given(st.sampled_from("=+-@\t\r\n"), st.text())
def test_no_cell_begins_as_a_formula(first, rest):
    assert guarded(first + rest).startswith("'")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_is_exported_as_text(db, first):
    BusinessUnit.objects.create(code="RETAIL", name=f"{first}cmd|'/c calc'!A1")

    (row,) = CSV.create_dataset(sent(BusinessUnitResource)).dict
    (in_xlsx,) = XLSX.create_dataset(sent(BusinessUnitResource, XLSX)).dict
    assert row["name"].startswith(f"'{first}")
    assert in_xlsx["name"].startswith("'")


def test_a_cell_with_the_apostrophe_is_imported_without(db):
    result = BusinessUnitResource().import_data(
        CSV.create_dataset("code,name\nRETAIL,'=1+1\nFOOD,'quoted'\n")
    )

    assert result.problems == []
    names = dict(BusinessUnit.objects.values_list("code", "name"))
    assert names == {"RETAIL": "=1+1", "FOOD": "'quoted'"}
