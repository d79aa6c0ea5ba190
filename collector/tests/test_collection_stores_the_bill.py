from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext

from django.db import connection
from django.db.models import Count, Sum

from collector.models import CollectionRun
from collector.tests.conftest import NOW
from collector.tests.rows import row
from costs.models import BillingDay, CostLineItem, DailyCostFact, HourlyCost, HourlyCostFact
from costs.reconciliation import reconcile
from dimensions.models import Cluster, Environment, Organization

DAY = date(2026, 10, 5)


def test_it_stores_a_line_as_billed(confluent, collect_days):
    confluent.override(DAY, [row(description="KAFKA101", tier_dimensions={"region": "us-east-1"})])

    collect_days("2026-10-05", "2026-10-06")

    line = CostLineItem.objects.values().get()
    for made in ("id", "organization_id", "content_hash"):
        line.pop(made)
    assert line == {
        "day": DAY,
        "product": "KAFKA",
        "line_type": "KAFKA_NETWORK_WRITE",
        "resource_id": "lkc-orders",
        "resource_name": "orders",
        "billed_name": "orders",
        "env_id": "env-prod",
        "network_access_type": "INTERNET",
        "unit": "GB",
        "price": Decimal("0.11"),
        "quantity": Decimal("10"),
        "original_amount": Decimal("1.10"),
        "discount_amount": Decimal("0.10"),
        "amount_received": Decimal("1.00"),
        "amount": Decimal("1.0000000000"),
        "amount_source": "billed",
        "list_amount": Decimal("1.1000000000"),
        "description": "KAFKA101",
        "tier_dimensions": {"region": "us-east-1"},
        "granularity": "DAILY",
        "provider_id": "c-1",
        "other_fields": {},
        "first_version": 1,
        "last_version": None,
    }


def test_it_makes_one_fact_a_line_that_nobody_owns(confluent, collect_days):
    credit = row(
        product=None, line_type="PROMO_CREDIT", resource=None, price=None, unit=None,
        quantity=None, original_amount=Decimal(-5), discount_amount=None, amount=Decimal(-5),
    )  # fmt: skip
    confluent.override(DAY, [row(), credit])

    collect_days("2026-10-05", "2026-10-06")

    org_id = Organization.objects.get().org_id
    credit_label = ("PROMO_CREDIT", "PROMO_CREDIT")
    nobody = ("Unallocated", "Unallocated", "low")
    columns = [
        "org_id", "charge_date", "env_id", "cluster_id", "product", "line_type", "cost_usd",
        "list_cost_usd", "business_unit", "cost_center", "allocation_confidence",
        "allocation_method",
    ]  # fmt: skip
    assert sorted(DailyCostFact.objects.values_list(*columns), key=lambda fact: fact[6]) == [
        (
            org_id, DAY, None, None, *credit_label,
            Decimal(-5), Decimal(-5), *nobody, "shared_central",
        ),
        (
            org_id, DAY, "env-prod", "lkc-orders", "KAFKA", "KAFKA_NETWORK_WRITE",
            Decimal("1.00"), Decimal("1.10"), *nobody, "unallocated",
        ),
    ]  # fmt: skip


def test_it_spreads_a_line_over_the_24_utc_hours_of_its_day(confluent, collect_days):
    confluent.override(DAY, [row(amount=Decimal("1.0000000001"))])

    collect_days("2026-10-05", "2026-10-06")

    hours = list(HourlyCostFact.objects.order_by("timestamp").values_list("timestamp", "cost_usd"))
    begin = datetime(2026, 10, 5, tzinfo=UTC)
    assert [hour for hour, _ in hours] == [begin + timedelta(hours=n) for n in range(24)]
    # 1.0000000001 / 24 = 0.04166666667 with 17 units of 1e-10 over: the first 17 hours get them.
    assert [cost for _, cost in hours] == [Decimal("0.0416666667")] * 17 + [
        Decimal("0.0416666666")
    ] * 7
    assert sum(cost for _, cost in hours) == Decimal("1.0000000001")


def test_it_stores_what_the_company_was_billed(confluent, collect_days):
    collect_days("2026-10-01", "2026-11-01")

    with localcontext(prec=100):
        for day in BillingDay.objects.all():
            billed = confluent.world.billed(day.day, NOW)
            assert abs(day.amount - billed) <= day.line_count * Decimal("0.5e-10")
    assert BillingDay.objects.count() == 31
    assert reconcile(date(2026, 10, 1), date(2026, 11, 1)).differences == []
    totals = BillingDay.objects.aggregate(amount=Sum("amount"), lines=Sum("line_count"))
    assert DailyCostFact.objects.aggregate(Sum("cost_usd"))["cost_usd__sum"] == totals["amount"]
    assert HourlyCost.objects.aggregate(Sum("cost_usd"))["cost_usd__sum"] == totals["amount"]
    assert HourlyCost.objects.count() == 24 * totals["lines"]


def test_it_notes_the_organization_its_environments_and_resources(confluent, collect_days):
    collect_days("2026-10-01", "2026-11-01")

    assert Organization.objects.get().name == "Meridian Foods"
    listed = {item["id"]: item["display_name"] for item in confluent.world.environments()}
    noted = dict(Environment.objects.values_list("env_id", "display_name"))
    assert listed.items() <= noted.items()
    kinds = Cluster.objects.values_list("kind").annotate(Count("id"))
    assert {kind for kind, _ in kinds} == {
        "kafka", "connector", "custom_connector", "ksqldb", "flink", "schema_registry", "usm",
        "unknown",
    }  # fmt: skip
    assert Cluster.objects.filter(name="").count() == 0


def test_it_records_the_run(confluent, collect_days):
    confluent.override(DAY, [row(), row()])

    run = collect_days("2026-10-05", "2026-10-06")

    numbers = CollectionRun.objects.values(
        "trigger", "state", "error", "pages", "requests", "retries", "lines_received",
        "days_changed", "lines_added", "facts_written", "hours_written", "rows_quarantined",
    ).get()  # fmt: skip
    assert numbers == {
        "trigger": "test", "state": "succeeded", "error": "", "pages": 3, "requests": 3,
        "retries": 0, "lines_received": 2, "days_changed": 1, "lines_added": 2,
        "facts_written": 2, "hours_written": 48, "rows_quarantined": 0,
    }  # fmt: skip
    assert run.started_at <= run.finished_at


def test_the_hourly_view_has_the_documented_columns(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_name = 'hourly_cost_facts' ORDER BY ordinal_position"
        )
        columns = cursor.fetchall()
    assert columns == [
        ("timestamp", "timestamp with time zone"),
        ("org_id", "text"),
        ("env_id", "text"),
        ("cluster_id", "text"),
        ("product", "text"),
        ("line_type", "text"),
        ("cost_usd", "numeric"),
        ("business_unit", "text"),
        ("cost_center", "text"),
        ("allocation_confidence", "text"),
        ("allocation_method", "text"),
        ("daily_cost_fact_id", "bigint"),
    ]
