"""How often the API asks the database: as often for 30 rows as for 3, and no more than said."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing_portal.tests import stored
from billing_portal.tests.people import bearer, person, token_of
from costs.tests.billed import two_companies

# Beside who asks (the token, the user's other tokens, the limit, permissions of user and groups).
WHO = 5
QUERIES = {
    # organizations; rows with totals; how sure they are
    "costs?group_by=org,env,cluster,product,cost_center&limit=1000": 3,
    "costs?group_by=cluster&top=5&compare=previous&granularity=total": 3,
    "costs?group_by=business_unit&format=csv": 2,
    "costs/summary": 3,
    # organizations; days; one day after the other; how sure they are
    "costs/days?limit=100": 4,
    "costs/reconciliation": 6,
    # organizations; how many; the rows
    "dimensions/orgs": 3,
    "dimensions/envs": 3,
    "dimensions/clusters": 3,
    "dimensions/business-units": 3,
    "dimensions/cost-centers": 4,  # and where they belong
    "allocation/rules": 5,  # and their targets, and whom these are
    "allocation/policies": 5,
    # which runs go on, and since when; organizations; how many; the rows
    "collections": 5,
}
RANGE = "start_date=2026-10-01&end_date=2026-11-15"


@pytest.fixture
def ada(db):
    return bearer(token_of(person("ada", "Viewer")))


def queries(client, address, headers):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(f"/api/v1/{address}", headers=headers)
        assert response.status_code == 200, response.content
        rows = len(b"".join(response)) if response.streaming else len(response.content)
    assert rows
    return len(captured)


def _asked(address):
    if not address.startswith("costs"):
        return address
    dates = (
        RANGE if "reconciliation" not in address else "start_date=2026-10-02&end_date=2026-10-05"
    )
    return f"{address}{'&' if '?' in address else '?'}{dates}"


@pytest.mark.parametrize("count", [3, 30])
def test_it_asks_as_often_however_many_rows_there_are(ada, client, count):
    stored.store(count)

    found = {address: queries(client, _asked(address), ada) - WHO for address in QUERIES}

    assert found == QUERIES


@pytest.mark.parametrize("route", ["costs/facts", "costs/line-items"])
def test_it_asks_once_for_each_day_that_a_page_needs(ada, client, route):
    two_companies()

    by_days = [
        queries(client, f"{route}?start_date=2026-10-30&end_date={end}&limit=1000", ada)
        for end in ("2026-10-31", "2026-11-01", "2026-12-01")
    ]

    # The bill is of three days.
    assert [count - by_days[0] for count in by_days] == [0, 1, 2]


def test_a_limited_user_costs_one_question_more(db, client):
    stored.store(3)
    headers = bearer(token_of(person("ada", "Viewer", limited_to=["BU-1"])))

    # The codes of the units.
    assert queries(client, "costs/summary", headers) == WHO + 3 + 1
