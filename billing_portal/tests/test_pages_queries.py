"""How often pages ask the database: as often for 30 resources as for 2, and no more than said."""

from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing_portal.tests import stored
from billing_portal.tests.pages import BROWSER
from billing_portal.tests.people import person, token_of
from costs.allocation import allocate_days
from costs.tests.ownership import center, cluster, environment, line, organization, rule, store, tag
from dimensions.models import Cluster, CostCenter

# Who asks: the session, the user, permissions of the user and of groups, the limit.
WHO = 5
# Beside who asks.
QUERIES = {
    "/": 29,
    "/?by=business_unit": 29,
    "/explore?DAYS": 4,
    "/explore?DAYS&group_by=cluster&top=200": 4,
    "/explore?DAYS&group_by=org,env,cluster,business_unit,cost_center&granularity=daily": 4,
    "/explore?DAYS&group_by=cluster&compare=previous&granularity=total": 6,
    "/explore?DAYS&group_by=cluster&granularity=hourly": 5,
    "/explore?DAYS&cluster=lkc-0&cluster=lkc-1&exclude[env]=env-x": 6,
    "/explore/values?DAYS&dimension=cluster": 2,
    "/changes?DAYS&by=cluster": 6,
    "/changes?DAYS&by=cost_center": 6,
    "/days/2026-11-02": 8,
    "/explain?day=2026-11-02&cluster=lkc-0": 20,
    "/explain?day=2026-11-02": 17,
    "/clusters/lkc-0?DAYS": 24,
    "/environments/env-0?DAYS": 12,
    "/chargeback": 2,
    "/chargeback/2026-11": 7,
    "/chargeback/2026-11/statement?business_unit=BU-0": 14,
    "/chargeback/2026-11/statement?business_unit=BU-0&cost_center=CC-0": 14,
    "/quality": 13,
    "/quality?since=2026-10-01&months=13": 13,
    "/quality/proof?DAYS": 5,
    "/runs": 5,
    "/runs/{run}": 4,
    "/account": 2,
}
LIMITED = {
    "/": 24,
    "/explore?DAYS&group_by=cluster&top=200": 5,
    "/changes?DAYS&by=cluster": 7,
    "/days/2026-11-02": 9,
    "/explain?day=2026-11-02&cluster=lkc-0": 7,
    "/clusters/lkc-0?DAYS": 12,
    "/environments/env-0?DAYS": 10,
    "/chargeback/2026-11": 7,
    "/chargeback/2026-11/statement?business_unit=BU-0": 15,
    "/quality": 6,
    "/account": 12,
}
DAYS = "start_date=2026-10-31&end_date=2026-11-04"


@pytest.fixture(autouse=True)
def today(db):
    with time_machine.travel("2026-11-12T09:00:00+00:00", tick=False):
        yield


def company(count):
    """So many resources, environments, owners, rules, tags, runs and rows that nobody can read.

    All are in one environment and business unit too, each with lines of four days.
    """
    acme = organization()
    lines = []
    for number in range(count):
        code = f"CC-{number}"
        center(code, f"BU-{number}" if number % 2 else "BU-0")
        CostCenter.objects.filter(code=code).update(name=f"Center {number}")
        place = environment(f"env-{number}", of=acme)
        made = cluster(f"lkc-{number}", of=acme, parent="lkc-0")
        Cluster.objects.filter(pk=made.pk).update(name=f"n-{number}", env_id=f"env-{number}")
        tag(made, "team", f"team-{number}")
        rule(code, of=acme, cluster=made)
        rule({code: 60, center("CC-0").code: 40} if number else code, of=acme, environment=place)
        rule(code, of=acme, pattern=f"^n-0|{number}$")
        lines += [_line(number, day) for day in (31, 1, 2, 3)]
        lines += [_line(number, day, resource="lkc-0", env="env-0") for day in (2, 3)]
        lines.append(_line(number, 2, resource="", env="", line_type="SUPPORT", product="SUPPORT"))
        lines.append(_line(number, 2, resource=f"lkc-nobody-{number}", env=""))
        stored.run(of=acme)
        stored.quarantined_row(of=acme)
    allocate_days(acme, store(acme, *lines))
    return acme


def _line(number, day, resource=None, env=None, line_type=None, product="KAFKA"):
    made = line(
        10 + number + day,
        f"line {number}",
        day=date(2026, 10, 31) if day == 31 else date(2026, 11, day),
        resource=f"lkc-{number}" if resource is None else resource,
        name=f"n-{number}",
        env=f"env-{number}" if env is None else env,
        product=product,
        line_type=line_type or f"TYPE_{number}",
    )
    made.quantity, made.price, made.unit = 2, 5, "GB"
    return made


def counted(client, address, run):
    address = address.replace("DAYS", DAYS).format(run=run.pk)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address, headers={"accept": BROWSER})
    assert answer.status_code in (200, 302), (address, answer.status_code)
    return len(captured)


@pytest.mark.parametrize("count", [2, 30])
def test_pages_ask_as_often_however_many_resources_there_are(client, count):
    run = stored.run(of=company(count))
    ada = person("ada", "Viewer")
    client.force_login(ada)
    for _ in range(count):
        token_of(ada)
    counted(client, "/explore", run)

    found = {each: counted(client, each, run) - WHO for each in QUERIES}

    assert found == QUERIES


@pytest.mark.parametrize("count", [2, 30])
def test_pages_of_a_limited_user_do_so_too(client, count):
    """Of runs, rules and the whole bill there is less to ask; of the own units a little more."""
    run = stored.run(of=company(count))
    client.force_login(person("ada", "Viewer", limited_to=["BU-0"]))
    counted(client, "/explore", run)

    found = {each: counted(client, each, run) - WHO for each in LIMITED}

    assert found == LIMITED
