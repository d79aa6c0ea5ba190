"""Values of a dimension to choose from: those charged to, by a part of their name or id."""

from datetime import date

import pytest

from costs.filters import CostFilter
from costs.reports.choices import choices
from costs.tests.billed import two_companies
from costs.visibility import Visibility
from dimensions.models import Organization

BILL = CostFilter(date(2026, 10, 30), date(2026, 11, 3))


@pytest.fixture
def seen(db):
    two_companies()
    return Visibility(tuple(Organization.objects.values_list("pk", flat=True)))


def values(seen, dimension, words="", cost_filter=BILL, most=10):
    return [each.value for each in choices(dimension, words, cost_filter, seen, most=most)]


def test_the_largest_comes_first(seen):
    assert values(seen, "product") == ["KAFKA", "SUPPORT", "CONNECT", "PROMO_CREDIT"]


def test_what_names_nothing_can_be_chosen_too(seen):
    assert values(seen, "env") == ["env-1", "env-2", "none", "env-9"]
    assert values(seen, "env", "non") == ["none"]


@pytest.mark.parametrize("words", ["liv", "LIVE", "env-1"])
def test_it_finds_by_name_and_by_id_in_any_case(seen, words):
    assert values(seen, "env", words) == ["env-1"]


@pytest.mark.parametrize("words", ["%", "_", "\\", "'"])
def test_signs_of_patterns_are_letters_like_others(seen, words):
    assert values(seen, "product", words) == (["PROMO_CREDIT"] if words == "_" else [])


def test_another_value_can_be_chosen_beside_the_chosen_one(seen):
    chosen = CostFilter(BILL.start, BILL.end, include={"env": ("env-1",), "product": ("KAFKA",)})

    assert values(seen, "env", cost_filter=chosen) == ["env-1", "env-2", "env-9"]
    assert values(seen, "cluster", cost_filter=chosen) == ["lkc-1"]


def test_it_gives_no_more_than_asked_for(seen):
    assert values(seen, "product", most=1) == ["KAFKA"]


def test_a_limited_user_chooses_among_the_own(seen):
    own = Visibility(seen.organizations, ("BU-2",))

    assert values(own, "business_unit") == ["BU-2"]
    assert "lcc-3" not in values(own, "cluster")
