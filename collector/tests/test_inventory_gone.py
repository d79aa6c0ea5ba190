"""What vanished stays and is marked; only a list that was read to its end can say so."""

from datetime import date, timedelta

from collector.tests import listed
from collector.tests.conftest import NOW
from costs.clock import database_now
from dimensions.models import Cluster, Environment, Principal

LONG_AGO = date(2026, 9, 9)


def gone():
    """The ids that are marked, whatever they are."""
    marked = {"gone_since__isnull": False}
    return sorted(
        [
            *Environment.objects.filter(**marked).values_list("env_id", flat=True),
            *Cluster.objects.filter(**marked).values_list("cluster_id", flat=True),
            *Principal.objects.filter(**marked).values_list("principal_id", flat=True),
        ]
    )


def test_it_marks_what_vanished_and_takes_the_mark_off_when_it_is_back(confluent, sync):
    listed.serve(confluent, flink=[listed.pool(), listed.pool("lfcp-other")])
    sync()
    listed.serve(confluent, flink=[listed.pool("lfcp-other")])

    report = sync()

    today = database_now().date()
    columns = ("cluster_id", "name", "last_seen", "gone_since")
    assert list(Cluster.objects.order_by("cluster_id").values_list(*columns)) == [
        ("lfcp-fraud", "fraud", today, today),
        ("lfcp-other", "fraud", today, None),
    ]
    assert report.counts["flink"].gone == 1

    listed.serve(confluent, flink=[listed.pool(), listed.pool("lfcp-other")])
    report = sync()

    assert gone() == []
    assert (report.counts["flink"].changed, report.counts["flink"].gone) == (1, 0)


def test_it_keeps_the_first_day_of_absence(confluent, sync):
    listed.serve(confluent, flink=[listed.pool()])
    sync()
    listed.serve(confluent)
    sync()
    Cluster.objects.update(gone_since=LONG_AGO)

    report = sync()

    assert Cluster.objects.values_list("gone_since", flat=True).get() == LONG_AGO
    assert report.counts["flink"].gone == 0


def test_it_marks_a_vanished_connector(confluent, sync):
    document = listed.connector("lcc-other")
    both = {"to-s3": listed.connector(), "other": document}
    listed.serve(confluent, kafka=[listed.kafka()], connectors=both)
    sync()
    listed.serve(confluent, kafka=[listed.kafka()], connectors={"other": document})

    sync()

    assert gone() == ["lcc-sink"]


def test_connectors_go_with_their_kafka_cluster(confluent, sync):
    connectors = {"to-s3": listed.connector()}
    listed.serve(confluent, kafka=[listed.kafka()], connectors=connectors)
    sync()
    listed.serve(confluent)

    report = sync()

    assert gone() == ["lcc-sink", "lkc-orders"]
    assert (report.counts["kafka"].gone, report.counts["connector"].gone) == (1, 1)


def test_everything_goes_with_its_environment(confluent, sync):
    listed.serve(
        confluent,
        environments=[listed.environment(), listed.environment("env-p7kd2w")],
        kafka=[listed.kafka()],
        connectors={"to-s3": listed.connector()},
        ksqldb=[listed.ksqldb()],
        registries=[listed.registry()],
    )
    sync()
    listed.serve(confluent, environments=[listed.environment("env-p7kd2w")])

    report = sync()

    assert gone() == ["env-prod", "lcc-sink", "lkc-orders", "lksqlc-stock", "lsrc-prod"]
    assert report.counts["environment"].gone == 1


def test_it_does_not_believe_that_all_environments_are_gone(confluent, sync):
    listed.serve(confluent, kafka=[listed.kafka()])
    sync()
    listed.serve(confluent, environments=[])

    report = sync()

    assert gone() == []
    assert report.notices == (
        "The list of environments is empty; nothing was marked as gone for it.",
    )


def test_it_marks_vanished_service_accounts(confluent, sync):
    listed.serve(confluent, accounts=[{"id": "sa-1"}, {"id": "sa-2"}])
    sync()
    listed.serve(confluent, accounts=[{"id": "sa-2"}])

    report = sync()

    assert gone() == ["sa-1"]
    assert report.counts["service_account"].gone == 1


def test_a_failed_list_marks_nothing_that_belongs_into_it(confluent, sync):
    full = {
        "kafka": [listed.kafka()],
        "connectors": {"to-s3": listed.connector()},
        "ksqldb": [listed.ksqldb()],
        "flink": [listed.pool()],
        "registries": [listed.registry()],
        "accounts": [{"id": "sa-1"}],
    }
    listed.serve(confluent, **full)
    sync()
    listed.serve(confluent)
    for path in (listed.KAFKA, listed.KSQLDB, listed.REGISTRIES, listed.ACCOUNTS):
        confluent.faults.add("403", path=path)

    sync()

    assert gone() == ["lfcp-fraud"]


def test_without_the_list_of_connectors_none_is_marked(confluent, sync):
    connectors = {"to-s3": listed.connector()}
    listed.serve(confluent, kafka=[listed.kafka()], connectors=connectors)
    sync()
    confluent.override_list(listed.connectors_of("lkc-orders"), {})
    confluent.faults.add("404", path="/connect/")

    sync()

    assert gone() == []


def test_a_failed_list_of_environments_marks_nothing(confluent, sync):
    listed.serve(confluent, kafka=[listed.kafka()], accounts=[{"id": "sa-1"}])
    sync()
    listed.serve(confluent, environments=[listed.environment("env-p7kd2w")])
    confluent.faults.add("403", path=listed.ENVIRONMENTS)

    sync()

    assert gone() == ["sa-1"]


def test_it_follows_the_company_through_time(confluent, sync):
    begun = confluent.world.born
    confluent.clock = lambda: NOW.replace(year=begun.year, month=begun.month, day=begun.day)
    sync()
    ids = Cluster.objects.filter(kind="kafka").values_list("cluster_id", flat=True)
    assert "lkc-j9d5xs" in ids
    assert "lkc-n36bke" not in ids
    confluent.clock = lambda: NOW + timedelta(days=1)

    sync()

    assert gone() == ["lkc-j9d5xs"]
    assert "lkc-n36bke" in ids.all()
