"""manage.py explain: why charges are owed by whom, as text."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from costs.allocation import allocate_days
from costs.tests.ownership import (
    center,
    cluster,
    line,
    october,
    organization,
    policy,
    rule,
    store,
    support,
)

DAY = "2026-10-14"


@pytest.fixture
def acme(db):
    return organization()


def said(*arguments):
    out = StringIO()
    call_command("explain", "--day", DAY, *arguments, stdout=out, no_color=True)
    return out.getvalue().splitlines()


def test_it_says_who_pays_and_why_not_another(acme):
    center("A", "Retail")
    lower = rule("C", of=acme)
    winner = rule({"A": 75, "B": 25}, of=acme, cluster=cluster("lkc-1", of=acme))
    allocate_days(acme, store(acme, line(4, resource="lkc-1")))

    assert said("--cluster", "lkc-1") == [
        "KAFKA KAFKA_STORAGE  4.0000000000 USD",
        f"   75.0000%  3.0000000000 USD  A (Retail)  cluster_rule by rule {winner.pk}, "
        "confidence high",
        f"   25.0000%  1.0000000000 USD  B (Unallocated)  cluster_rule by rule {winner.pk}, "
        "confidence high",
        f"  * rule {winner.pk} (lkc-1), rule of the resource: Decides.",
        f"    rule {lower.pk} (whole organization), rule of the organization: "
        f"Less specific than rule {winner.pk}.",
    ]


def test_without_a_cluster_it_shows_what_names_nobody(acme):
    made = policy("WAND", "central", "A", of=acme)
    allocate_days(
        acme,
        store(acme, line(1, resource="lkc-1"), support(4), line(2, product="", line_type="WAND")),
    )

    assert said() == [
        "SUPPORT SUPPORT  4.0000000000 USD",
        "  100.0000%  4.0000000000 USD  Unallocated (Unallocated)  shared_proportional by default, "
        "confidence low",
        "  The portal's default for SUPPORT: in proportion to direct cost.",
        "WAND WAND  2.0000000000 USD",
        f"  100.0000%  2.0000000000 USD  A (Unallocated)  shared_central by policy {made.pk}, "
        "confidence low",
        f"  Policy {made.pk} for WAND: to one cost center.",
    ]


def test_it_says_that_no_rule_selects_it(acme):
    allocate_days(acme, store(acme, line(0, resource="lkc-1")))

    assert said("--cluster", "lkc-1")[-1] == "  No rule selects it."
    assert "–  0.0000000000 USD  Unallocated" in said("--cluster", "lkc-1")[1]  # noqa: RUF001


def test_it_warns_that_the_shares_are_yet_to_follow(acme):
    allocate_days(acme, store(acme, line(1, resource="lkc-1")))
    rule("A", of=acme)

    assert said("--cluster", "lkc-1")[0] == (
        "Rules have changed since the day was allocated; the shares follow with "
        "`manage.py reallocate`."
    )


def test_of_several_organizations_one_must_be_chosen(acme):
    other = organization("o-2")
    allocate_days(other, store(other, line(1, resource="lkc-1", day=october(14))))

    assert said("--cluster", "lkc-1", "--org", "o-2")[0] == "KAFKA KAFKA_STORAGE  1.0000000000 USD"
    with pytest.raises(CommandError, match="choose one by --org") as refused:
        said("--cluster", "lkc-1")
    assert refused.value.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "message", "returncode"),
    [
        (["--cluster", "lkc-9"], "No bill of 2026-10-14 is stored; see collect_costs.", 1),
        (["--org", "o-9"], "There is no organization o-9.", 2),
        (["--day", "14.10."], "'14.10.' is not a day; write it as YYYY-MM-DD.", 1),
    ],
)
def test_it_says_what_it_cannot_show(acme, arguments, message, returncode):
    with pytest.raises(CommandError, match=message) as refused:
        said(*arguments)

    assert refused.value.returncode == returncode


@pytest.mark.parametrize(
    ("arguments", "what"),
    [(["--cluster", "lkc-9"], "of lkc-9"), ([], "that names no resource")],
)
def test_it_says_that_the_bill_has_no_such_line(acme, arguments, what):
    store(acme, line(1, resource="lkc-1"))

    with pytest.raises(CommandError, match=f"The bill of 2026-10-14 has no line {what}."):
        said(*arguments)


def test_a_day_is_needed(acme):
    with pytest.raises(CommandError, match="--day"):
        call_command("explain")


def test_without_anything_stored_it_says_to_collect_first(db):
    with pytest.raises(CommandError, match="collect first"):
        said()
