"""A small bill with owners, for tests of reports: two companies, three days around a month's end.

Meridian's lines (USD):

| day    | resource | environment      | product | amount | paid by                |
|--------|----------|------------------|---------|--------|------------------------|
| 30 Oct | lkc-1    | env-1 production | KAFKA   | 100    | CC-1 of BU-1           |
| 30 Oct | lkc-2    | env-2            | KAFKA   | 50     | CC-1 60 %, CC-2 40 %   |
| 30 Oct | -        | -                | SUPPORT | 30     | by proportion          |
| 31 Oct | lcc-3    | env-1            | CONNECT | 20     | nobody                 |
| 2 Nov  | lkc-1    | env-1            | KAFKA   | 110    | CC-1                   |
| 2 Nov  | -        | -                | (none)  | -10    | nobody (PROMO_CREDIT)  |

Borealis' line: 30 Oct, lkc-9, KAFKA, 7, CC-9 of BU-9.
"""

from datetime import date

from costs.allocation import allocate_days
from costs.models import BillingDay
from costs.tests.ownership import center, cluster, line, organization, rule, store, support
from dimensions.models import Environment

OCT_30, OCT_31, NOV_2 = date(2026, 10, 30), date(2026, 10, 31), date(2026, 11, 2)
EVERY_DAY = {"start_date": "2026-10-30", "end_date": "2026-11-03"}


def two_companies():
    """Store the bill that the module shows, allocated; the two organizations."""
    meridian, borealis = organization("o-1"), organization("o-2")
    meridian.name, borealis.name = "Meridian", "Borealis"
    meridian.save(), borealis.save()
    for env_id, name, stage in (("env-1", "Live", "production"), ("env-2", "Try", "")):
        Environment.objects.create(organization=meridian, env_id=env_id, name=name, stage=stage)
    resources = {
        cluster_id: cluster(cluster_id, of=meridian) for cluster_id in ("lkc-1", "lkc-2", "lcc-3")
    }
    ninth = cluster("lkc-9", of=borealis)
    for code, unit in (("CC-1", "BU-1"), ("CC-2", "BU-2"), ("CC-9", "BU-9")):
        center(code, unit)
    rule("CC-1", of=meridian, cluster=resources["lkc-1"])
    rule({"CC-1": 60, "CC-2": 40}, of=meridian, cluster=resources["lkc-2"])
    rule("CC-9", of=borealis, cluster=ninth)
    bill(
        meridian,
        line(
            "100",
            "kafka",
            day=OCT_30,
            resource="lkc-1",
            name="orders",
            env="env-1",
            list_amount="120",
        ),
        line("50", "shared", day=OCT_30, resource="lkc-2", name="tests", env="env-2"),
        support("30", day=OCT_30),
        line(
            "20",
            "connect",
            day=OCT_31,
            resource="lcc-3",
            name="sink",
            env="env-1",
            product="CONNECT",
        ),
        line("110", "kafka", day=NOV_2, resource="lkc-1", name="orders", env="env-1"),
        line("-10", "promo", day=NOV_2, product="", line_type="PROMO_CREDIT"),
    )
    bill(borealis, line("7", "other", day=OCT_30, resource="lkc-9", name="secret", env="env-9"))
    return meridian, borealis


def bill(of, *lines):
    """Store the lines as the whole bill of their days, and let them be paid."""
    days = store(of, *lines)
    allocate_days(of, days)
    return days


def provisional(*days):
    """Let the days be fetched too early to be settled."""
    for stored in BillingDay.objects.filter(day__in=days):
        stored.fetched_at = stored.fetched_at.replace(
            year=stored.day.year, month=stored.day.month, day=stored.day.day
        )
        stored.save(update_fields=["fetched_at"])
