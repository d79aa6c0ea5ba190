"""POST /api/v1/costs/collect answers at once; the run goes on by itself and can be watched."""

import os
import signal
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from collector import dispatch, watch
from collector.models import CollectionRun
from collector.requested import run_requested
from collector.runs import Cancelled, NotQueued, cancel_run, mark_abandoned, request_run
from collector.tests.conftest import NOW
from collector.tests.processes import database_url
from collector.windows import Window
from costs.models import BillingDay
from costs.tests.asking import refusals
from costs.tests.ownership import october

TODAY = "2026-11-20"


@pytest.fixture
def client():
    """Who asks the API; elsewhere it is who asks Confluent."""
    return Client()


@pytest.fixture
def started(monkeypatch):
    """Ids of the runs whose processes would have been started."""
    ids = []
    monkeypatch.setattr(dispatch, "start_process", lambda run: ids.append(run.pk))
    return ids


@pytest.fixture
def key(settings, confluent, monkeypatch):
    """The settings name the simulated Confluent."""
    settings.CONFLUENT_CLOUD_URL = confluent.url
    settings.CONFLUENT_API_KEY, settings.CONFLUENT_API_SECRET = "demo-key", "demo-secret"
    monkeypatch.setattr(watch, "BETWEEN_LOOKS", 0.0)


@contextmanager
def on(day):
    with time_machine.travel(f"{day}T12:00:00Z", tick=False):
        yield


def collect(client, **body):
    return client.post("/api/v1/costs/collect", body, content_type="application/json")


def window_of(answer):
    assert answer.status_code == 202, answer.content
    data = answer.json()["data"]
    return data["start_date"], data["end_date"]


@pytest.mark.parametrize(
    ("body", "window"),
    [
        ({}, ("2026-11-01", "2026-11-21")),
        ({"month": "2026-10"}, ("2026-10-01", "2026-11-01")),
        ({"month": "2026-11"}, ("2026-11-01", "2026-11-21")),
        ({"days": 3}, ("2026-11-18", "2026-11-21")),
        ({"start_date": "2026-11-10"}, ("2026-11-10", "2026-11-21")),
        (
            {"start_date": "2026-10-25", "end_date": "2026-11-20"},
            ("2026-10-25", "2026-11-20"),
        ),
        # No later than today.
        ({"start_date": "2026-11-19", "end_date": "2026-12-01"}, ("2026-11-19", "2026-11-21")),
    ],
)
def test_it_collects_the_days_that_are_asked_for(db, client, started, body, window):
    with on(TODAY):
        assert window_of(collect(client, **body)) == window


def test_it_collects_the_current_month_without_a_body(db, client, started):
    """As `curl -X POST` asks."""
    with on(TODAY):
        answer = client.generic("POST", "/api/v1/costs/collect")

    assert window_of(answer) == ("2026-11-01", "2026-11-21")


@pytest.mark.parametrize(
    ("body", "parameter", "message"),
    [
        ({"days": 0}, "days", "greater than or equal to 1"),
        ({"days": 29}, "days", "less than or equal to 28"),
        ({"days": 3, "month": "2026-10"}, "", "one of the three"),
        ({"month": "2026-13"}, "", "is not a month"),
        ({"month": "2027-01"}, "", "has not begun yet"),
        ({"month": "soon"}, "month", "does not match"),
        ({"start_date": "2026-11-21"}, "", "has not begun yet"),
        ({"end_date": "2026-11-21"}, "", "needs a start_date"),
        ({"start_date": "2026-11-05", "end_date": "2026-11-05"}, "", "is not after"),
        ({"start_date": "2025-11-01", "end_date": "2025-11-02"}, "", "for one year only"),
        (
            {"start_date": "2026-09-30", "end_date": "2026-10-31"},
            "",
            "of a month at most: from this start on, the end can be 2026-10-30",
        ),
        ({"start_date": "then"}, "start_date", "wrong format"),
        ({"moon": 1}, "moon", "It cannot be set here; these can: start_date"),
    ],
)
def test_it_refuses_days_that_it_cannot_collect(db, client, started, body, parameter, message):
    with on(TODAY):
        said = refusals(collect(client, **body))

    assert message in said[parameter][0]
    assert (started, CollectionRun.objects.count()) == ([], 0)


def test_it_answers_with_the_address_of_the_run(db, client, started):
    answer = collect(client, days=2)

    data = answer.json()["data"]
    assert answer["Location"] == data["url"] == f"http://testserver/api/v1/collections/{data['id']}"
    assert (data["state"], data["trigger"]) == ("queued", "api")
    assert client.get(data["url"]).json()["data"] == data
    assert started == [data["id"]]


