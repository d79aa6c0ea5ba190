"""What people say stays, and the history is of people only."""

from datetime import date

from collector.tests import listed
from costs.clock import database_now
from dimensions.models import Cluster, ClusterTag, Environment, Organization, Principal


def test_it_never_overwrites_what_people_say(confluent, sync):
    listed.serve(confluent, flink=[listed.pool()], accounts=[{"id": "sa-1", "display_name": "a"}])
    sync()
    said = {"name_override": "Ours", "notes": "Ask Ines."}
    Organization.objects.update(**said, name="stale")
    Environment.objects.update(**said, stage="production", name="stale")
    Cluster.objects.update(**said)
    Principal.objects.update(**said, name="stale")
    ClusterTag.objects.bulk_create(
        [
            ClusterTag(
                cluster=Cluster.objects.get(),
                key="team",
                value="fraud",
                valid_from=date(2026, 9, 1),
            )
        ]
    )
    listed.serve(
        confluent,
        flink=[listed.pool(display_name="renamed", max_cfu=5)],
        accounts=[{"id": "sa-1", "display_name": "a"}],
    )

    sync()
    listed.serve(confluent)
    sync()

    columns = ("name", "name_override", "notes", "display_name")
    ours = ("Ours", "Ask Ines.", "Ours")
    assert list(Organization.objects.values_list(*columns)) == [("Meridian Foods", *ours)]
    assert list(Environment.objects.values_list("stage", *columns)) == [
        ("production", "Production", *ours)
    ]
    assert list(Cluster.objects.values_list("capacity", *columns)) == [
        ("5 CFU at most", "renamed", *ours)
    ]
    assert list(Principal.objects.values_list(*columns)) == [("a", *ours)]
    assert list(ClusterTag.objects.values_list("key", "value")) == [("team", "fraud")]


def test_it_leaves_no_history(confluent, sync):
    sync(collect_users=True)
    Cluster.objects.update(last_seen=date(2026, 9, 9), region="elsewhere")
    Environment.objects.update(name="stale")
    Organization.objects.update(name="stale", last_seen=date(2026, 9, 9))
    confluent.override_list(listed.FLINK, [], "env-p7kd2w")

    report = sync()

    assert report.counts["kafka"].changed == 13
    assert report.counts["flink"].gone == 1
    assert Organization.objects.values_list("name", "last_seen").get() == (
        "Meridian Foods",
        database_now().date(),
    )
    for model in (Organization, Environment, Cluster):
        assert not model.history.exists()
