"""A collection takes days along that an edit of the rules left pending."""

from datetime import date

import pytest

from collector.tests.rows import row
from costs.models import AllocationRule, AllocationTarget, BillingDay, DailyCostFact
from dimensions.models import CostCenter, Organization

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 5)


def test_it_allocates_days_again_that_nobody_followed_up(confluent, collect_days):
    confluent.override(DAY, [row()])
    collect_days("2026-10-05", "2026-10-06")
    rule = AllocationRule.objects.create(
        organization=Organization.objects.get(), selector="organization", valid_from=DAY
    )
    AllocationTarget.objects.create(rule=rule, cost_center=CostCenter.objects.create(code="A"))
    assert BillingDay.objects.pending().count() == 1

    run = collect_days("2026-10-05", "2026-10-06")

    assert (run.days_unchanged, BillingDay.objects.pending().count()) == (1, 0)
    assert list(DailyCostFact.objects.values_list("cost_center", flat=True)) == ["A"]
