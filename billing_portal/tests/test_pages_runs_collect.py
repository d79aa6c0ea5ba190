"""What the pages about runs do: have days collected, have them collected again, cancel."""

import pytest
import time_machine
from django.conf import settings as portal_settings
from django.test import Client

from billing_portal.tests import stored
from billing_portal.tests.people import person
from collector import dispatch
from collector.models import CollectionRun
from collector.runs import request_run
from collector.windows import Window
from costs.tests.ownership import center, october

LOGIN_REQUIRED = "django.contrib.auth.middleware.LoginRequiredMiddleware"
COLLECT = "/runs/collect"
BUTTON = "Collect the current month so far</button>"
WINDOW = Window(october(5), october(8))


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False):
        yield


@pytest.fixture(autouse=True)
def started(db, monkeypatch):
    """The runs whose processes would have been started."""
    ids = []
    monkeypatch.setattr(dispatch, "start_process", lambda run: ids.append(run.pk))
    return ids


@pytest.fixture
def operator(client):
    client.force_login(person("opal", "Operator"))
    return client


@pytest.fixture
def production(settings):
    settings.PRODUCTION = True
    settings.MIDDLEWARE = [*portal_settings.MIDDLEWARE, LOGIN_REQUIRED]


def failed(**values):
    run = stored.run(of=stored.organization())
    CollectionRun.objects.filter(pk=run.pk).update(state="failed", error="No route.", **values)
    return run


def waiting():
    """A run that waits for a worker: nobody gives it up today."""
    return request_run(WINDOW, trigger="api", requested_by=None, is_for_workers=True)


def run_of(answer):
    """The run to whose page the answer leads."""
    assert answer.status_code == 303
    run = CollectionRun.objects.get(pk=answer["Location"].removeprefix("/runs/"))
    return run


def messages(client):
    return [str(message) for message in client.get("/runs").context["messages"]]


@pytest.mark.parametrize(
    ("said", "window"),
    [
        ({"by": "current"}, ("2026-11-01", "2026-11-21")),
        ({}, ("2026-11-01", "2026-11-21")),
        ({"by": "days", "days": "7"}, ("2026-11-14", "2026-11-21")),
        ({"by": "month", "month": "2026-10"}, ("2026-10-01", "2026-11-01")),
        ({"by": "month", "month": "2026-11"}, ("2026-11-01", "2026-11-21")),
        # The last day is one of them.
        (
            {"by": "dates", "first": "2026-10-05", "last": "2026-10-07"},
            ("2026-10-05", "2026-10-08"),
        ),
        (
            {"by": "dates", "first": "2026-11-20", "last": "2026-11-20"},
            ("2026-11-20", "2026-11-21"),
        ),
        ({"by": "dates", "first": "2026-10-21", "last": ""}, ("2026-10-21", "2026-11-21")),
        # No later than today.
        (
            {"by": "dates", "first": "2026-11-19", "last": "9999-12-31"},
            ("2026-11-19", "2026-11-21"),
        ),
    ],
)
def test_an_operator_has_days_collected_and_comes_to_the_run(operator, started, said, window):
    run = run_of(operator.post(COLLECT, said))

    assert (str(run.window_start), str(run.window_end)) == window
    assert (run.state, run.trigger, run.requested_by.username) == ("queued", "web", "opal")
    assert started == [run.pk]
    assert operator.get(f"/runs/{run.pk}").status_code == 200


