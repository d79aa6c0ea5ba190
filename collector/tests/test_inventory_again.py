"""A sync writes what changed, in as many statements for many resources as for few."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from collector.tests import listed
from costs.clock import database_now
from dimensions.models import Cluster, Environment

TABLES = ("dimensions_orgs", "dimensions_envs", "dimensions_clusters", "dimensions_principals")


def versions():
    """The physical versions of all rows: equal before and after means that none was written."""
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT ctid::text, xmin::text FROM {table} ORDER BY 1")
            yield table, cursor.fetchall()


def test_it_writes_nothing_when_nothing_changed(confluent, sync):
    first = sync(collect_users=True)
    before = list(versions())

    second = sync(collect_users=True)

    assert list(versions()) == before
    assert {kind: (counts.new, counts.changed) for kind, counts in second.counts.items()} == (
        dict.fromkeys(first.counts, (0, 0))
    )
    assert {kind: counts.listed for kind, counts in second.counts.items()} == {
        "environment": 5,
        "kafka": 13,
        "connector": 11,
        "ksqldb": 3,
        "flink": 3,
        "schema_registry": 5,
        "service_account": 8,
        "user": 3,
    }


def test_it_moves_only_last_seen_on_another_day(confluent, sync):
    sync()
    today = database_now().date()
    earlier = today - timedelta(days=3)
    Cluster.objects.update(first_seen=earlier, last_seen=earlier)
    Environment.objects.update(first_seen=earlier, last_seen=earlier)

    report = sync()

    seen = {("first_seen", "last_seen"): (earlier, today)}
    for model in (Cluster, Environment):
        for columns, days in seen.items():
            assert set(model.objects.values_list(*columns)) == {days}
    assert sum(counts.new + counts.changed for counts in report.counts.values()) == 0


def test_it_writes_the_row_that_changed(confluent, sync):
    listed.serve(confluent, kafka=[listed.kafka(), listed.kafka("lkc-other")])
    sync()
    bigger = listed.kafka(config={"kind": "Dedicated", "cku": 4}, display_name="orders v2")
    listed.serve(confluent, kafka=[bigger, listed.kafka("lkc-other")])

    report = sync()

    assert report.counts["kafka"].changed == 1
    assert list(Cluster.objects.order_by("cluster_id").values_list("name", "capacity")) == [
        ("orders v2", "4 CKU"),
        ("orders", "2 CKU"),
    ]


def test_many_resources_take_as_many_statements_as_few(confluent, sync):
    def statements(count):
        listed.serve(
            confluent,
            kafka=[listed.kafka(f"lkc-{number}") for number in range(count)],
            flink=[listed.pool(f"lfcp-{number}") for number in range(count)],
        )
        for number in range(count):
            confluent.override_list(listed.connectors_of(f"lkc-{number}"), {})
        with CaptureQueriesContext(connection) as captured:
            sync()
        return len(captured)

    statements(1)  # the organization is there from now on

    assert statements(20) == statements(60) <= 30
