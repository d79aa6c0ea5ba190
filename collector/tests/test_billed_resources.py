"""What the bill itself tells about resources and environments."""

from datetime import date

from collector.tests.rows import row
from dimensions.models import Cluster, Environment


def orders(day, name="orders", env="env-prod", **changes):
    return row(
        start_date=f"2026-10-{day:02}",
        end_date=f"2026-10-{day + 1:02}",
        resource={"id": "lkc-orders", "display_name": name, "environment": {"id": env}},
        **changes,
    )


def cluster():
    return Cluster.objects.values_list("name", "env_id", "first_seen", "last_seen").get()


def test_it_notes_first_and_last_day_and_the_newest_name(confluent, collect_days):
    confluent.override(date(2026, 10, 5), [orders(5, "old name")])
    confluent.override(date(2026, 10, 6), [orders(6, "new name")])

    collect_days("2026-10-05", "2026-10-07")

    assert cluster() == ("new name", "env-prod", date(2026, 10, 5), date(2026, 10, 6))


def test_an_older_bill_does_not_rename(confluent, collect_days):
    confluent.override(date(2026, 10, 5), [orders(5, "old name", env="env-old")])
    confluent.override(date(2026, 10, 6), [orders(6, "new name")])
    collect_days("2026-10-06", "2026-10-07")

    collect_days("2026-10-05", "2026-10-06")

    assert cluster() == ("new name", "env-prod", date(2026, 10, 5), date(2026, 10, 6))


def test_a_line_without_a_name_does_not_take_it_away(confluent, collect_days):
    confluent.override(date(2026, 10, 5), [orders(5)])
    confluent.override(date(2026, 10, 6), [orders(6, name=None)])

    collect_days("2026-10-05", "2026-10-06")
    collect_days("2026-10-06", "2026-10-07")

    assert cluster()[0] == "orders"


def test_a_persons_name_stays(confluent, collect_days):
    confluent.override(date(2026, 10, 5), [orders(5)])
    collect_days("2026-10-05", "2026-10-06")
    Cluster.objects.update(name_override="Our orders")
    confluent.override(date(2026, 10, 6), [orders(6, "renamed")])

    collect_days("2026-10-06", "2026-10-07")

    assert Cluster.objects.values_list("name", "display_name").get() == ("renamed", "Our orders")


def test_cloud_and_region_come_from_the_price_tier(confluent, collect_days):
    tier = {"provider": "aws", "region": "eu-west-1"}
    confluent.override(date(2026, 10, 5), [orders(5), orders(5, tier_dimensions=tier)])

    collect_days("2026-10-05", "2026-10-06")

    assert Cluster.objects.values_list("cloud_provider", "region").get() == ("aws", "eu-west-1")


def test_an_unknown_prefix_is_kept_with_a_notice(confluent, collect_days):
    confluent.override(
        date(2026, 10, 5),
        [row(resource={"id": "zzz-1"}, product="QUANTUM", line_type="QUBITS")],
    )

    run = collect_days("2026-10-05", "2026-10-06")

    assert Cluster.objects.values_list("cluster_id", "kind").get() == ("zzz-1", "unknown")
    assert run.notices == [
        "Unknown product QUANTUM (lines: 1, 1.00 USD): kept and counted.",
        "Unknown line type QUBITS (lines: 1, 1.00 USD): kept and counted.",
        "Unknown id prefix zzz (lines: 1, 1.00 USD): kept and counted.",
    ]


def test_an_environment_of_the_bill_is_noted(confluent, collect_days):
    confluent.override(date(2026, 10, 5), [orders(5, env="env-gone")])

    collect_days("2026-10-05", "2026-10-06")

    gone = Environment.objects.get(env_id="env-gone")
    assert (gone.display_name, gone.first_seen) == ("env-gone", date(2026, 10, 5))
