"""Many resources or environments assigned to a cost center at once, from the list to the facts."""

import pytest

from costs.allocation import allocate_days
from costs.models import AllocationRule
from costs.tests.browsing import changed, database, filled, is_preview, moves, post, send
from costs.tests.ownership import (
    center,
    cluster,
    environment,
    facts,
    line,
    october,
    organization,
    pending,
    rule,
    store,
)

NOBODY = "Unallocated"
LISTS = {"cluster": "/admin/dimensions/cluster/", "environment": "/admin/dimensions/environment/"}


@pytest.fixture
def acme(db):
    """1 and 2 October: 1, 10 and 100 USD a day for three resources in an environment each."""
    acme = organization()
    lines = []
    for number, amount in enumerate((1, 10, 100), start=1):
        cluster(f"lkc-{number}", of=acme)
        environment(f"env-{number}", of=acme)
        lines += [
            line(amount, day=october(day), resource=f"lkc-{number}", env=f"env-{number}")
            for day in (1, 2)
        ]
    center("A", "Retail")
    allocate_days(acme, store(acme, *lines))
    return acme


def choose(client, kind, things):
    action = {"action": "assign_to_cost_center", "_selected_action": [each.pk for each in things]}
    return client.post(f"{LISTS[kind]}?cost=all", action, follow=True)


def all_of(acme, kind):
    return list({"cluster": acme.clusters, "environment": acme.environments}[kind].order_by("pk"))


def payers(day):
    return [code for _, code in facts("env_id", "cost_center", charge_date=october(day))]


@pytest.mark.parametrize("kind", LISTS)
def test_it_goes_from_the_list_to_the_facts(acme, fay, kind):
    first, _, third = all_of(acme, kind)

    page = choose(fay, kind, [first, third])
    preview = send(fay, page, cost_center=center("A").pk, valid_from="2026-10-02")
    before = database()
    saved = send(fay, preview)

    assert "Assign to a cost center: 2 chosen" in page.content.decode()
    assert moves(preview) == [
        ("Retail", "A", "$0.00", "$101.00", "$101.00"),
        (NOBODY, NOBODY, "$111.00", "$10.00", "\N{MINUS SIGN}$101.00"),
    ]
    assert saved["Location"] == LISTS[kind]
    assert (payers(1), payers(2)) == ([NOBODY] * 3, ["A", NOBODY, "A"])
    assert pending() == []
    assert "daily_cost_facts" in changed(before, database())
    said = [str(message) for message in fay.get(LISTS[kind]).context["messages"]]
    assert said == [
        "Assigned to A: 2 of 2 chosen.",
        "Allocated again. Days: 1, of them changed: 1.",
    ]


def test_it_looks_like_every_page_of_the_admin(acme, fay):
    content = choose(fay, "cluster", all_of(acme, "cluster")).content.decode()

    assert "<title>Assign to a cost center: 3 chosen | Confluent Billing Portal</title>" in content
    assert 'id="logout-form"' in content


def test_it_writes_nothing_before_the_agreement(acme, fay):
    page = choose(fay, "cluster", all_of(acme, "cluster"))
    before = database()

    assert is_preview(send(fay, page, cost_center=center("A").pk, valid_from="2026-10-01"))

    assert changed(before, database()) == set()


def test_it_names_who_assigned(acme, fay):
    page = choose(fay, "cluster", all_of(acme, "cluster")[:1])
    send(fay, send(fay, page, cost_center=center("A").pk, valid_from="2026-10-01"))

    assert str(AllocationRule.history.get().history_user) == "Fay"


def test_it_ends_the_rule_in_force_and_keeps_later_ones(acme, fay):
    first = all_of(acme, "cluster")[0]
    rule("B", of=acme, cluster=first, valid_to=october(20))
    rule("C", of=acme, cluster=first, valid_from=october(20))
    page = choose(fay, "cluster", [first])

    send(fay, send(fay, page, cost_center=center("A").pk, valid_from="2026-10-02"))

    rules = AllocationRule.objects.order_by("valid_from")
    assert [(each.payers(), each.valid_to) for each in rules] == [
        ("B", october(2)),
        ("A", october(20)),
        ("C", None),
    ]


