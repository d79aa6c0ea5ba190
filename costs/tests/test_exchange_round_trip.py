"""What is exported is imported again without a difference."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from costs.models import AllocationRule
from costs.tests.exchanged import CSV, RESOURCES, XLSX, problems, sent, stored, totals
from costs.tests.ownership import center, cluster, environment, organization, rule
from dimensions.models import BusinessUnit, CostCenter

AWKWARD = 'Ähre, "quoted"; semicolon\r\nsecond line\n=third'


@pytest.fixture
def curated(db):
    BusinessUnit.objects.create(code="RETAIL", name="=1+1", contact="@ines", notes=AWKWARD)
    BusinessUnit.objects.create(code="R&D from 2025", name="'=kept", contact="-", notes=" ")
    center("4410", "RETAIL", date(2026, 1, 1), date(2026, 7, 1))
    center("4410", "R&D from 2025", date(2026, 7, 1))
    center("CC-200")
    of = organization()
    kafka = cluster("lkc-1", of=of)
    rule({"4410": "33.3333", "CC-200": "66.6667"}, of=of, cluster=kafka, notes=AWKWARD)
    rule("4410", of=of, pattern=r"^-prod|\t=", product="KAFKA", priority=-3)
    rule("4410", of=of, pattern="\ttab", valid_to=date(2026, 10, 15))
    rule("CC-200", of=of, tagged=("team ", " =checkout"))
    rule("CC-200", of=of, environment=environment("env-1", of=of), line_type="KAFKA_STORAGE")
    rule("CC-200", of=of)


@pytest.mark.parametrize("file_format", [CSV, XLSX], ids=["csv", "xlsx"])
@pytest.mark.parametrize("resource", RESOURCES)
def test_an_export_imported_again_changes_nothing(curated, resource, file_format):
    before, rows = stored(), resource._meta.model.objects.count()

    result = resource().import_data(file_format.create_dataset(sent(resource, file_format)))

    assert (problems(result), totals(result)) == ([], {"skip": rows})
    assert stored() == before


@pytest.mark.parametrize("resource", RESOURCES)
def test_unchanged_rows_cost_no_statements(curated, resource):
    def statements():
        exported = CSV.create_dataset(sent(resource))
        with CaptureQueriesContext(connection) as captured:
            resource().import_data(exported)
        return sum("SAVEPOINT" not in each["sql"] for each in captured)

    before = statements()
    for number in range(5):
        center(f"CC-{number}", f"BU-{number}")
        rule(f"CC-{number}", of=organization(), pattern=f"^team-{number}")

    assert statements() == before


@pytest.mark.parametrize("file_format", [CSV, XLSX], ids=["csv", "xlsx"])
def test_exports_imported_into_an_empty_portal_bring_everything_back(curated, file_format):
    files = [file_format.create_dataset(sent(resource, file_format)) for resource in RESOURCES]
    before = everything()
    for model in (AllocationRule, CostCenter, BusinessUnit):
        model.objects.all().delete()
    rules = files[-1]
    files[-1] = rules.subset(cols=[name for name in rules.headers if name != "id"])

    for resource, file in zip(RESOURCES, files, strict=True):
        assert problems(resource().import_data(file)) == []

    if file_format is XLSX:  # XML knows one line end.
        before = [{key: cell.replace("\r\n", "\n") for key, cell in row.items()} for row in before]
    assert sorted(map(str, everything())) == sorted(map(str, before))


def everything():
    rows = [row for resource in RESOURCES for row in resource().export().dict]
    return [{key: cell for key, cell in row.items() if key != "id"} for row in rows]
