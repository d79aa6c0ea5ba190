"""manage.py reallocate: what it allocates, what it says, how it fails."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from costs.reallocation import rewrite_days
from costs.reconciliation import reconcile
from costs.tests.ownership import facts, line, october, organization, pending, rule, sql, store


@pytest.fixture
def acme(db):
    acme = organization()
    store(acme, *(line(1, day=october(day), resource="lkc-1") for day in (14, 15, 16)))
    list(rewrite_days(acme, october(1), october(31)))
    return acme


def said(*arguments):
    out = StringIO()
    call_command("reallocate", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_without_arguments_it_allocates_what_is_pending(acme):
    rule("A", of=acme, valid_from=october(15))

    assert said() == [
        "Pending days: 2",
        "  o-1 2026-10-15 to 2026-10-16: changed days 2, daily facts added 0, relabelled 2, "
        "removed 0",
        "Allocated. Days: 2, of them changed: 2; daily facts written: 2.",
    ]
    assert [owner for _, owner in facts("charge_date", "cost_center")] == ["Unallocated", "A", "A"]
    assert pending() == []


def test_again_it_has_nothing_to_do(acme):
    rule("A", of=acme)
    said()

    assert said() == [
        "Pending days: 0",
        "Allocated. Days: 0, of them changed: 0; daily facts written: 0.",
    ]


def test_a_range_is_made_anew(acme):
    sql("UPDATE daily_cost_facts SET cost_usd = 7")

    assert said("--start", "2026-10-15", "--end", "2026-10-16") == [
        "  o-1 2026-10-15: changed days 1, daily facts added 1, relabelled 0, removed 0",
        "Allocated. Days: 1, of them changed: 1; daily facts written: 1.",
    ]
    assert reconcile(october(15), october(16)).differences == []
    assert reconcile(october(14), october(15)).differences != []


@pytest.mark.parametrize(
    ("arguments", "days"),
    [
        (["--start", "2026-10-15"], 2),
        (["--end", "2026-10-15"], 1),
        (["--start", "2026-01-01", "--end", "2027-01-01"], 3),
    ],
)
def test_an_open_range_goes_as_far_as_there_are_days(acme, arguments, days):
    assert said(*arguments)[-1].startswith(f"Allocated. Days: {days},")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--start", "2026-10-15", "--end", "2026-10-15"],
        ["--start", "2026-10-16", "--end", "2026-10-15"],
        ["--start", "2026-11-01"],
        ["--end", "2026-10-14"],
    ],
)
def test_a_range_without_a_day_is_refused(acme, arguments):
    with pytest.raises(CommandError, match="There is no day from") as refused:
        said(*arguments)

    assert refused.value.returncode == 2


@pytest.mark.parametrize("day", ["15.10.2026", "2026-13-01", "yesterday", ""])
def test_what_is_no_day_is_refused(db, day):
    with pytest.raises(CommandError, match="is not a day; write it as YYYY-MM-DD"):
        said("--start", day)


def test_a_range_of_nothing_stored_says_to_collect_first(db):
    with pytest.raises(CommandError, match="Nothing is stored yet") as refused:
        said("--start", "2026-10-15")

    assert refused.value.returncode == 1


def test_without_anything_stored_there_is_nothing_pending(db):
    assert said()[0] == "Pending days: 0"
