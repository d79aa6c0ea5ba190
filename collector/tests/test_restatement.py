"""A bill that changes: what is added, what is closed, what stays."""

from datetime import date
from decimal import Decimal

from django.db.models import Sum

from collector.tests.conftest import stored
from collector.tests.rows import row
from costs.models import BillingDay, CostLineItem, DailyCostFact, HourlyCost
from costs.reconciliation import reconcile
from dimensions.models import Cluster

DAY = date(2026, 10, 5)


def lines():
    """(line type, amount, first version, last version) of every stored line."""
    return sorted(
        CostLineItem.objects.values_list("line_type", "amount", "first_version", "last_version"),
        key=str,
    )


def proven():
    return reconcile(DAY, date(2026, 10, 6)).differences == []


def test_it_writes_nothing_when_the_bill_is_the_same(confluent, collect_days):
    collect_days("2026-10-01", "2026-10-04")
    before = stored()

    run = collect_days("2026-10-01", "2026-10-04")

    assert stored() == before
    assert (run.days_changed, run.days_unchanged) == (0, 3)
    assert (run.lines_added, run.lines_closed, run.facts_written, run.hours_written) == (0, 0, 0, 0)


def test_it_writes_nothing_when_the_same_rows_come_in_another_order(confluent, collect_days):
    confluent.override(DAY, [row(amount=Decimal(n)) for n in (1, 2, 2, 3)])
    collect_days("2026-10-05", "2026-10-06")
    before = stored()
    confluent.override(DAY, [row(amount=Decimal(n)) for n in (2, 3, 1, 2)])

    collect_days("2026-10-05", "2026-10-06")

    assert stored() == before


def test_it_records_the_visit(confluent, collect_days):
    collect_days("2026-10-05", "2026-10-06")
    first = BillingDay.objects.get()
    collect_days("2026-10-05", "2026-10-06")
    second = BillingDay.objects.get()

    assert second.last_collected_at > first.last_collected_at
    assert second.fetched_at > first.fetched_at
    assert second.last_changed_at == first.last_changed_at
    assert (first.version, second.version) == (1, 1)


def test_it_replaces_only_the_line_that_changed(confluent, collect_days):
    other = row(line_type="KAFKA_STORAGE", amount=Decimal(7))
    confluent.override(DAY, [row(), other])
    collect_days("2026-10-05", "2026-10-06")
    untouched = CostLineItem.objects.get(line_type="KAFKA_STORAGE").pk
    confluent.override(DAY, [row(amount=Decimal("1.25")), other])

    run = collect_days("2026-10-05", "2026-10-06")

    assert lines() == [
        ("KAFKA_NETWORK_WRITE", Decimal("1.0000000000"), 1, 1),
        ("KAFKA_NETWORK_WRITE", Decimal("1.2500000000"), 2, None),
        ("KAFKA_STORAGE", Decimal("7.0000000000"), 1, None),
    ]
    assert CostLineItem.objects.get(line_type="KAFKA_STORAGE").pk == untouched
    assert (run.lines_added, run.lines_closed, run.facts_written) == (1, 1, 1)
    assert DailyCostFact.objects.count() == 2
    assert HourlyCost.objects.aggregate(Sum("cost_usd"))["cost_usd__sum"] == Decimal("8.25")
    assert proven()


def test_it_closes_a_line_that_vanished_and_keeps_its_row(confluent, collect_days):
    confluent.override(DAY, [row(), row(line_type="KAFKA_STORAGE")])
    collect_days("2026-10-05", "2026-10-06")
    confluent.override(DAY, [row()])

    collect_days("2026-10-05", "2026-10-06")

    assert lines() == [
        ("KAFKA_NETWORK_WRITE", Decimal("1.0000000000"), 1, None),
        ("KAFKA_STORAGE", Decimal("1.0000000000"), 1, 1),
    ]
    assert HourlyCost.objects.count() == 24
    assert proven()


def test_it_keeps_equal_lines_apart(confluent, collect_days):
    confluent.override(DAY, [row(), row(), row()])
    collect_days("2026-10-05", "2026-10-06")
    confluent.override(DAY, [row(), row()])

    collect_days("2026-10-05", "2026-10-06")

    assert lines() == [
        ("KAFKA_NETWORK_WRITE", Decimal("1.0000000000"), 1, 1),
        ("KAFKA_NETWORK_WRITE", Decimal("1.0000000000"), 1, None),
        ("KAFKA_NETWORK_WRITE", Decimal("1.0000000000"), 1, None),
    ]
    assert BillingDay.objects.get().amount == 2
    assert proven()


def test_it_brings_a_line_back_as_a_new_version(confluent, collect_days):
    for rows in ([row()], [row(amount=Decimal(2))], [row()]):
        confluent.override(DAY, rows)
        collect_days("2026-10-05", "2026-10-06")

    assert lines() == [
        ("KAFKA_NETWORK_WRITE", Decimal("1.0000000000"), 1, 1),
        ("KAFKA_NETWORK_WRITE", Decimal("1.0000000000"), 3, None),
        ("KAFKA_NETWORK_WRITE", Decimal("2.0000000000"), 2, 2),
    ]
    assert proven()


def test_it_updates_names_and_ids_in_place(confluent, collect_days):
    confluent.override(DAY, [row()])
    collect_days("2026-10-05", "2026-10-06")
    renamed = row(id="c-2")
    renamed["resource"] = {**renamed["resource"], "display_name": "orders-new"}
    confluent.override(DAY, [renamed])

    run = collect_days("2026-10-05", "2026-10-06")

    line = CostLineItem.objects.get()
    assert (line.provider_id, line.resource_name) == ("c-2", "orders-new")
    assert (run.days_unchanged, line.first_version, line.last_version) == (1, 1, None)
    assert Cluster.objects.get(cluster_id="lkc-orders").name == "orders-new"


def test_it_takes_the_same_number_written_otherwise_for_the_same(confluent, collect_days):
    confluent.override(DAY, [row(price=Decimal("0.110"), quantity=Decimal("1E+1"))])
    collect_days("2026-10-05", "2026-10-06")
    confluent.override(DAY, [row(price=Decimal("0.11"), quantity=Decimal("10.0"))])

    assert collect_days("2026-10-05", "2026-10-06").days_unchanged == 1


def test_it_lets_a_day_that_a_provider_restates_grow_in_versions(confluent, collect_days):
    """The simulated company's own restatements, seen on the day after and three weeks later."""
    world, later = confluent.world, confluent.clock
    day = next(day for day in (date(2026, 10, n) for n in range(1, 29)) if world.is_restated(day))
    start, end = str(day), str(date(2026, 10, day.day + 1))
    confluent.clock = lambda: later().replace(month=10, day=day.day + 2)
    collect_days(start, end)
    confluent.clock = later
    collect_days(start, end)

    assert BillingDay.objects.get().version == 2
    assert CostLineItem.objects.filter(last_version=1).exists()
    assert reconcile(day, date(2026, 10, day.day + 1)).differences == []


def test_it_counts_versions_from_the_first_line_on(confluent, collect_days):
    versions = []
    for rows in ([], [row()], [row(), row()]):
        confluent.override(DAY, rows)
        collect_days("2026-10-05", "2026-10-06")
        versions.append(BillingDay.objects.get().version)

    assert versions == [0, 1, 2]
