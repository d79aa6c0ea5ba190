"""What the bill says differently since a moment, day by day, and who may know."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from costs.models import BillingDay, BillingDayVersion
from costs.reports.restatements import restatements
from costs.tests.ownership import line, organization, store
from costs.visibility import Visibility

DAY = date(2026, 10, 14)


def at(day):
    return datetime(2026, 10, day, tzinfo=UTC)


@pytest.fixture
def acme(db):
    """Day 14 came to 10 on the 15th, to 12 on the 16th, and to 9 on the 18th: one line each."""
    made = organization()
    lines = [line(10), line(12), line(9)]
    store(made, *lines[:1])
    for number, (each, amount) in enumerate(zip(lines, (10, 12, 9), strict=True), start=1):
        each.organization, each.first_version = made, number
        each.last_version = number if number < 3 else None
        each.save()
        BillingDayVersion.objects.create(
            organization=made, day=DAY, version=number, line_count=1, amount=amount,
            changed_at=at((15, 16, 18)[number - 1]),
        )  # fmt: skip
    BillingDay.objects.update(version=3, amount=9, last_changed_at=at(18))
    return made


def restated(acme, **said):
    found = restatements(Visibility((acme.pk,)), **said)
    return [
        (row.day, row.version_before, row.before, row.version, row.now, row.change,
         row.lines_added, row.lines_closed)
        for row in found
    ]  # fmt: skip


def test_it_compares_with_what_was_known_then(acme):
    assert restated(acme, since=at(17)) == [(DAY, 2, 12, 3, 9, Decimal(-3), 1, 1)]


def test_it_compares_with_the_first_version_when_no_moment_is_said(acme):
    assert restated(acme) == [(DAY, 1, 10, 3, 9, Decimal(-1), 1, 1)]


def test_it_says_nothing_of_days_that_were_not_stored_then(acme):
    assert restated(acme, since=at(14)) == []


def test_it_says_nothing_of_days_that_stayed(acme):
    assert restated(acme, since=at(19)) == []


def test_it_leaves_earlier_days_out(acme):
    assert restated(acme, first=date(2026, 10, 15)) == []


def test_it_speaks_of_visible_organizations_only(acme):
    assert restatements(Visibility(())) == []


def test_it_is_not_for_who_sees_shares(acme):
    with pytest.raises(PermissionError):
        restatements(Visibility((acme.pk,), ("BU-1",)))
