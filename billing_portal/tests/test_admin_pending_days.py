"""Days that still follow older rules wait for somebody who may change who pays."""

from billing_portal.tests.stored import staff
from costs.allocation import allocate_days
from costs.tests.ownership import (
    cluster,
    facts,
    line,
    october,
    organization,
    pending,
    rule,
    store,
)


def test_a_viewer_takes_none_along_by_trying_to_save(db, client):
    """A save first follows earlier changes, but not for who may not make one."""
    acme = organization()
    orders = cluster("lkc-1", of=acme)
    allocate_days(acme, store(acme, line(1, day=october(1), resource="lkc-1")))
    rule("A", of=acme, cluster=orders)
    client.force_login(staff(group="Viewer"))

    answer = client.post(f"/admin/dimensions/cluster/{orders.pk}/change/", {})

    assert answer.status_code == 403
    assert (pending(), facts("cost_center")) == ([1], [("Unallocated",)])
