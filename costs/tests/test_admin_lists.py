"""Lists of resources and environments open on what nobody pays for, the dearest first."""

from datetime import date

import pytest

from costs.allocation import allocate_days
from costs.models import BillingDay
from costs.tests.ownership import (
    center,
    cluster,
    environment,
    line,
    october,
    organization,
    rule,
    store,
    support,
)

CLUSTERS, ENVIRONMENTS = "/admin/dimensions/cluster/", "/admin/dimensions/environment/"


@pytest.fixture
def acme(db):
    """October, with five resources in as many environments, and the month before.

    cheap and dear belong to nobody, paid to A, split half to A and half to nobody; idle costs
    nothing; before cost something in September only.
    """
    acme = organization()
    center("A", "Retail")
    names = ("cheap", "dear", "paid", "split", "idle", "before")
    clusters = {name: cluster(f"lkc-{name}", of=acme) for name in names}
    places = {name: environment(f"env-{name}", of=acme) for name in names}
    for narrowed in ({"cluster": clusters["split"]}, {"environment": places["split"]}):
        rule("A", of=acme, product="KAFKA", **narrowed)
    rule("A", of=acme, cluster=clusters["paid"])
    amounts = {"cheap": "0.50", "dear": "1234.50", "paid": "99", "split": "10"}
    lines = [charge(name, amount, october(14)) for name, amount in amounts.items()]
    lines += [
        charge("split", "10", october(15), product="CONNECT"),
        charge("before", "7777", date(2026, 9, 30)),
        support("8", day=october(15)),
    ]
    allocate_days(acme, store(acme, *lines))
    return acme


def charge(name, amount, day, product="KAFKA"):
    return line(amount, resource=f"lkc-{name}", env=f"env-{name}", day=day, product=product)


def listed(client, address, **query):
    """The first cells of each row: the name without its prefix, the two amounts, who pays."""
    admin_list = client.get(address, query).context["cl"]
    model_admin = admin_list.model_admin
    return [
        (
            str(each).partition("-")[2],
            model_admin.month_usd(each),
            model_admin.unallocated_usd(each),
            model_admin.paid_by(each),
        )
        for each in admin_list.result_list
    ]


DASH = "\N{EN DASH}"
CHEAP = ("cheap", "$0.50", "$0.50", "Unallocated")
DEAR = ("dear", "$1,234.50", "$1,234.50", "Unallocated")
SPLIT = ("split", "$20.00", "$10.00", "A, Unallocated")
PAID = ("paid", "$99.00", "$0.00", "A")
BEFORE, IDLE = ((name, DASH, DASH, "") for name in ("before", "idle"))


@pytest.mark.parametrize("address", [CLUSTERS, ENVIRONMENTS])
def test_it_opens_on_what_nobody_pays_for_with_the_dearest_first(acme, fay, address):
    assert listed(fay, address) == [DEAR, SPLIT, CHEAP]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ({"cost": "allocated"}, [PAID]),
        ({"cost": "any"}, [DEAR, SPLIT, CHEAP, PAID]),
        ({"cost": "all"}, [DEAR, SPLIT, CHEAP, PAID, BEFORE, IDLE]),
        ({"cost": "moon"}, [DEAR, SPLIT, CHEAP]),
        ({"cost": "any", "o": "-2"}, [DEAR, PAID, SPLIT, CHEAP]),
        ({"cost": "any", "o": "2"}, [CHEAP, SPLIT, PAID, DEAR]),
        ({"cost": "any", "o": "-3"}, [DEAR, SPLIT, CHEAP, PAID]),
        ({"cost": "any", "o": "3"}, [PAID, CHEAP, SPLIT, DEAR]),
    ],
    ids=str,
)
def test_it_shows_the_others_when_asked(acme, fay, query, rows):
    assert listed(fay, CLUSTERS, **query) == rows


@pytest.mark.parametrize(
    ("word", "rows"), [("paid", [PAID]), ("idle", [IDLE]), ("lkc-before", [BEFORE])]
)
def test_a_search_looks_everywhere(acme, fay, word, rows):
    assert listed(fay, CLUSTERS, q=word) == rows
    assert listed(fay, CLUSTERS, q=word, cost="allocated") == [row for row in rows if row == PAID]


def test_it_shows_the_rows_as_people_read_them(acme, fay):
    content = fay.get(CLUSTERS).content.decode()

    assert '<td class="field-unallocated_usd">$1,234.50</td>' in content
    assert '<td class="field-paid_by">A, Unallocated</td>' in content


@pytest.mark.parametrize("address", [CLUSTERS, ENVIRONMENTS])
def test_it_says_which_days_and_what_is_unallocated(acme, fay, address):
    """0.50 + 1,234.50 + 10 of CONNECT + 8 of support, which follows that day's direct cost."""
    content = fay.get(address).content.decode()

    assert (
        "October 2026, through 2026-10-15 (UTC): $1,253.00 of $1,362.00 net are unallocated; "
        "$8.00 of it names no resource (shared costs, credits)."
    ) in content


def test_it_says_that_the_last_days_are_provisional(acme, fay):
    BillingDay.objects.filter(day=october(15)).update(fetched_at="2026-10-16T00:00Z")

    assert "(UTC; the last days are provisional)" in fay.get(CLUSTERS).content.decode()


@pytest.mark.parametrize("address", [CLUSTERS, ENVIRONMENTS])
def test_it_says_when_nothing_is_collected(fay, address):
    page = fay.get(address)

    assert "Nothing is collected yet." in page.content.decode()
    assert page.context["cl"].result_count == 0


def test_it_lists_what_is_known_before_the_first_bill(fay):
    """An inventory that was read before any bill: nothing to allocate, all to be found."""
    cluster("lkc-new", of=organization())

    assert listed(fay, CLUSTERS) == []
    assert listed(fay, CLUSTERS, cost="all") == [("new", DASH, DASH, "")]


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("dear", "$1,234.50 in October 2026 (through 2026-10-15, UTC), $1,234.50 of it unalloc"),
        ("split", "$20.00 in October 2026 (through 2026-10-15, UTC), $10.00 of it unallocated"),
        ("paid", "$99.00 in October 2026 (through 2026-10-15, UTC), paid by A"),
        ("idle", "no cost this month"),
    ],
)
def test_a_page_begins_with_the_cost_of_the_month(acme, fay, name, headline):
    pk = acme.clusters.get(cluster_id=f"lkc-{name}").pk

    assert f"lkc-{name} · {headline}" in fay.get(f"{CLUSTERS}{pk}/change/").content.decode()


def test_it_names_three_payers_and_counts_the_rest(acme, fay):
    shares = dict.fromkeys("BCDEF", 20)
    rule(shares, of=acme, cluster=acme.clusters.get(cluster_id="lkc-dear"))
    allocate_days(acme, [october(14)])

    (dear,) = listed(fay, CLUSTERS, q="dear")

    assert dear == ("dear", "$1,234.50", "$0.00", "B, C, D and 2 more")


def test_a_credit_counts_as_unallocated(acme, fay):
    """What nobody owns may be negative; it is not allocated for that."""
    allocate_days(acme, store(acme, charge("idle", "-3", october(16))))

    assert ("idle", "\N{MINUS SIGN}$3.00", "\N{MINUS SIGN}$3.00", "Unallocated") in listed(
        fay, CLUSTERS
    )
