"""Documents that are not what they should be are told of and left out."""

from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector import documents
from collector.documents import Resource, UnreadableDocument
from collector.tests import listed
from dimensions.models import Cluster

ORDERS = Resource(id="lkc-orders", name="orders", metadata={}, env_id="env-prod")
READERS = [
    documents.environment,
    partial(documents.kafka_cluster, env_id="env-prod"),
    lambda said: documents.connector(("name", said), cluster=ORDERS),
    partial(documents.ksqldb_cluster, env_id="env-prod", kafka={"lkc-orders": ORDERS}),
    partial(documents.compute_pool, env_id="env-prod"),
    partial(documents.schema_registry, env_id="env-prod"),
    documents.service_account,
    documents.user,
]
KEYS = ("id", "spec", "status", "info", "config", "connector", "display_name", "kafka_cluster")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner),
)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (None, "an entry without id: Expected `object`, got `null`"),
        ("lkc-1", "an entry without id: Expected `object`, got `str`"),
        ({"spec": {}}, "an entry without id: Object missing required field `id`"),
        ({"id": "", "spec": {}}, "an entry without id: Expected `str` of length >= 1 - at `$.id`"),
        ({"id": 7, "spec": {}}, "7: Expected `str`, got `int` - at `$.id`"),
        ({"id": "lkc-1"}, "lkc-1: Object missing required field `spec`"),
        ({"id": "lkc-1", "spec": None}, "lkc-1: Expected `object`, got `null` - at `$.spec`"),
        (
            {"id": "lkc-1", "spec": {"region": ["x"]}},
            "lkc-1: Expected `str | null`, got `array` - at `$.spec.region`",
        ),
    ],
)
def test_it_tells_of_an_unreadable_entry_and_stores_the_others(confluent, sync, document, reason):
    listed.serve(confluent, kafka=[document, listed.kafka()])

    report = sync()

    assert Cluster.objects.values_list("cluster_id", flat=True).get() == "lkc-orders"
    assert report.notices == (
        "The list of Kafka clusters of env-prod has entries that cannot be read, the first is "
        f"{reason}. They were left out, and nothing of such a list is marked as gone.",
    )


def test_nothing_of_such_a_list_is_gone(confluent, sync):
    listed.serve(confluent, kafka=[listed.kafka(), listed.kafka("lkc-other")])
    sync()
    listed.serve(confluent, kafka=[{"id": "lkc-other", "spec": None}])

    sync()

    assert not Cluster.objects.filter(gone_since__isnull=False).exists()


def test_an_unreadable_connector_is_named(confluent, sync):
    listed.serve(
        confluent,
        kafka=[listed.kafka()],
        connectors={"broken": {"info": {}}, "to-s3": listed.connector()},
    )

    report = sync()

    assert Cluster.objects.filter(kind="connector").count() == 1
    (notice,) = report.notices
    assert "of lkc-orders has entries that cannot be read, the first is broken: " in notice


def test_one_id_in_two_lists_is_one_row(confluent, sync):
    pool = listed.pool("lkc-orders")
    listed.serve(confluent, kafka=[listed.kafka(), listed.kafka()], flink=[pool])

    sync()

    assert Cluster.objects.count() == 1


def test_it_stores_what_the_database_cannot_hold_in_another_way(confluent, sync):
    listed.serve(confluent, flink=[listed.pool(display_name="a\x00b")])

    sync()

    assert Cluster.objects.values_list("name", flat=True).get() == "a\ufffdb"


@given(document=ANYTHING)
@pytest.mark.parametrize("read", READERS)
def test_no_json_breaks_a_reader(read, document):
    with suppress(UnreadableDocument):
        assert read(document).id