def test_it_names_who_asked(db, client, started):
    client.force_login(get_user_model().objects.create_superuser("opal"))

    assert collect(client, days=2).json()["data"]["requested_by"] == "opal"


def test_it_refuses_the_same_days_twice_at_a_time(db, client, started):
    first = collect(client, days=2).json()["data"]

    second, other = collect(client, days=2), collect(client, days=3)

    assert second.status_code == 409
    assert second.json()["url"] == first["url"]
    assert second.json()["detail"] == f"Run {first['id']} collects these days already."
    assert other.status_code == 202
    assert len(started) == 2


def test_it_takes_the_same_days_again_when_the_first_run_has_ended(db, client, started, key):
    first = collect(client, month="2026-10").json()["data"]
    run_requested(first["id"])

    assert collect(client, month="2026-10").status_code == 202


def test_a_run_shows_what_it_came_to(db, client, started, key):
    with on(TODAY):
        url = collect(client, start_date="2026-10-05", end_date="2026-10-08").json()["data"]["url"]
    run_requested(started[0])

    data = client.get(url).json()["data"]
    assert (data["state"], data["error"]) == ("succeeded", "")
    assert data["progress"] == {"days_done": 3, "days_total": 3}
    assert data["days_changed"] == 3
    assert data["lines_received"] == data["lines_added"] > 0
    assert data["org_id"]
    assert data["seconds"] >= 0
    assert [
        str(day) for day in BillingDay.objects.order_by("day").values_list("day", flat=True)
    ] == [
        "2026-10-05",
        "2026-10-06",
        "2026-10-07",
    ]


def test_a_run_without_credentials_says_what_to_do(db, client, started):
    url = collect(client, days=2).json()["data"]["url"]

    with pytest.raises(Exception, match="CONFLUENT_API_KEY"):
        run_requested(started[0])

    data = client.get(url).json()["data"]
    assert data["state"] == "failed"
    assert "Put a Cloud API key of a BillingAdmin or OrganizationAdmin into .env" in data["error"]


def test_a_process_that_cannot_be_started_is_said_in_words(db, client, monkeypatch):
    def fail(*arguments, **options):
        raise OSError("Cannot allocate memory")

    monkeypatch.setattr(dispatch.subprocess, "Popen", fail)

    data = collect(client, days=2).json()["data"]

    assert data["state"] == "failed"
    assert data["error"] == "Its process could not be started: Cannot allocate memory."
    assert collect(client, days=2).status_code == 202


def test_a_refused_key_is_said_in_words(db, client, started, key, settings, confluent):
    settings.CONFLUENT_API_SECRET = "wrong-secret"
    with on(TODAY):
        url = collect(client, days=2).json()["data"]["url"]
    before = BillingDay.objects.count()

    with pytest.raises(Exception):  # noqa: B017 (which one is for the client's tests)
        run_requested(started[0])

    data = client.get(url).json()["data"]
    assert data["state"] == "failed"
    assert data["error"]
    assert "wrong-secret" not in data["error"]
    assert BillingDay.objects.count() == before


def test_a_queued_run_is_cancelled_at_once(may_cancel, client, started, key):
    url = collect(client, days=2).json()["data"]["url"]

    answer = client.post(f"{url}/cancel")

    assert answer.status_code == 202
    data = answer.json()["data"]
    assert (data["state"], data["error"]) == ("cancelled", "Cancelled before it began.")
    with pytest.raises(NotQueued):
        run_requested(started[0])


def test_a_running_one_ends_after_the_day_it_is_at(may_cancel, client, started, key, monkeypatch):
    with on(TODAY):
        url = collect(client, month="2026-10").json()["data"]["url"]
    kept = []

    def day_kept(self, day):
        kept.append(day)
        if len(kept) == 2:
            client.post(f"{url}/cancel")
        self._look()

    monkeypatch.setattr(watch.Watch, "day_kept", day_kept)

    with pytest.raises(Cancelled):
        run_requested(started[0])

    data = client.get(url).json()["data"]
    assert (data["state"], data["error"]) == ("cancelled", "Cancelled; every stored day is whole.")
    assert data["progress"] == {"days_done": 2, "days_total": 31}
    assert data["cancel_requested_at"]
    assert BillingDay.objects.count() == 2


