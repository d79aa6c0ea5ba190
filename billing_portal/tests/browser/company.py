"""A company for the pages to show, on a day when the portal's clock stands still: 18 November 2026.

Meridian's bill of every day from 1 September to 17 November but 20 October, which is missing:

| resource        | environment     | product | paid by                                        |
|-----------------|-----------------|---------|------------------------------------------------|
| lkc-orders      | env-live (Live) | KAFKA   | CC-100 of Retail; a storage and a base line    |
| lcc-sink        | env-live        | CONNECT | CC-100, as it runs on lkc-orders               |
| lkc-shared      | env-try (Try)   | KAFKA   | CC-100 60 %, CC-200 of Logistics 40 %          |
| lkc-long        | env-try         | KAFKA   | CC-200 by env-try's rule; a very long name     |
| lkc-lab         | env-lab (no name) | KAFKA | nobody                                         |
| xyz-1           | env-live        | MAGIC   | nobody; a product and a kind that are unknown  |
| (none)          | (none)          | SUPPORT | by proportion                                  |
| (none)          | (none)          | (none)  | nobody; a credit on Mondays                    |

15 to 17 November are provisional, 10 November is restated, 12 November has a row in quarantine.
Borealis' bill from 30 October on: lkc-twin, of an id that Meridian has, too.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.contrib.auth import get_user_model

from billing_portal.tests import stored
from billing_portal.tests.people import person
from billing_portal.tokens import make_token
from collector.models import CollectionRun, QuarantinedRow
from costs.allocation import allocate_days
from costs.models import BillingDay, BillingDayVersion, CostLineItem
from costs.tests.ownership import center, line, organization, rule, store, support
from dimensions.models import BusinessUnit, Cluster, Environment

NOW = datetime(2026, 11, 18, 9, tzinfo=UTC)
TODAY = NOW.date()
FIRST, LAST = date(2026, 9, 1), date(2026, 11, 17)
MISSING, RESTATED, QUARANTINED = date(2026, 10, 20), date(2026, 11, 10), date(2026, 11, 12)
SETTLED = date(2026, 11, 14)  # the last one
LONG_NAME = "clickstream-" + "w" * 288
PASSWORD = "only-for-tests"
# Beside Ada, a superuser: name, group, whether staff, business units that the user is limited to.
PEOPLE = {
    "vera": ("Viewer", False, None),
    "fay": ("FinOps", True, None),
    "otto": ("Operator", True, None),
    "lisa": ("Viewer", False, ["Retail"]),
    "nora": ("", False, None),
}
RUNS = 27  # more than a page of the list has
FAILED = "Confluent Cloud refused the API key (401)."


def build():
    """Store the company, its people and its runs."""
    meridian = organization("o-1")
    meridian.name = "Meridian Foods"
    meridian.save()
    _places(meridian)
    _owners(meridian)
    days = store(meridian, *_bill())
    _change_a_day(meridian)
    allocate_days(meridian, days)
    borealis = organization("o-2")
    borealis.name = "Borealis"
    borealis.save()
    for each in (meridian, borealis):
        _resource("lkc-twin", "twin", "kafka", of=each)
    _bill_of(borealis)
    _fetched_this_morning()
    _people()
    _runs(meridian)
    stored.reconciliation_check()
    _quarantined(meridian)


def _places(meridian):
    for env_id, name, stage in (
        ("env-live", "Live", "production"),
        ("env-try", "Try", "non-production"),
        ("env-lab", "", ""),
    ):
        Environment.objects.create(organization=meridian, env_id=env_id, name=name, stage=stage)
    _resource("lkc-orders", "orders", "kafka", of=meridian, env_id="env-live", region="eu-west-1")
    _resource(
        "lcc-sink", "sink", "connector", of=meridian, env_id="env-live",
        parent_cluster_id="lkc-orders",
    )  # fmt: skip
    _resource("lkc-shared", "shared", "kafka", of=meridian, env_id="env-try")
    _resource("lkc-long", LONG_NAME, "kafka", of=meridian, env_id="env-try")
    _resource("lkc-lab", "", "kafka", of=meridian, env_id="env-lab")
    _resource("xyz-1", "stranger", "unknown", of=meridian, env_id="env-live")


def _resource(cluster_id, name, kind, *, of, **fields):
    return Cluster.objects.create(
        organization=of, cluster_id=cluster_id, name=name, kind=kind, **fields
    )


def _owners(meridian):
    center("CC-100", "Retail")
    center("CC-200", "Logistics")
    center("CC-900", "Borealis")
    BusinessUnit.objects.filter(code="Retail").update(name="Retail & Shops")
    by_id = {each.cluster_id: each for each in Cluster.objects.filter(organization=meridian)}
    rule("CC-100", of=meridian, cluster=by_id["lkc-orders"])
    rule({"CC-100": 60, "CC-200": 40}, of=meridian, cluster=by_id["lkc-shared"])
    rule("CC-200", of=meridian, environment=Environment.objects.get(env_id="env-try"))


def _bill():
    day = FIRST
    while day <= LAST:
        if day != MISSING:
            yield from _of_day(day, (day - FIRST).days)
        day += timedelta(days=1)


def _of_day(day, number):
    """More from day to day; with places beyond the cents, and dearer in November."""
    live, lab = {"env": "env-live"}, {"env": "env-lab"}
    price = Decimal("0.105") if day.month == 11 else Decimal("0.1")
    storage = line(price * (900 + number), "gb", day=day, resource="lkc-orders", name="orders",
                   **live)  # fmt: skip
    storage.unit, storage.price, storage.quantity = "GB", price, Decimal(900 + number)
    yield storage
    base = line("40.12345", "hours", day=day, resource="lkc-orders", name="orders",
                line_type="KAFKA_BASE", list_amount="50", **live)  # fmt: skip
    base.unit, base.price, base.quantity = "hour", Decimal(50) / 24, Decimal(24)
    base.discount_amount = Decimal("9.87655")
    yield base
    yield line("20.005", "tasks", day=day, resource="lcc-sink", name="sink", product="CONNECT",
               line_type="CONNECT_CAPACITY", **live)  # fmt: skip
    yield line(Decimal("33.333") + number, "shared", day=day, resource="lkc-shared",
               name="shared", env="env-try")  # fmt: skip
    yield line("11.1", "long", day=day, resource="lkc-long", name=LONG_NAME, env="env-try")
    yield line("25.5", "lab", day=day, resource="lkc-lab", **lab)
    yield support(Decimal("30.01") + number, day=day)
    if day >= date(2026, 11, 1):
        yield line("3.3", "magic", day=day, resource="xyz-1", name="stranger", product="MAGIC",
                   line_type="WAND", **live)  # fmt: skip
    if day.weekday() == 0:
        yield line("-50.5", "promo", day=day, product="", line_type="PROMO_CREDIT")


def _change_a_day(meridian):
    """Its storage cost 4.25 more at first: that line is closed, another one came with version 2."""
    day = BillingDay.objects.get(organization=meridian, day=RESTATED)
    new = CostLineItem.objects.get(day=RESTATED, description="gb")
    CostLineItem.objects.filter(pk=new.pk).update(first_version=2)
    was = Decimal("4.25") + new.amount
    old = line(was, "gb, first", day=RESTATED, resource="lkc-orders", name="orders",
               env="env-live")  # fmt: skip
    old.organization, old.last_version = meridian, 1
    old.save()
    for version, amount in ((1, day.amount + Decimal("4.25")), (2, day.amount)):
        BillingDayVersion.objects.create(
            organization=meridian, day=RESTATED, version=version, line_count=day.line_count,
            amount=amount, changed_at=datetime(2026, 11, 10 + version, 3, tzinfo=UTC),
        )  # fmt: skip
    BillingDay.objects.filter(pk=day.pk).update(
        version=2, last_changed_at=datetime(2026, 11, 12, 3, tzinfo=UTC)
    )


def _fetched_this_morning():
    this_morning = NOW - timedelta(hours=3)
    BillingDay.objects.exclude(day=RESTATED).update(last_changed_at=this_morning)
    BillingDay.objects.update(
        fetched_at=this_morning,
        first_collected_at=datetime(2026, 9, 2, tzinfo=UTC),
        last_collected_at=this_morning,
    )


def _bill_of(borealis):
    begin = date(2026, 10, 30)
    days = [begin + timedelta(days=number) for number in range((LAST - begin).days + 1)]
    lines = [line("7", "twin", day=day, resource="lkc-twin", name="twin") for day in days]
    rule("CC-900", of=borealis)
    allocate_days(borealis, store(borealis, *lines))


def _people():
    for name, (group, is_staff, units) in PEOPLE.items():
        user = person(name, *([group] if group else []), limited_to=units)
        user.is_staff = is_staff
        user.set_password(PASSWORD)
        user.save()
    ada = get_user_model().objects.create_superuser("ada")
    for token, days in (("nightly export", 90), ("ends soon", 3)):
        make_token(ada, name=token, scopes=["read"], days=days)


def _runs(meridian):
    """The newest failed, all others succeeded."""
    made = [
        CollectionRun(
            organization=meridian,
            trigger="collect_costs",
            window_start=date(2026, 11, 1),
            window_end=TODAY,
            state=CollectionRun.State.SUCCEEDED,
            started_at=NOW - timedelta(hours=number + 1),
            finished_at=NOW - timedelta(hours=number + 1) + timedelta(seconds=12),
            days_done=17,
            lines_received=1_234,
            days_changed=1,
            notices=["Unknown product MAGIC."],
        )
        for number in range(RUNS)
    ]
    made[0].state, made[0].failure = CollectionRun.State.FAILED, "credentials"
    made[0].error, made[0].days_done, made[0].notices = FAILED, 0, []
    CollectionRun.objects.bulk_create(made)


def _quarantined(meridian):
    BillingDay.objects.filter(organization=meridian, day=QUARANTINED).update(is_incomplete=True)
    QuarantinedRow.objects.create(
        organization=meridian, day=QUARANTINED, window_start=date(2026, 11, 1), window_end=TODAY,
        reason="The amount is not a number.", amount_text="twelve",
        raw='{"amount": "twelve", "resource": "' + "w" * 300 + '"}', raw_hash=UUID(int=2),
        first_fetched_at=NOW, fetched_at=NOW,
    )  # fmt: skip
