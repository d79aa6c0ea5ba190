"""The report names the known resources whose Kafka cluster is now another."""

from datetime import date

from collector.tests import listed
from collector.tests.rows import row
from dimensions.models import Cluster

BILLED = row(resource={"id": "lcc-sink", "display_name": "to-s3"})


def test_it_names_a_child_that_got_its_parent(confluent, collect_days, sync):
    confluent.override(date(2026, 10, 5), [BILLED])
    collect_days("2026-10-05", "2026-10-06")
    listed.serve(
        confluent,
        kafka=[listed.kafka()],
        connectors={"to-s3": listed.connector(), "new": listed.connector("lcc-new", "new")},
    )

    assert sync().children == ("lcc-sink",)
    assert sync().children == ()


def test_it_names_a_child_that_moved(confluent, sync):
    listed.serve(confluent, ksqldb=[listed.ksqldb(), listed.ksqldb("lksqlc-other")])
    sync()
    moved = listed.ksqldb(kafka_cluster={"id": "lkc-payments"})
    listed.serve(confluent, ksqldb=[moved, listed.ksqldb("lksqlc-other")])

    assert sync().children == ("lksqlc-stock",)


def test_a_parent_that_is_not_said_stays(confluent, sync):
    listed.serve(confluent, ksqldb=[listed.ksqldb()])
    sync()
    listed.serve(confluent, ksqldb=[listed.ksqldb(kafka_cluster=None, csu=4)])

    report = sync()

    assert report.children == ()
    assert Cluster.objects.values_list("parent_cluster_id", "capacity").get() == (
        "lkc-orders",
        "4 CSU",
    )