@pytest.mark.parametrize(
    ("said", "field", "message"),
    [
        ({"by": "moon"}, "by", "Choose one of the ways below."),
        ({"by": "days"}, "days", "Give a number from 1 to 28."),
        ({"by": "days", "days": "0"}, "days", "Give a number from 1 to 28."),
        ({"by": "days", "days": "29"}, "days", "Give a number from 1 to 28."),
        ({"by": "days", "days": "many"}, "days", "Give a number from 1 to 28."),
        ({"by": "month"}, "month", "Give a month as YYYY-MM."),
        ({"by": "month", "month": "soon"}, "month", "Write the month as YYYY-MM."),
        ({"by": "month", "month": "2026-13"}, "month", "'2026-13' is not a month"),
        ({"by": "month", "month": "2026-12"}, "month", "2026-12 has not begun yet."),
        ({"by": "month", "month": "2025-11"}, "month", "the first day can be 2025-11-20."),
        ({"by": "dates"}, "first", "Give the first day."),
        ({"by": "dates", "last": "2026-11-05"}, "first", "Give the first day."),
        ({"by": "dates", "first": "then"}, "first", "Write the day as YYYY-MM-DD."),
        ({"by": "dates", "first": "2026-11-21"}, "first", "2026-11-21 has not begun yet"),
        (
            {"by": "dates", "first": "0001-01-01", "last": "0001-01-02"},
            "first",
            "for one year only: the first day can be 2025-11-20.",
        ),
        (
            {"by": "dates", "first": "2026-11-05", "last": "2026-11-04"},
            "last",
            "The last day is before the first one.",
        ),
        (
            {"by": "dates", "first": "2026-09-30", "last": "2026-10-30"},
            "last",
            "a month at most: from this first day on, the last one can be 2026-10-29.",
        ),
        ({"by": "dates", "first": "2026-09-30"}, "last", "the last one can be 2026-10-29."),
        ({"by": "dates", "first": "9999-12-31", "last": "9999-12-31"}, "first", "not begun yet"),
    ],
)
def test_what_cannot_be_collected_is_told_beside_its_field(operator, started, said, field, message):
    answer = operator.post(COLLECT, said)

    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert (list(errors), message in errors[field][0]) == ([field], True)
    page = answer.content.decode()
    told = page.index(f'<ul class="errorlist" id="id_{field}_error">')
    if field != "by":
        assert page.rindex("<label", 0, told) == page.index(f'<label for="id_{field}">')
        assert "<details open>" in page
    assert (started, CollectionRun.objects.count()) == ([], 0)


def test_what_was_written_stays_in_the_field(operator):
    page = operator.post(COLLECT, {"by": "dates", "first": "2026-11-21"}).content.decode()

    assert 'name="first" value="2026-11-21"' in page


def test_the_list_below_a_mistake_leads_to_the_list(operator):
    waiting()
    for _ in range(25):
        failed()

    page = operator.post(COLLECT, {"by": "days"}).content.decode()

    assert 'hx-get="/runs"' in page
    assert 'href="/runs?page=2"' in page


def test_coming_back_to_the_address_of_a_form_leads_to_the_page(operator, started):
    run = failed()

    for address, page in (
        (COLLECT, "/runs"),
        (f"/runs/{run.pk}/again", f"/runs/{run.pk}"),
        (f"/runs/{run.pk}/cancel", f"/runs/{run.pk}"),
    ):
        answer = operator.get(address)
        assert (answer.status_code, answer["Location"]) == (302, page)
    assert started == []


def test_the_same_days_are_not_collected_twice_at_a_time(operator, started):
    going_on = waiting()

    answer = operator.post(COLLECT, {"by": "dates", "first": "2026-10-05", "last": "2026-10-07"})

    assert run_of(answer) == going_on
    assert messages(operator) == [f"Run {going_on.pk} collects these days already."]
    assert started == []


def test_a_process_that_cannot_be_started_is_told_on_the_page(operator, monkeypatch):
    def fail(run):
        raise OSError("Cannot allocate memory")

    monkeypatch.setattr(dispatch, "start_process", fail)

    run = run_of(operator.post(COLLECT))

    page = operator.get(f"/runs/{run.pk}").content.decode()
    assert "Its process could not be started: Cannot allocate memory." in page


def test_a_failed_run_is_collected_again(operator, started):
    old = failed()
    assert (
        "Collect the same days again</button>" in operator.get(f"/runs/{old.pk}").content.decode()
    )
    CollectionRun.objects.update(window_start="2026-10-28", window_end="2026-11-05")

    new = run_of(operator.post(f"/runs/{old.pk}/again"))

    assert (str(new.window_start), str(new.window_end)) == ("2026-10-28", "2026-11-05")
    assert started == [new.pk]
    assert messages(operator) == [f"Run {new.pk} collects 28 Oct to 4 Nov 2026."]