def test_progress_can_be_watched(db, client, started, key, monkeypatch):
    with on(TODAY):
        url = collect(client, start_date="2026-10-05", end_date="2026-10-08").json()["data"]["url"]
    seen = []
    look = watch.Watch._look
    # The lock of a run does not keep out its own session, in which both sides are here.
    monkeypatch.setattr("collector.api.collections.mark_abandoned", lambda: 0)

    def watched(self):
        look(self)
        data = client.get(url).json()["data"]
        seen.append((data["state"], data["progress"]["days_done"]))

    monkeypatch.setattr(watch.Watch, "_look", watched)
    run_requested(started[0])

    assert [done for state, done in seen if state == "running"] == sorted(done for _, done in seen)
    assert {done for _, done in seen} == {0, 1, 2, 3}


def test_a_wait_for_confluent_ends_when_it_is_cancelled(db, started, key):
    window = Window(october(1), october(2))
    run = request_run(window, trigger="test", requested_by=None)
    watching = watch.Watch()
    watching.window_begins(window, run)
    CollectionRun.objects.update(state="running")
    cancel_run(run.pk)

    begun = time.monotonic()
    with pytest.raises(Cancelled):
        watching.sleep(60)

    assert time.monotonic() - begun < 30


def test_a_finished_run_stays_as_it_is(may_cancel, client, started, key):
    url = collect(client, month="2026-10").json()["data"]["url"]
    run_requested(started[0])

    data = client.post(f"{url}/cancel").json()["data"]

    assert (data["state"], data["cancel_requested_at"]) == ("succeeded", None)


def test_a_queued_run_whose_process_never_came_is_given_up(db, client, started):
    url = collect(client, days=2).json()["data"]["url"]
    assert client.get(url).json()["data"]["state"] == "queued"
    CollectionRun.objects.update(started_at=timezone.now() - timedelta(minutes=5))

    data = client.get(url).json()["data"]

    assert data["state"] == "abandoned"
    assert "every stored day is whole" in data["error"]
    with pytest.raises(NotQueued):
        run_requested(started[0])
    assert collect(client, days=2).status_code == 202


def test_it_lists_runs_newest_first(db, client, started):
    with on(TODAY):
        for days in (2, 3):
            collect(client, days=days)

    document = client.get("/api/v1/collections?state=queued").json()

    assert [run["id"] for run in document["data"]] == started[::-1]
    assert client.get("/api/v1/collections?trigger=collect_costs").json()["data"] == []


@pytest.fixture
def environment(confluent, monkeypatch):
    """What the process of a run reads: the tests' database, the simulated Confluent."""
    for name, value in {
        "DATABASE_URL": database_url(),
        "CONFLUENT_CLOUD_URL": confluent.url,
        "CONFLUENT_API_KEY": "demo-key",
        "CONFLUENT_API_SECRET": "demo-secret",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def may_cancel(client, db):
    """Development lets nobody cancel without a login."""
    client.force_login(get_user_model().objects.create_superuser("opal"))


def until(client, url, *states):
    """The run when it has come into one of the states."""
    for _ in range(600):
        data = client.get(url).json()["data"]
        if data["state"] in states:
            return data
        time.sleep(0.05)
    raise AssertionError(f"It is still {data['state']}.")


@pytest.mark.usefixtures("committed", "environment")
def test_the_run_goes_on_in_a_process_of_its_own(client):
    with on(NOW.date()):
        answer = collect(client, start_date="2026-10-05", end_date="2026-10-08")
    url = answer.json()["data"]["url"]

    assert answer.json()["data"]["state"] == "queued"
    data = until(client, url, "succeeded", "failed")

    assert (data["state"], data["error"]) == ("succeeded", "")
    assert BillingDay.objects.count() == 3


@pytest.mark.usefixtures("committed", "environment")
def test_a_killed_process_is_noticed_and_the_next_run_does_the_rest(client, confluent, monkeypatch):
    pids = []
    popen = dispatch.subprocess.Popen

    def remembered(*arguments, **options):
        process = popen(*arguments, **options)
        pids.append(process.pid)
        return process

    monkeypatch.setattr(dispatch.subprocess, "Popen", remembered)
    with on(NOW.date()):
        url = collect(client, month="2026-10").json()["data"]["url"]
    until(client, url, "running", "succeeded")
    os.kill(pids[0], signal.SIGKILL)

    data = until(client, url, "abandoned", "succeeded")
    assert data["state"] == "abandoned"
    with on(NOW.date()):
        again = collect(client, month="2026-10")
    assert until(client, again.json()["data"]["url"], "succeeded", "failed")["state"] == "succeeded"
    assert BillingDay.objects.count() == 31
    assert mark_abandoned() == 0
