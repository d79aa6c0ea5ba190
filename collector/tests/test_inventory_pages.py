"""A list is read to its end, page by page of 100."""

from datetime import date

from collector.inventory import sync_inventory
from collector.simulator import SimulatedConfluent, World
from collector.tests import listed
from collector.tests.conftest import NOW
from collector.tests.test_client_double import client_of
from dimensions.models import Cluster


def test_it_reads_more_clusters_than_a_page_holds(db):
    world = World(born=date(2026, 9, 1), scale=450)
    with SimulatedConfluent(world, clock=lambda: NOW) as confluent:
        report = sync_inventory(client_of(confluent.url))

    assert report.counts["kafka"].listed == Cluster.objects.filter(kind="kafka").count() == 463
    assert report.notices == ()
    asked = [request.parameters for request in confluent.requests if request.path == listed.KAFKA]
    # 4 environments with more than 100 clusters each, and one with 2
    assert len(asked) == 9
    assert {parameters["page_size"] for parameters in asked} == {"100"}
    assert [("page_token" in parameters) for parameters in asked].count(True) == 4
