"""Hours of long ago move into files: all of them, nothing else, and only once."""

from io import StringIO

from django.core.management import call_command

from costs.archiving import hours_to_archive
from costs.models import BillingDay, CostLineItem, DailyCostFact, DailyOwnerCost
from costs.partitions import ONE_DAY
from costs.reallocation import rewrite_days
from costs.reconciliation import reconcile
from costs.tests.long_ago import (
    EVERY_MONTH,
    FEBRUARY,
    JAN_31,
    JANUARY,
    JANUARY_FILE,
    MARCH,
    NOTES_OF_JANUARY,
    archive,
    hours_by_month,
    notes,
    rows_of,
    tables,
)
from costs.tests.ownership import elsewhere, just_before, sql


def said(*arguments):
    out = StringIO()
    call_command("archive_hours", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_it_takes_the_hours_out_of_the_database(acme_long_ago, tmp_path):
    assert hours_by_month() == EVERY_MONTH

    assert archive(tmp_path) == [(JANUARY, 72, "9.1600000000")]

    assert hours_by_month() == EVERY_MONTH[1:]
    assert tables() == ["hourly_costs_2024_02", "hourly_costs_2024_03"]


def test_it_takes_the_oldest_month_first(acme_long_ago, tmp_path):
    assert archive(tmp_path, before=MARCH) == [
        (JANUARY, 72, "9.1600000000"),
        (FEBRUARY, 24, "1.2000000000"),
    ]
    assert hours_by_month() == EVERY_MONTH[2:]


def test_the_file_holds_every_hour_with_its_labels(acme_long_ago, tmp_path):
    archive(tmp_path)

    kafka, promo, other = (id for (id,) in sql("SELECT id FROM daily_cost_facts ORDER BY "
        "charge_date, org_id, cost_usd DESC LIMIT 3"))  # fmt: skip
    nobody = "Unallocated,Unallocated,low"
    assert rows_of(tmp_path / JANUARY_FILE) == [
        "org_id,timestamp,daily_cost_fact_id,env_id,cluster_id,product,line_type,business_unit,"
        "cost_center,allocation_confidence,allocation_method,cost_usd",
        *(
            row
            for hour in range(24)
            for row in (
                f"o-1,2024-01-31T{hour:02}:00:00Z,{kafka},env-1,lkc-1,KAFKA,KAFKA_STORAGE,{nobody},"
                "unallocated,0.1000000000",
                f"o-1,2024-01-31T{hour:02}:00:00Z,{promo},,,PROMO_CREDIT,PROMO_CREDIT,{nobody},"
                "shared_central,-0.0100000000",
                f"o-2,2024-01-31T{hour:02}:00:00Z,{other},,lkc-9,KAFKA,KAFKA_STORAGE,{nobody},"
                f"unallocated,0.{2916666667 if hour < 16 else 2916666666}",
            )
        ),
    ]


def test_it_notes_what_the_file_holds(acme_long_ago, tmp_path):
    archive(tmp_path)

    assert notes() == NOTES_OF_JANUARY
    assert [path.name for path in tmp_path.iterdir()] == [JANUARY_FILE]


def test_bill_lines_and_daily_facts_stay(acme_long_ago, tmp_path):
    kept = (BillingDay, CostLineItem, DailyCostFact, DailyOwnerCost)
    before = [list(model.objects.order_by("pk").values()) for model in kept]

    archive(tmp_path)

    assert [list(model.objects.order_by("pk").values()) for model in kept] == before


def test_again_it_has_nothing_to_do(acme_long_ago, tmp_path):
    archive(tmp_path)
    file = tmp_path / JANUARY_FILE
    written = file.stat().st_mtime_ns

    assert archive(tmp_path) == []
    assert file.stat().st_mtime_ns == written


def test_a_dry_run_says_what_would_be_archived_and_changes_nothing(acme_long_ago, tmp_path):
    would = list(hours_to_archive(before=FEBRUARY, folder=tmp_path))

    assert [(each.month, each.hours) for each in would] == [(JANUARY, 72)]
    assert (hours_by_month(), notes(), list(tmp_path.iterdir())) == (EVERY_MONTH, [], [])


def test_the_command_says_what_it_archived(acme_long_ago, tmp_path):
    asked = ("--before", "2024-03", "--to", str(tmp_path))

    assert said(*asked, "--dry-run") == [
        f"  2024-01: 72 hours, 9.1600000000 USD, {tmp_path}/hourly_costs_2024_01.csv.gz",
        f"  2024-02: 24 hours, 1.2000000000 USD, {tmp_path}/hourly_costs_2024_02.csv.gz",
        "Would be archived. Months: 2, hours: 96, 10.3600000000 USD.",
    ]
    assert said(*asked)[-1] == "Archived. Months: 2, hours: 96, 10.3600000000 USD."
    assert said(*asked) == ["Nothing to archive: no hours are stored of months before that."]


def test_an_organization_without_a_bill_of_the_month_is_noted_with_no_hours(
    acme_long_ago, tmp_path
):
    archive(tmp_path, before=MARCH)

    assert notes()[2:] == [
        ("o-1", "2024-02-01", "1", "1", "24", "1.2000000000", "hourly_costs_2024_02.csv.gz"),
        ("o-2", "2024-02-01", "0", "0", "0", "0E-10", "hourly_costs_2024_02.csv.gz"),
    ]


def rewritten(acme, day):
    """Hours that are written when the day is allocated anew, in a session of its own."""
    (batch,) = rewrite_days(acme, day, day + ONE_DAY)
    return batch.written.hours_added


def test_other_months_are_written_meanwhile(acme_long_ago, tmp_path):
    written = []

    def collect():
        written.append(elsewhere(lambda: rewritten(acme_long_ago, MARCH)).result(timeout=30))

    with just_before('INSERT INTO "archived_hours"', collect):
        archive(tmp_path)

    assert (written, hours_by_month()) == ([24], EVERY_MONTH[1:])


def test_who_writes_the_month_waits_and_leaves_its_hours_out(acme_long_ago, tmp_path):
    waiting = []

    def collect():
        waiting.append(elsewhere(lambda: rewritten(acme_long_ago, JAN_31)))

    with just_before('INSERT INTO "archived_hours"', collect):
        archive(tmp_path)

    assert waiting[0].result(timeout=30) == 0
    assert (notes(), hours_by_month()) == (NOTES_OF_JANUARY, EVERY_MONTH[1:])
    assert len(rows_of(tmp_path / JANUARY_FILE)) == 1 + 72
    assert reconcile(JANUARY, FEBRUARY).differences == []
