"""Data quality: the calendar of days, the proof, what nobody owns, what changed and is unknown."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine

from billing_portal.tests.pages import read, rows, text_of
from billing_portal.tests.people import person
from billing_portal.tests.stored import quarantined_row, reconciliation_check, staff
from costs.allocation import allocate_days
from costs.models import BillingDay, BillingDayVersion
from costs.tests.ownership import center, cluster, line, organization, rule, store
from dimensions.models import Environment

# Tables of the page, after the calendar's three.
UNALLOCATED, CONFIDENCE = 3, 4


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(datetime(2026, 11, 12, 9, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def company(db):
    """9 to 11 November: settled and restated, incomplete, provisional. Nobody pays for lkc-2."""
    acme = organization()
    Environment.objects.create(organization=acme, env_id="env-1", name="Live")
    made, _ = cluster("lkc-1", of=acme), cluster("lkc-2", of=acme)
    center("CC-1", "BU-1")
    rule("CC-1", of=acme, cluster=made)
    lines = [line(70, day=date(2026, 11, n), resource="lkc-1", env="env-1") for n in (9, 10, 11)]
    lines.append(line(30, day=date(2026, 11, 11), resource="lkc-2", env="env-1"))
    lines.append(line(1, day=date(2026, 11, 11), resource="lkc-1", line_type="TELEPATHY"))
    allocate_days(acme, store(acme, *lines))
    days = BillingDay.objects
    days.filter(day="2026-11-09").update(version=2, fetched_at=datetime(2026, 11, 20, tzinfo=UTC))
    days.filter(day="2026-11-10").update(is_incomplete=True)
    days.filter(day="2026-11-11").update(fetched_at=datetime(2026, 11, 12, tzinfo=UTC))
    for version, amount in ((1, 65), (2, 70)):
        BillingDayVersion.objects.create(
            organization=acme, day=date(2026, 11, 9), version=version, line_count=1,
            amount=amount, changed_at=datetime(2026, 11, 9 + version, 12, tzinfo=UTC),
        )  # fmt: skip
    return acme


def test_the_calendar_says_how_sure_each_day_is(company, client):
    content = client.get("/quality").content.decode()

    found = dict(re.findall(r'href="/days/2026-11-(\d\d)" title="([^"]+)"', content))
    assert found["08"] == "8 November: not collected"
    assert found["09"] == "9 November: settled, restated"
    assert found["10"] == "10 November: incomplete or held"
    assert found["11"] == "11 November: provisional"
    assert found.keys() == {f"{number:02}" for number in range(1, 13)}


def test_one_organization_that_is_not_sure_makes_the_day_so(company, client):
    other = organization("o-2")
    store(other, line(1, day=date(2026, 11, 9)))
    BillingDay.objects.filter(organization=other).update(
        fetched_at=datetime(2026, 11, 10, tzinfo=UTC)
    )

    assert "9 November: provisional, restated" in client.get("/quality").content.decode()


def test_it_shows_what_the_last_proof_came_to(company, client):
    reconciliation_check(differences=2)

    assert "2 differences, the largest $1.00" in read(client, "/quality")


def test_days_are_proven_when_asked(company, client):
    text = read(client, "/quality/proof", start_date="2026-11-09", end_date="2026-11-12")

    assert "Proven: bill, lines, daily facts and hourly costs agree to the last digit." in text
    assert "3 stored days, 5 lines, $241.00 net" in text


def test_a_proof_says_where_the_bill_and_the_facts_disagree(company, client):
    BillingDay.objects.filter(day="2026-11-09").update(amount=71)

    answer = client.get("/quality/proof", {"start_date": "2026-11-09", "end_date": "2026-11-10"})

    assert "3 differences" in text_of(answer)
    assert rows(answer)[0][2:] == ["sum of the lines", "71.0000000000", "70.0000000000"]


def test_it_lists_what_nobody_owns_with_the_way_to_assign_it(company, client):
    client.force_login(staff(group="FinOps"))

    answer = client.get("/quality")

    unallocated = rows(answer, UNALLOCATED)
    assert unallocated == [["lkc-2", "Live env-1", "$30.00", "Assign"]]
    (address,) = re.findall(r'href="(/admin/dimensions/cluster/assign/\?ids=\d+)"',
                            answer.content.decode())  # fmt: skip
    assert client.get(address).status_code == 200


def test_who_may_not_assign_sees_no_button(company, client):
    client.force_login(person("ada", "Viewer"))

    assert "/admin/dimensions/cluster/assign/" not in client.get("/quality").content.decode()


def test_it_shows_confidence_by_environment(company, client):
    assert rows(client.get("/quality"), CONFIDENCE) == [
        ["Live env-1", "$210.00", "$0.00", "$30.00", "$240.00", "87.5 %"],
        ["No environment", "$1.00", "$0.00", "$0.00", "$1.00", "100.0 %"],
    ]


def test_it_says_what_changed_since_a_moment(company, client):
    assert "Sat" not in read(client, "/quality", since="2026-11-12")

    text = read(client, "/quality", since="2026-11-11")

    assert "What changed since 11 November 2026" in text
    assert "Mon 2026-11-09 o-1 $65.00 $70.00 +$5.00 0 0 1 (CSV) → 2 2026-11-20 12:00" in text


def test_it_shows_rows_in_quarantine_as_received(company, client):
    quarantined_row(of=company)

    text = read(client, "/quality")

    assert "The amount is not a number." in text
    assert '{"amount": "twelve"}' in text


def test_it_names_what_this_version_does_not_know(company, client):
    text = read(client, "/quality")

    assert "TELEPATHY" in text
    assert "Unknown to this version" in text


def test_a_limited_user_sees_days_and_the_own_share_alone(company, client):
    client.force_login(person("ada", "Viewer", limited_to=["BU-1"]))

    answer = client.get("/quality")
    text = text_of(answer)

    assert "Confidence by environment" in text
    for others in ("Reconciliation", "Unallocated", "Quarantine", "What changed", "30.00", "lkc-2"):
        assert others not in text


def test_an_empty_portal_says_so(db, client):
    text = read(client, "/quality")

    assert "no day yet" in text
    assert "The daily job proves the bill" in text


def test_a_day_that_one_organization_lacks_says_so(company, client):
    store(organization("o-2"), line(1, day=date(2026, 11, 9)))

    content = client.get("/quality").content.decode()

    assert "11 November: not collected for every organization" in content
