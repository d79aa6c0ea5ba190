"""The overview: what the month comes to, who stands out, what changed, what is not sure."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from billing_portal.middleware import PAGES
from billing_portal.tests.pages import BROWSER, read, rows
from billing_portal.tests.people import person
from billing_portal.tests.stored import bill_day, organization
from costs.allocation import allocate_days
from costs.models import BillingDay, DailyCostFact
from costs.tests.ownership import center, cluster, line, rule, store
from dimensions.models import Cluster

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
QUERIES = 28


@pytest.fixture(autouse=True)
def today():
    """The 12th; the 10th is the last billed day."""
    with time_machine.travel(datetime(2026, 11, 12, 9, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def company(db):
    """orders costs 100 a day in October and 120 in November; a credit of 34.5 on the 3rd.

    The 10th is provisional. CC-1 of BU-1 pays from November on, nobody before.
    """
    acme = organization("Meridian Foods")
    made = cluster("lkc-1", of=acme)
    Cluster.objects.update(name="orders")
    center("CC-1", "BU-1")
    rule("CC-1", of=acme, cluster=made, valid_from=date(2026, 11, 1))
    lines = [
        line(100 if day.month == 10 else 120, day=day, resource="lkc-1", name="orders")
        for day in [*(date(2026, 10, n) for n in range(1, 32)), *_november()]
    ]
    lines.append(line("-34.5", day=date(2026, 11, 3), product="", line_type="PROMO_CREDIT"))
    allocate_days(acme, store(acme, *lines))
    BillingDay.objects.filter(day="2026-11-10").update(
        fetched_at=datetime(2026, 11, 11, tzinfo=UTC)
    )
    return acme


def _forget(*days):
    """As if the days had never been collected."""
    BillingDay.objects.filter(day__in=days).delete()
    DailyCostFact.objects.filter(charge_date__in=days).delete()


def _november():
    return [date(2026, 11, n) for n in range(1, 11)]


def test_it_says_what_the_month_and_the_last_one_come_to(company, client):
    text = read(client, "/")

    assert "Data through 10 November 2026 (UTC)" in text
    assert "Month to date, net $1,165.50 USD 1 to 10 Nov 2026: usage $1,200.00" in text
    assert f"credits {MINUS}$34.50. The last days are provisional." in text
    assert "Last month, net $3,100.00 USD October 2026" in text


def test_it_compares_settled_days_with_the_same_days_of_last_month(company, client):
    assert (
        "Change to last month +$145.50 USD +16.2 %: 1 to 9 Nov came to $1,045.50, the same days "
        "of last month to $900.00." in read(client, "/")
    )


def test_it_says_when_there_is_nothing_to_compare_with(company, client):
    BillingDay.objects.filter(day__lt="2026-10-03").delete()

    assert "2 of those days are not collected: no fair comparison." in read(client, "/")


def test_it_states_the_run_rate_by_settled_days(company, client):
    # (9 x 120 - 34.5) / 9 x 30
    assert (
        "Run rate to month end $3,485.00 USD If each day cost what the 9 settled ones did on "
        "average, credits included: an average, not a forecast." in read(client, "/")
    )


def test_days_that_are_not_collected_are_not_in_the_average(company, client):
    _forget(date(2026, 11, 1), date(2026, 11, 2))

    # (7 x 120 - 34.5) / 7 x 30
    assert "Run rate to month end $3,452.14 USD If each day cost what the 7" in read(client, "/")


def test_one_day_that_stays_provisional_holds_nothing_up(company, client):
    BillingDay.objects.filter(day="2026-11-02").update(fetched_at=datetime(2026, 11, 2, tzinfo=UTC))

    text = read(client, "/")

    assert "what the 8 settled ones did" in text
    assert "Net USD from 2026-11-03 to 2026-11-09 (settled days)" in text


def test_there_is_no_run_rate_before_a_day_is_settled(company, client):
    BillingDay.objects.filter(day__gte="2026-11-01").update(
        fetched_at=datetime(2026, 11, 1, tzinfo=UTC)
    )

    text = read(client, "/")

    assert f"Change to last month {DASH} No day of the month is settled yet." in text
    assert f"Run rate to month end {DASH} From the first settled day on." in text


def test_it_says_how_much_is_allocated(company, client):
    text = read(client, "/")

    assert "Allocated 100.0 %" in text
    assert f"Unallocated, net: {MINUS}$34.50." in text


def test_it_tells_of_days_that_may_still_change(company, client):
    assert "1 day is provisional, since 2026-11-10" in read(client, "/")


def test_it_splits_what_changed_into_price_and_quantity(company, client):
    answer = client.get("/", headers={"accept": BROWSER})

    # Lines without a quantity have neither: 3 to 9 November against 27 October to 2 November.
    assert rows(answer, 1) == [
        ["orders lkc-1", "+$100.00", "+13.5 %", "$0.00", "$0.00", "+$100.00", "$740.00", "$840.00"],
        ["No resource", f"{MINUS}$34.50", DASH, "$0.00", "$0.00", f"{MINUS}$34.50", "$0.00",
         f"{MINUS}$34.50"],
    ]  # fmt: skip


def test_it_lists_who_stands_out(company, client):
    answer = client.get("/", headers={"accept": BROWSER})

    assert rows(answer, 2) == [
        ["orders lkc-1", "", "$3,200.00"],
        ["No resource", "", f"{MINUS}$34.50"],
    ]
    assert rows(answer, 4) == [["Unallocated", "", "$1,965.50"], ["BU-1", "", "$1,200.00"]]


def test_it_shows_no_month_before_its_first_bill(db, client):
    acme = organization()
    allocate_days(acme, store(acme, line(5, day=date(2026, 10, 31))))

    text = read(client, "/")

    assert "No day of November is billed yet." in text
    assert "Last month, net $5.00 USD" in text


def test_it_names_every_organization(db, client):
    for number, name in enumerate(["Zeta", "Alpha"]):
        bill_day("2026-11-08", of=organization(name, f"org-{number}"))

    assert "Alpha, Zeta" in read(client, "/")


@pytest.mark.parametrize("line_counts", [[], [0]])
def test_it_says_what_to_do_while_nothing_is_stored(db, client, line_counts):
    for line_count in line_counts:
        bill_day("2026-11-08", of=organization(), line_count=line_count)

    text = read(client, "/")

    assert "No bill is stored yet" in text
    assert "make demo" in text
    assert "python manage.py collect_costs" in text
    assert "$" not in text


def test_it_says_which_group_is_missing(company, client):
    client.force_login(person("nobody"))

    assert "Your login does not see costs yet" in read(client, "/")


def test_it_says_that_a_limited_user_owes_nothing(company, client):
    client.force_login(person("ada", "Viewer", limited_to=[]))

    assert "No cost of yours is stored yet" in read(client, "/")


def test_it_shows_a_limited_user_the_share_and_nothing_of_runs(company, client):
    client.force_login(person("ada", "Viewer", limited_to=["BU-1"]))

    text = read(client, "/")

    assert "Your share of the Confluent Cloud bill" in text
    assert "Month to date, net $1,200.00 USD" in text
    for others in ("34.50", "Unallocated", "Allocated", "collection has"):
        assert others not in text


@pytest.mark.parametrize("resources", [1, 30])
def test_it_asks_the_database_as_much_for_a_larger_company(
    db, client, django_assert_num_queries, resources
):
    acme = organization()
    lines = [
        line(10 + n, day=day, resource=f"lkc-{n}") for n in range(resources) for day in _november()
    ]
    for number in range(resources):
        cluster(f"lkc-{number}", of=acme)
    allocate_days(acme, store(acme, *lines))

    with django_assert_num_queries(QUERIES):
        client.get("/", headers={"accept": BROWSER})


def test_it_lets_the_browser_run_nothing_that_stands_in_the_page(company, client):
    answer = client.get("/", headers={"accept": BROWSER})
    content = answer.content.decode()

    assert answer["Content-Security-Policy"] == PAGES
    for forbidden in ("<style", " style=", " onclick=", "https://", "http://", "javascript:"):
        assert forbidden not in content
    assert content.count("<script") == content.count("<script src=") + content.count(
        'type="application/json">'
    )
