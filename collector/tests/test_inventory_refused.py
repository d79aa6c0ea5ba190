"""A list that is refused is told of; a server that is down, or a refused key, ends the sync."""

import pytest

from collector.client import CredentialsRefused, Unreachable
from collector.tests import listed
from dimensions.models import Cluster, Environment, Organization, Principal

FULL = {
    "kafka": [listed.kafka()],
    "connectors": {"to-s3": listed.connector()},
    "ksqldb": [listed.ksqldb()],
    "flink": [listed.pool()],
    "registries": [listed.registry()],
    "accounts": [{"id": "sa-1", "display_name": "orders"}],
}
IDS = {"lkc-orders", "lcc-sink", "lksqlc-stock", "lfcp-fraud", "lsrc-prod"}


@pytest.mark.parametrize(
    ("path", "missing", "told"),
    [
        (listed.KAFKA, {"lkc-orders", "lcc-sink"}, "The list of Kafka clusters of env-prod was"),
        ("/connect/", {"lcc-sink"}, "The list of connectors of lkc-orders was"),
        (listed.KSQLDB, {"lksqlc-stock"}, "The list of ksqlDB clusters of env-prod was"),
        (listed.FLINK, {"lfcp-fraud"}, "The list of Flink compute pools of env-prod was"),
        (listed.REGISTRIES, {"lsrc-prod"}, "The list of Schema Registry clusters of env-prod was"),
        (listed.ACCOUNTS, set(), "The list of service accounts was"),
    ],
)
@pytest.mark.parametrize("fault", ["403", "404"])
def test_it_tells_of_a_refused_list_and_goes_on(confluent, sync, path, missing, told, fault):
    listed.serve(confluent, **FULL)
    confluent.faults.add(fault, path=path)

    report = sync()

    assert set(Cluster.objects.values_list("cluster_id", flat=True)) == IDS - missing
    assert Principal.objects.exists() == (path != listed.ACCOUNTS)
    (notice,) = report.notices
    assert notice.startswith(f"{told} not read; Confluent answered {fault}: ")
    assert notice.endswith("What is stored of it stays as it is.")
    assert ("such as OrganizationAdmin" in notice) == (fault == "403")
    assert "X-Request-Id" in notice


def test_it_tells_once_of_lists_that_are_refused_for_the_same_reason(confluent, sync):
    confluent.faults.add(*["403"] * 5, path=listed.KSQLDB)

    report = sync()

    (notice,) = report.notices
    assert notice.startswith(
        "The list of ksqlDB clusters of env-p7kd2w, env-s3vn8q, env-d9xr4m and 2 more was not read;"
    )


def test_without_the_list_of_environments_only_principals_are_read(confluent, sync):
    listed.serve(confluent, **FULL)
    confluent.faults.add("403", path=listed.ENVIRONMENTS)

    report = sync()

    assert not Environment.objects.exists()
    assert not Cluster.objects.exists()
    assert Principal.objects.count() == 1
    (notice,) = report.notices
    assert notice.startswith(
        "The list of environments was not read, nor any list of what is in them;"
    )


@pytest.mark.parametrize("path", ["/org/v2/organizations", listed.ENVIRONMENTS, listed.KSQLDB])
def test_a_refused_key_ends_it(confluent, sync, path):
    listed.serve(confluent, **FULL)
    confluent.faults.add("401", path=path)

    with pytest.raises(CredentialsRefused):
        sync()

    assert confluent.requests[-1].path == path


@pytest.mark.parametrize("fault", ["503", "drop", "garbage"])
def test_a_server_that_is_down_ends_it_and_what_was_read_is_stored(confluent, client, sync, fault):
    listed.serve(confluent, **FULL)
    client.max_wait = 0
    confluent.faults.add(fault, path=listed.KSQLDB)

    with pytest.raises(Unreachable):
        sync()

    assert confluent.requests[-1].path == listed.KSQLDB
    assert set(Cluster.objects.values_list("cluster_id", flat=True)) == {"lkc-orders", "lcc-sink"}
    assert Environment.objects.values_list("env_id", flat=True).get() == "env-prod"


def test_it_asks_again_what_fails_for_a_moment(confluent, sync):
    listed.serve(confluent, **FULL)
    for path in (listed.KAFKA, "/connect/", listed.ACCOUNTS):
        confluent.faults.add("503", "429", "drop", "truncate", path=path)

    report = sync()

    assert report.notices == ()
    assert set(Cluster.objects.values_list("cluster_id", flat=True)) == IDS


def test_a_key_that_may_not_read_the_organization_needs_its_id(confluent, sync):
    listed.serve(confluent, **FULL)
    confluent.faults.add("403", path="/org/v2/organizations")

    report = sync(organization_id="o-configured")

    assert report.organization_id == Organization.objects.get().org_id == "o-configured"