def test_a_failure_of_several_months_is_collected_month_by_month(operator):
    old = failed(window_start="2026-09-20", window_end="2026-11-05")

    first = run_of(operator.post(f"/runs/{old.pk}/again"))

    new = CollectionRun.objects.exclude(pk=old.pk).order_by("pk")
    assert [(str(run.window_start), str(run.window_end)) for run in new] == [
        ("2026-11-01", "2026-11-05"),
        ("2026-10-01", "2026-11-01"),
        ("2026-09-20", "2026-10-01"),
    ]
    assert first == new[0]


def test_days_that_confluent_has_forgotten_are_not_asked_for(operator, started):
    old = failed(window_start="2020-01-01", window_end="2020-02-01")

    assert run_of(operator.post(f"/runs/{old.pk}/again")) == old
    assert "1 to 31 Jan 2020: Confluent answers for one year only" in messages(operator)[0]
    assert started == []


def test_a_waiting_run_is_cancelled(operator):
    run = waiting()
    assert "Cancel</button>" in operator.get(f"/runs/{run.pk}").content.decode()

    assert run_of(operator.post(f"/runs/{run.pk}/cancel")).state == "cancelled"

    assert messages(operator) == [f"Run {run.pk}: cancelled."]


def test_a_running_one_is_asked_to_end_once(operator, monkeypatch):
    run = waiting()
    CollectionRun.objects.update(state="running")
    # The lock of a run does not keep out its own session, in which both sides are here.
    monkeypatch.setattr("collector.web.runs.mark_abandoned", lambda: 0)

    assert run_of(operator.post(f"/runs/{run.pk}/cancel")).cancel_requested_at

    page = operator.get(f"/runs/{run.pk}").content.decode()
    assert f"Run {run.pk} ends after the page or day that it is at." in page
    assert "Asked to end; it does after the page or day that it is at." in page
    assert "Cancel</button>" not in page


def test_a_finished_run_stays_as_it_is(operator):
    run = failed()

    assert run_of(operator.post(f"/runs/{run.pk}/cancel")).state == "failed"


@pytest.mark.parametrize("button", ["again", "cancel"])
@pytest.mark.parametrize("id", [999, 99999999999999999999999])
def test_an_unknown_run_has_no_buttons(operator, started, button, id):
    assert operator.post(f"/runs/{id}/{button}").status_code == 404
    assert started == []


def posts(client):
    """The codes of the answers to everything that changes something."""
    addresses = (COLLECT, f"/runs/{failed().pk}/again", f"/runs/{waiting().pk}/cancel")
    return {client.post(address).status_code for address in addresses}


def test_who_may_only_look_is_offered_nothing_and_changes_nothing(client, started):
    client.force_login(person("vic", "Viewer"))

    assert posts(client) == {403}

    assert started == []
    assert set(CollectionRun.objects.values_list("state", flat=True)) == {"failed", "queued"}
    assert BUTTON not in client.get("/runs").content.decode()
    for run in CollectionRun.objects.all():
        page = client.get(f"/runs/{run.pk}").content.decode()
        assert "Collect the same days again" not in page
        assert "Cancel</button>" not in page


def test_who_is_limited_to_business_units_changes_nothing(client, started):
    center("CC-1", "BU-1")
    client.force_login(person("lim", "Operator", limited_to=["BU-1"]))

    assert posts(client) == {403}
    assert started == []


def test_strangers_are_sent_to_the_login_in_production(production, client, started):
    assert posts(client) == {302}
    assert client.post(COLLECT)["Location"] == f"/login/?next={COLLECT}"
    assert started == []


def test_development_collects_without_a_login_but_cancels_for_none(client, started):
    assert BUTTON in client.get("/runs").content.decode()
    run = run_of(client.post(COLLECT))
    assert (run.requested_by, started) == (None, [run.pk])

    assert "Cancel</button>" not in client.get(f"/runs/{run.pk}").content.decode()
    asked = client.post(f"/runs/{run.pk}/cancel")
    assert (asked.status_code, asked["Location"]) == (302, f"/login/?next=/runs/{run.pk}/cancel")


def test_a_page_of_another_site_starts_nothing(started):
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("opal", "Operator"))

    assert posts(client) == {403}
    assert started == []


@pytest.mark.parametrize("address", ["/runs", "/runs/1"])
def test_pages_that_are_read_take_no_posts(operator, address):
    assert operator.post(address).status_code == 405
