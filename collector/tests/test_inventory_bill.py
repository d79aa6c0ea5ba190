"""The lists and the bill speak of the same rows."""

from datetime import date, timedelta

from collector.tests import listed
from collector.tests.rows import row
from collector.tests.test_inventory_again import versions
from costs.clock import database_now
from dimensions.models import Cluster, Environment

DAY = date(2026, 10, 5)


def of(id, name, env="env-prod", **changes):
    resource = {"id": id, "display_name": name, "environment": {"id": env}}
    return row(resource=resource, **changes)


def test_what_only_the_bill_knows_keeps_its_row_and_is_not_gone(confluent, collect_days, sync):
    confluent.override(DAY, [of("lkc-old", "old"), of("gw-1", "edge"), of("lkc-x", "x", "env-old")])
    listed.serve(confluent)
    collect_days("2026-10-05", "2026-10-06")

    sync()
    sync()

    columns = ("cluster_id", "kind", "name", "env_id", "last_seen", "gone_since")
    assert list(Cluster.objects.values_list(*columns)) == [
        ("gw-1", "unknown", "edge", "env-prod", DAY, None),
        ("lkc-old", "kafka", "old", "env-prod", DAY, None),
        ("lkc-x", "kafka", "x", "env-old", DAY, None),
    ]
    assert list(Environment.objects.values_list("env_id", "gone_since")) == [
        ("env-old", None),
        ("env-prod", None),
    ]


def test_it_completes_what_the_bill_began(confluent, collect_days, sync):
    confluent.override(DAY, [of("lkc-orders", "orders")])
    listed.serve(confluent, kafka=[listed.kafka()])
    collect_days("2026-10-05", "2026-10-06")

    report = sync()

    columns = ("cluster_id", "cluster_type", "capacity", "first_seen")
    assert list(Cluster.objects.values_list(*columns)) == [
        ("lkc-orders", "Dedicated", "2 CKU", DAY)
    ]
    counts = report.counts["kafka"]
    assert (counts.listed, counts.new, counts.changed) == (1, 0, 1)


def test_a_list_that_does_not_say_takes_nothing_away(confluent, collect_days, sync):
    tier = {"provider": "gcp", "region": "europe-west3"}
    confluent.override(DAY, [of("lksqlc-stock", "stock on the bill", tier_dimensions=tier)])
    listed.serve(confluent, ksqldb=[listed.ksqldb(display_name=None)])
    collect_days("2026-10-05", "2026-10-06")

    sync()

    columns = ("name", "cloud_provider", "region", "capacity")
    assert Cluster.objects.values_list(*columns).get() == (
        "stock on the bill",
        "gcp",
        "europe-west3",
        "8 CSU",
    )


def test_the_bill_and_the_list_do_not_rename_in_turns(confluent, collect_days, sync):
    today = database_now().date()
    tomorrow = today + timedelta(days=1)
    days = {"start_date": str(today), "end_date": str(tomorrow)}
    confluent.override(today, [of("lkc-orders", "orders on the bill", **days)])
    listed.serve(confluent, kafka=[listed.kafka()])
    sync()
    collect_days(str(today), str(tomorrow))
    sync()
    before = dict(versions())["dimensions_clusters"]

    for _ in range(2):
        collect_days(str(today), str(tomorrow))
        sync()

    assert dict(versions())["dimensions_clusters"] == before


def test_the_bill_of_the_simulated_company_names_what_is_listed(confluent, collect_days, sync):
    collect_days("2026-11-16", "2026-11-17")
    billed = set(Cluster.objects.values_list("cluster_id", flat=True))

    sync()

    assert set(Cluster.objects.values_list("cluster_id", flat=True)) == billed
    unlisted = Cluster.objects.filter(metadata={}).values_list("cluster_id", flat=True)
    assert set(unlisted) == {
        "clcc-4sw9tz",
        "clcc-8eb1kv",
        "gw-2xk94h",
        "rtce-m4v7kx",
        "usmkc-3pd8n",
    }
