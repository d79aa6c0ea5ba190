"""What the database itself refuses about owners, placements and tags."""

from contextlib import contextmanager
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from dimensions.models import (
    BusinessUnit,
    Cluster,
    ClusterTag,
    CostCenter,
    CostCenterPlacement,
    Organization,
)

pytestmark = pytest.mark.django_db
OWNERS = [
    (BusinessUnit, "dimensions_business_units_code_clean"),
    (CostCenter, "dimensions_cost_centers_code_clean"),
]
FIRST, MIDDLE, LAST = date(2026, 10, 14), date(2026, 10, 15), date(2026, 10, 16)


@contextmanager
def until_the_end():
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@contextmanager
def refused(constraint):
    """What stands in it fails by that constraint, at the latest when it would commit."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), until_the_end():
        yield


@pytest.mark.parametrize(("model", "constraint"), OWNERS)
@pytest.mark.parametrize(
    "code",
    ["", " ", "Unallocated", "UNALLOCATED", "a,b", "a;b", "a:b", " a", "a ", "-a", "a-", "a\nb",
     "a\n", 'a"b', "a'b", "=a", "ä"],
)  # fmt: skip
def test_a_code_that_would_break_a_list_or_mean_nobody(model, constraint, code):
    with refused(constraint):
        model.objects.create(code=code)


@pytest.mark.parametrize(("model", "constraint"), OWNERS)
@pytest.mark.parametrize("code", ["", " ", "unallocated", "a,b", "a "])
def test_a_form_says_so_before_the_database_does(model, constraint, code):
    with pytest.raises(ValidationError) as told:
        model(code=code).clean_fields()

    assert list(told.value.error_dict) == ["code"]


@pytest.mark.parametrize(("model", "constraint"), OWNERS)
@pytest.mark.parametrize("code", ["1", "4100", "R&D", "EMEA/Retail", "a_b", "a.b", "A 1-b"])
def test_codes_as_finance_writes_them(model, constraint, code):
    model.objects.create(code=code).full_clean()


@pytest.mark.parametrize(("model", "constraint"), OWNERS)
def test_a_code_twice(model, constraint):
    model.objects.create(code="A")
    with refused("_code_"):
        model.objects.create(code="A")


def placed(center, unit, valid_from, valid_to=None):
    return CostCenterPlacement.objects.create(
        cost_center=center, business_unit=unit, valid_from=valid_from, valid_to=valid_to
    )


def test_a_cost_center_in_two_business_units_on_a_day():
    center = CostCenter.objects.create(code="A")
    retail, finance = (BusinessUnit.objects.create(code=code) for code in ("Retail", "Finance"))
    placed(center, retail, FIRST, MIDDLE)
    placed(center, finance, MIDDLE, LAST)
    placed(CostCenter.objects.create(code="B"), retail, FIRST)

    with refused("dimensions_placements_never_two"):
        placed(center, retail, MIDDLE)
    assert CostCenterPlacement.objects.count() == 3


def test_a_placement_that_ends_before_it_begins():
    unit = BusinessUnit.objects.create(code="Retail")
    for last in (FIRST, MIDDLE):
        with refused("dimensions_placements_in_order"):
            placed(CostCenter.objects.create(code="A"), unit, MIDDLE, last)


def tagged(cluster, key, valid_from, valid_to=None):
    return ClusterTag.objects.create(
        cluster=cluster, key=key, value="checkout", valid_from=valid_from, valid_to=valid_to
    )


@pytest.fixture
def orders():
    acme = Organization.objects.create(org_id="o-1")
    return Cluster.objects.create(organization=acme, cluster_id="lkc-1")


def test_two_values_of_a_tag_on_a_day(orders):
    tagged(orders, "team", FIRST, MIDDLE)
    tagged(orders, "team", MIDDLE, LAST)
    tagged(orders, "stage", FIRST)

    with refused("dimensions_cluster_tags_never_two"):
        tagged(orders, "team", MIDDLE)
    assert ClusterTag.objects.count() == 3


def test_a_tag_that_ends_before_it_begins(orders):
    for last in (FIRST, MIDDLE):
        with refused("dimensions_cluster_tags_in_order"):
            tagged(orders, "team", MIDDLE, last)