def test_it_says_how_many_were_new(acme, fay):
    """What the cost center pays already keeps its rule."""
    first, second, _ = all_of(acme, "cluster")
    rule("A", of=acme, cluster=first)
    page = choose(fay, "cluster", [first, second])

    answer = send(fay, page, cost_center=center("A").pk, valid_from="2026-10-01")
    answer = send(fay, answer) if is_preview(answer) else answer

    assert AllocationRule.objects.count() == 2
    said = [str(message) for message in fay.get(answer["Location"]).context["messages"]]
    assert said[0] == "Assigned to A: 1 of 2 chosen."


def test_it_begins_with_the_first_of_this_month(acme, fay, time_machine):
    time_machine.move_to("2026-11-30T23:59:59Z")

    page = choose(fay, "cluster", all_of(acme, "cluster"))

    assert filled(page)["valid_from"] == ["2026-11-01"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"valid_from": "2026-10-01"}, {"cost_center": ["This field is required."]}),
        ({"cost_center": "A", "valid_from": ""}, {"valid_from": ["This field is required."]}),
        ({"cost_center": "A", "valid_from": "soon"}, {"valid_from": ["Enter a valid date."]}),
    ],
)
def test_it_shows_what_is_missing(acme, fay, fields, said):
    page = choose(fay, "cluster", all_of(acme, "cluster"))
    fields = {
        name: center("A").pk if name == "cost_center" else value for name, value in fields.items()
    }
    before = database()

    answer = send(fay, page, **fields)

    assert (answer.status_code, dict(answer.context["form"].errors)) == (200, said)
    assert changed(before, database()) == set()


@pytest.mark.parametrize("text", ["0", "999999", "-1", "9" * 40])
def test_it_takes_no_cost_center_that_does_not_exist(acme, fay, text):
    page = choose(fay, "cluster", all_of(acme, "cluster"))
    before = database()

    answer = send(fay, page, cost_center=text, valid_from="2026-10-01")

    assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["cost_center"])
    assert changed(before, database()) == set()


@pytest.mark.parametrize(
    "ids",
    ["", ",", "x", "1;DROP TABLE x", "-1", "1.5", "9" * 19, "9" * 18, "0", "²", "%00"],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_chooses_nothing_by_ids_that_are_none(acme, fay, ids, method):
    before = database()
    form = {"cost_center": center("A").pk, "valid_from": "2026-10-01"}

    address = f"{LISTS['cluster']}assign/?ids={ids}"
    answer = fay.get(address) if method == "get" else fay.post(address, form)

    assert (answer.status_code, answer["Location"]) == (302, LISTS["cluster"])
    said = [str(message) for message in fay.get(answer["Location"]).context["messages"]]
    assert said == ["Nothing was chosen."]
    assert changed(before, database()) <= {"django_admin_log"}


def test_it_takes_what_is_right_among_wrong_ids(acme, fay):
    first = all_of(acme, "cluster")[0]

    page = fay.get(f"{LISTS['cluster']}assign/?ids=x,{first.pk},{first.pk},999999,{'9' * 25}")

    assert "Assign to a cost center: 1 chosen" in page.content.decode()


def test_ids_of_environments_choose_no_resource(acme, fay):
    """Numbers are of the list's own kind: an environment's number is no resource's."""
    highest = all_of(acme, "cluster")[-1].pk
    extra = [environment(f"env-x{number}", of=acme) for number in range(highest)]
    only_environments = [each.pk for each in extra if each.pk > highest]

    answer = fay.get(f"{LISTS['cluster']}assign/?ids={','.join(map(str, only_environments[:500]))}")

    assert (answer.status_code, answer["Location"]) == (302, LISTS["cluster"])


def test_it_chooses_at_most_500(acme, fay):
    many = [cluster(f"lkc-many-{number:03}", of=acme) for number in range(501)]

    too_many = choose(fay, "cluster", many)
    page = choose(fay, "cluster", many[:500])

    assert [str(each) for each in too_many.context["messages"]] == ["Choose at most 500 at once."]
    assert "Assign to a cost center: 500 chosen" in page.content.decode()


@pytest.mark.parametrize("count", [3, 100])
def test_it_assigns_many_in_as_many_queries_as_few(acme, fay, django_assert_num_queries, count):
    many = [cluster(f"lkc-many-{number:03}", of=acme) for number in range(count)]
    page = choose(fay, "cluster", many)
    data = filled(page, cost_center=center("A").pk, valid_from="2026-10-01")

    with django_assert_num_queries(66):
        assert post(fay, page, data).status_code == 302

    assert AllocationRule.objects.count() == count
