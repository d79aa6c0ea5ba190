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


FACT_RELATIONS = """
    SELECT relation.oid, relname
    FROM pg_class AS relation
    JOIN pg_attribute AS owned ON owned.attrelid = relation.oid
     AND owned.attname = 'organization_id'
    JOIN pg_attribute AS amount ON amount.attrelid = relation.oid
     AND amount.attname IN ('amount', 'cost_usd')
    WHERE relkind IN ('r', 'p') AND NOT relispartition
      AND relnamespace = 'public'::regnamespace
"""


def first_columns_of_keys():
    """Of every relation with amounts by organization: the first column of each unique key."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT relname, array_agg(DISTINCT attname::text) FILTER (WHERE indisunique) "
            f"FROM ({FACT_RELATIONS}) AS relation "
            "LEFT JOIN pg_index ON indrelid = relation.oid "
            "LEFT JOIN pg_attribute ON attrelid = relation.oid AND attnum = indkey[0] "
            "GROUP BY relname ORDER BY relname"
        )
        return dict(cursor.fetchall())


def test_every_unique_key_of_a_fact_relation_starts_with_the_organization(db):
    found = first_columns_of_keys()

    assert found.pop("hourly_costs") is None
    assert found == {name: ["organization_id"] for name in found}
    assert found.keys() >= {
        "archived_hours",
        "billing_day_versions",
        "billing_days",
        "cost_line_items",
        "daily_cost_facts",
        "daily_owner_costs",
    }


def test_hours_are_found_by_the_organization_and_the_fact(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid = 'hourly_costs'::regclass ORDER BY 1"
        )
        by_fact, by_time = (definition.split(" USING ")[1] for (definition,) in cursor.fetchall())

    assert by_fact == "btree (organization_id, daily_cost_fact_id)"
    assert by_time.startswith('brin ("timestamp")')
