"""Rules of the data that the database itself holds."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from costs.models import BillingDay, CostLineItem
from dimensions.models import Environment, Organization


@pytest.fixture
def organization(db):
    return Organization.objects.create(org_id="o-1", name="Meridian Foods")


def billing_day(organization, fetched_at):
    return BillingDay.objects.create(
        organization=organization, day=date(2026, 10, 5), version=1, content_hash=UUID(int=0),
        labels_hash=UUID(int=0), line_count=0, amount=0, fetched_at=fetched_at,
        first_collected_at=fetched_at, last_collected_at=fetched_at, last_changed_at=fetched_at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fetched_at", "settled"),
    [
        (datetime(2026, 10, 8, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 10, 9, 0, 0, 0, tzinfo=UTC), True),
    ],
)
def test_a_day_is_settled_when_fetched_72_hours_after_its_end(organization, fetched_at, settled):
    day = billing_day(organization, fetched_at)
    day.refresh_from_db()

    assert day.is_settled is settled


def test_a_day_is_stored_once(organization):
    billing_day(organization, datetime(2026, 10, 9, tzinfo=UTC))

    with pytest.raises(IntegrityError, match="billing_days_once"), transaction.atomic():
        billing_day(organization, datetime(2026, 10, 9, tzinfo=UTC))


def test_a_line_cannot_end_before_it_begins(organization):
    with pytest.raises(IntegrityError, match="cost_line_items_versions_in_order"):
        CostLineItem.objects.create(
            organization=organization, day=date(2026, 10, 5), amount=1, list_amount=1,
            amount_received=Decimal(1), amount_source="billed", content_hash=UUID(int=0),
            first_version=3, last_version=2,
        )  # fmt: skip


def test_an_unknown_stage_is_refused(organization):
    with pytest.raises(IntegrityError, match="dimensions_envs_stage_known"):
        Environment.objects.create(organization=organization, env_id="env-1", stage="prod")


@pytest.mark.parametrize(
    ("override", "name", "shown"),
    [("", "", "o-2"), ("", "Acme", "Acme"), ("Acme Inc", "Acme", "Acme Inc")],
)
def test_the_display_name_is_never_empty(db, override, name, shown):
    organization = Organization.objects.create(org_id="o-2", name=name, name_override=override)
    organization.refresh_from_db()

    assert str(organization) == shown


def test_every_unique_key_of_a_fact_relation_starts_with_the_organization(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indrelid::regclass::text, attname FROM pg_index "
            "JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] "
            "WHERE indisunique AND indrelid::regclass::text IN "
            "('cost_line_items', 'daily_cost_facts', 'hourly_costs')"
        )
        assert sorted(cursor.fetchall()) == [
            ("cost_line_items", "organization_id"),
            ("daily_cost_facts", "organization_id"),
        ]
