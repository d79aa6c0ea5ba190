"""Runs in the admin: begin the same days again, cancel, see how far they are."""

import pytest
from django.urls import reverse

from billing_portal.schedule import make_schedule
from billing_portal.tests import stored
from collector import dispatch
from collector.models import CollectionRun
from collector.runs import request_run
from collector.windows import Window
from costs.clock import database_now
from costs.tests.ownership import october

WINDOW = Window(october(5), october(8))


@pytest.fixture(autouse=True)
def started(db, monkeypatch):
    """The runs whose processes would have been started."""
    ids = []
    monkeypatch.setattr(dispatch, "start_process", lambda run: ids.append(run.pk))
    return ids


@pytest.fixture
def operator(client):
    client.force_login(stored.staff("Opal", group="Operator"))
    return client


@pytest.fixture
def viewer(client):
    client.force_login(stored.staff("Vic", group="Viewer"))
    return client


def page(run):
    return reverse("admin:collector_collectionrun_change", args=[run.pk])


def press(client, button, run):
    return client.post(reverse(f"admin:run_{button}", args=[run.pk]), follow=True)


def choose(client, action, *runs):
    address = reverse("admin:collector_collectionrun_changelist")
    chosen = {"action": action, "_selected_action": [run.pk for run in runs]}
    return client.post(address, chosen, follow=True)


def messages(response):
    return [str(message) for message in response.context["messages"]]


def failed(**values):
    run = stored.run(of=stored.organization())
    CollectionRun.objects.filter(pk=run.pk).update(state="failed", error="No route.", **values)
    return run


def waiting():
    return request_run(WINDOW, trigger="api", requested_by=None)


def test_a_failed_run_is_collected_again(operator, started):
    old = failed()

    response = press(operator, "again", old)

    new = CollectionRun.objects.exclude(pk=old.pk).get()
    assert (new.window_start, new.window_end) == (old.window_start, old.window_end)
    assert (new.trigger, new.requested_by.username, started) == ("admin", "Opal", [new.pk])
    assert response.redirect_chain[-1][0] == page(new)
    assert messages(response) == [f"2026-11-01 to 2026-11-30 is being collected by run {new.pk}."]


def test_chosen_runs_are_collected_once_for_the_same_days(operator, started):
    first, second = failed(), failed()

    choose(operator, "collect_again", first, second)

    assert len(started) == 1


def test_the_same_days_are_not_collected_twice_at_a_time(operator, started):
    old = failed(window_start=WINDOW.start, window_end=WINDOW.end)
    going_on = waiting()

    response = press(operator, "again", old)

    assert messages(response) == [f"Run {going_on.pk} collects these days already."]
    assert response.redirect_chain[-1][0] == page(going_on)
    assert started == []


def test_days_that_confluent_has_forgotten_are_not_asked_for(operator, started):
    old = failed(window_start="2020-01-01", window_end="2020-02-01")

    assert "for one year only" in messages(press(operator, "again", old))[0]
    assert started == []


def test_a_failure_of_several_months_is_collected_month_by_month(operator, started):
    old = failed(window_start="2026-09-20", window_end="2026-11-05")

    press(operator, "again", old)

    new = CollectionRun.objects.exclude(pk=old.pk).order_by("pk")
    assert [(str(run.window_start), str(run.window_end)) for run in new] == [
        ("2026-11-01", "2026-11-05"),
        ("2026-10-01", "2026-11-01"),
        ("2026-09-20", "2026-10-01"),
    ]


def test_a_process_that_cannot_be_started_is_told(operator, monkeypatch):
    def fail(run):
        raise OSError("Cannot allocate memory")

    monkeypatch.setattr(dispatch, "start_process", fail)

    (said,) = messages(press(operator, "again", failed()))

    assert "Its process could not be started: Cannot allocate memory." in said


def test_a_waiting_run_is_cancelled(operator):
    run = waiting()

    press(operator, "cancel", run)

    run.refresh_from_db()
    assert run.state == "cancelled"


def test_chosen_runs_are_cancelled_unless_they_are_over(operator):
    run, over = waiting(), failed()

    choose(operator, "cancel", run, over)

    run.refresh_from_db(), over.refresh_from_db()
    assert (run.state, over.state) == ("cancelled", "failed")


def test_an_unfinished_run_shows_its_progress_and_looks_again(operator):
    run = waiting()
    CollectionRun.objects.update(days_done=2, started_at=database_now())

    shown = operator.get(page(run)).content.decode()

    assert "Days done: 2 of 3" in shown
    assert 'http-equiv="refresh" content="5"' in shown
    assert 'value="Cancel"' in shown
    assert 'value="Collect the same days again"' not in shown


def test_a_finished_run_shows_what_went_wrong_and_stays(operator):
    shown = operator.get(page(failed())).content.decode()

    assert "No route." in shown
    assert 'value="Collect the same days again"' in shown
    assert "http-equiv" not in shown


@pytest.mark.parametrize("button", ["again", "cancel"])
def test_who_may_only_look_changes_nothing(viewer, started, button):
    run = waiting() if button == "cancel" else failed()

    response = press(viewer, button, run)

    assert response.status_code == 403
    shown = viewer.get(page(run)).content.decode()
    assert 'value="Cancel"' not in shown
    assert 'value="Collect the same days again"' not in shown
    run.refresh_from_db()
    assert (started, run.state in ("queued", "failed")) == ([], True)


@pytest.mark.parametrize("button", ["again", "cancel"])
def test_strangers_are_sent_to_the_login(client, started, button):
    response = press(client, button, failed())

    assert "/admin/login/" in response.redirect_chain[0][0]
    assert started == []


@pytest.mark.parametrize("button", ["again", "cancel"])
def test_looking_at_an_address_presses_no_button(operator, started, button):
    address = reverse(f"admin:run_{button}", args=[failed().pk])

    assert operator.get(address).status_code == 405
    assert started == []


def test_operators_change_the_schedule_but_add_nothing_to_it(operator, settings):
    settings.SCHEDULER_ENABLED = settings.HOURLY_JOB_ENABLED = True
    make_schedule()

    assert operator.get("/admin/django_celery_beat/periodictask/").status_code == 200
    assert operator.get("/admin/django_celery_beat/crontabschedule/add/").status_code == 200
    assert operator.get("/admin/django_celery_beat/periodictask/add/").status_code == 403
