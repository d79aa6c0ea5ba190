import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from collector.tests import listed
from dimensions.models import Cluster, Organization


@pytest.fixture
def configured(db, confluent, settings):
    """The simulated Confluent as the configured one, with one environment and one cluster."""
    settings.CONFLUENT_CLOUD_URL = confluent.url
    settings.CONFLUENT_API_KEY, settings.CONFLUENT_API_SECRET = "demo-key", "demo-secret"
    settings.CONFLUENT_MAX_WAIT = 0
    listed.serve(confluent, kafka=[listed.kafka()], users=[{"id": "u-1", "full_name": "Ines"}])
    return confluent


def run(*arguments):
    out = StringIO()
    call_command("sync_inventory", *arguments, stdout=out)
    return out.getvalue()


def test_it_tells_what_it_did_kind_by_kind(configured):
    assert run().splitlines() == [
        "environments: 1 listed, 1 new, 0 changed, 0 gone",
        "Kafka clusters: 1 listed, 1 new, 0 changed, 0 gone",
        "connectors: 0 listed, 0 new, 0 changed, 0 gone",
        "ksqlDB clusters: 0 listed, 0 new, 0 changed, 0 gone",
        "Flink compute pools: 0 listed, 0 new, 0 changed, 0 gone",
        "Schema Registry clusters: 0 listed, 0 new, 0 changed, 0 gone",
        "service accounts: 0 listed, 0 new, 0 changed, 0 gone",
        "Synced. New: 2, changed: 0, gone: 0.",
    ]


def test_it_lists_users_where_they_are_collected(configured, settings):
    settings.COLLECT_USERS = True

    assert "users: 1 listed, 1 new, 0 changed, 0 gone" in run().splitlines()


def test_it_shows_the_notices(configured):
    configured.faults.add("403", path=listed.FLINK)

    assert "Notice: The list of Flink compute pools of env-prod was not read;" in run()


def test_it_prints_one_json_document(configured):
    Cluster.objects.bulk_create(
        [
            Cluster(
                organization=Organization.objects.create(org_id=configured.world.organization_id),
                cluster_id="lksqlc-stock",
            )
        ]
    )
    listed.serve(configured, ksqldb=[listed.ksqldb()])
    configured.faults.add("404", path=listed.FLINK)

    document = json.loads(run("--json"))

    (notice,) = document.pop("notices")
    assert notice.startswith("The list of Flink compute pools")
    nothing = {"listed": 0, "new": 0, "changed": 0, "gone": 0}
    assert document == {
        "organization_id": configured.world.organization_id,
        "counts": {
            "environment": {**nothing, "listed": 1, "new": 1},
            "kafka": nothing,
            "connector": nothing,
            "ksqldb": {**nothing, "listed": 1, "changed": 1},
            "flink": nothing,
            "schema_registry": nothing,
            "service_account": nothing,
        },
        "children": ["lksqlc-stock"],
    }


@pytest.mark.parametrize(
    ("fault", "path", "code", "words"),
    [
        ("401", listed.KAFKA, 3, "refused the API key"),
        ("403", "/org/v2/organizations", 3, "set CONFLUENT_ORGANIZATION_ID"),
        ("500", listed.KAFKA, 4, "Gave up after 1 tries"),
        ("drop", listed.ACCOUNTS, 4, "Gave up after 1 tries"),
    ],
)
def test_its_exit_code_says_whose_fault_it_is(configured, fault, path, code, words):
    configured.faults.add(fault, path=path)

    with pytest.raises(CommandError, match=words) as failed:
        run()

    assert failed.value.returncode == code


def test_it_says_which_organization_is_meant(configured, settings):
    settings.CONFLUENT_ORGANIZATION_ID = "o-other"

    with pytest.raises(CommandError, match="CONFLUENT_ORGANIZATION_ID is o-other") as failed:
        run()

    assert failed.value.returncode == 1


def test_it_says_what_is_missing_without_a_key(db, settings):
    settings.CONFLUENT_API_SECRET = ""

    with pytest.raises(CommandError, match="CONFLUENT_API_KEY and CONFLUENT_API_SECRET") as failed:
        run()

    assert failed.value.returncode == 1
