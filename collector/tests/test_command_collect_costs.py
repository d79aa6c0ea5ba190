import json
from datetime import UTC, date, datetime
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from collector.models import CollectionRun
from collector.tests.conftest import NOW
from costs.models import BillingDay


@pytest.fixture
def configured(db, confluent, settings):
    """The simulated Confluent as the configured one, at noon of 2026-11-20."""
    settings.CONFLUENT_CLOUD_URL = confluent.url
    settings.CONFLUENT_API_KEY, settings.CONFLUENT_API_SECRET = "demo-key", "demo-secret"
    settings.CONFLUENT_MAX_WAIT = 0
    with time_machine.travel(NOW, tick=False):
        yield confluent


def run(*arguments):
    out = StringIO()
    call_command("collect_costs", *arguments, stdout=out)
    return out.getvalue()


def days():
    stored = BillingDay.objects.order_by("day").values_list("day", flat=True)
    return stored.first(), stored.last(), stored.count()


def test_it_collects_the_month_so_far_by_default(configured):
    said = run()

    assert days() == (date(2026, 11, 1), date(2026, 11, 20), 20)
    assert said.splitlines()[0] == "Collecting 2026-11-01 to 2026-11-20"
    assert said.splitlines()[-1].startswith("Collected. Days: 20, of them new or changed: 20;")


@pytest.mark.parametrize(
    ("arguments", "first", "last"),
    [
        (["--month", "2026-10"], date(2026, 10, 1), date(2026, 10, 31)),
        (["--days", "3"], date(2026, 11, 18), date(2026, 11, 20)),
        (["--start", "2026-10-30", "--end", "2026-11-02"], date(2026, 10, 30), date(2026, 11, 1)),
        (["--start", "2026-11-19", "--end", "2027-01-01"], date(2026, 11, 19), date(2026, 11, 20)),
    ],
)
def test_it_collects_the_days_that_it_is_asked_for(configured, arguments, first, last):
    run(*arguments)

    assert days()[:2] == (first, last)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--days", "0"], "--days is a number from 1 to 366."),
        (["--month", "2026-1"], "'2026-1' is not a month; write it as YYYY-MM."),
        (["--month", "2026-12"], "2026-12 has not begun yet."),
        (["--start", "2026-10-01"], "--start and --end go together"),
        (["--start", "2026-10-02", "--end", "2026-10-02"], "is not after its start"),
        (["--start", "tomorrow", "--end", "2026-10-02"], "--start 'tomorrow' is not a day"),
        (["--start", "2026-11-21", "--end", "2026-11-22"], "has not begun yet"),
        (["--days", "3", "--month", "2026-10"], "one of the three"),
        (["--days", "400"], "--days is a number from 1 to 366."),
        (
            ["--start", "2025-11-19", "--end", "2025-11-21"],
            "Confluent answers for one year only: the first day can be 2025-11-20",
        ),
    ],
)
def test_it_refuses_wrong_arguments_by_name(configured, arguments, words):
    with pytest.raises(CommandError) as refused:
        run(*arguments)

    assert words in str(refused.value)
    assert refused.value.returncode == 2
    assert configured.requests == []


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("401", 3, "BillingAdmin or OrganizationAdmin"),
        ("403", 3, "BillingAdmin or OrganizationAdmin"),
        ("500", 4, "Gave up after 1 tries"),
        ("drop", 4, "Gave up after 1 tries"),
    ],
)
def test_its_exit_code_says_whose_fault_it_is(configured, fault, code, words):
    configured.faults.add(fault, path="/billing")

    with pytest.raises(CommandError, match=words) as failed:
        run("--days", "1")

    assert failed.value.returncode == code


def test_it_says_what_is_missing_without_a_key(db, settings):
    settings.CONFLUENT_API_SECRET = ""

    with pytest.raises(CommandError, match="CONFLUENT_API_KEY and CONFLUENT_API_SECRET") as failed:
        run()

    assert failed.value.returncode == 1


def test_it_prints_one_json_document(configured):
    document = json.loads(run("--days", "2", "--json"))

    (told,) = document["runs"]
    assert (told["start"], told["end"], told["state"]) == ("2026-11-19", "2026-11-21", "succeeded")
    assert told["days_changed"] == 2
    assert told["lines_added"] == told["lines_received"] > 100


def test_it_shows_the_notices(configured):
    configured.override(date(2026, 11, 20), [{"start_date": "2026-11-20", "amount": "?"}])

    assert "Notice: Rows that could not be read: 1;" in run("--days", "1")


def test_backfill_walks_back_by_months_newest_first(configured):
    call_command("backfill_costs", "--months", "2", stdout=StringIO())

    windows = CollectionRun.objects.order_by("id").values_list("window_start", "window_end")
    assert list(windows) == [
        (date(2026, 11, 1), date(2026, 11, 21)),
        (date(2026, 10, 1), date(2026, 11, 1)),
    ]


def test_backfill_goes_on_where_it_was_stopped(configured, client):
    call_command("collect_costs", "--month", "2026-10", stdout=StringIO())
    BillingDay.objects.update(fetched_at=datetime(2026, 11, 20, tzinfo=UTC))

    out = StringIO()
    call_command("backfill_costs", "--months", "3", stdout=out)

    windows = CollectionRun.objects.filter(trigger="backfill_costs").order_by("id")
    assert list(windows.values_list("window_start", flat=True)) == [
        date(2026, 11, 1),
        date(2026, 9, 1),
    ]
    assert "Settled months left out: 1." in out.getvalue()


def test_backfill_asks_again_for_a_month_with_an_incomplete_day(configured):
    call_command("collect_costs", "--month", "2026-10", stdout=StringIO())
    BillingDay.objects.update(fetched_at=datetime(2026, 11, 20, tzinfo=UTC))
    BillingDay.objects.filter(day="2026-10-07").update(is_incomplete=True)

    call_command("backfill_costs", "--months", "2", stdout=StringIO())

    asked = CollectionRun.objects.filter(trigger="backfill_costs")
    assert asked.filter(window_start="2026-10-01").exists()


@pytest.mark.parametrize("months", ["0", "13"])
def test_backfill_takes_1_to_12_months(db, months):
    with pytest.raises(CommandError, match="1 to 12") as refused:
        call_command("backfill_costs", "--months", months)

    assert refused.value.returncode == 2
