"""`/readyz`: what `/healthz` says, and whether broker, beat and collection do what they should."""

from datetime import timedelta

import pytest

from billing_portal.tests import stored
from collector.models import CollectionRun, ProcessHeartbeat
from costs.clock import database_now

SERVED = {"process": "ok", "database": "ok", "migrations": "ok"}


@pytest.fixture
def ready(db, client, settings):
    """ready(scheduled=True) asks; the status and what was found besides `/healthz`'s checks."""

    def ask(scheduled=False):
        settings.SCHEDULER_ENABLED = settings.HOURLY_JOB_ENABLED = scheduled
        response = client.get("/readyz")
        found = response.json()["checks"]
        assert {name: found.pop(name) for name in SERVED} == SERVED
        return response.status_code, found

    return ask


def beat_seen(**ago):
    """And the workers a moment ago."""
    seen_at = database_now() - timedelta(**ago)
    ProcessHeartbeat.objects.create(kind="beat", name="beat", seen_at=seen_at)
    for name in ("hourly@here", "long@here"):
        ProcessHeartbeat.objects.create(kind="worker", name=name, seen_at=database_now())


def ended(state="succeeded", **ago):
    run = stored.run(of=stored.organization())
    CollectionRun.objects.filter(pk=run.pk).update(
        state=state, finished_at=database_now() - timedelta(**ago)
    )


def test_it_is_ready_without_a_schedule(ready):
    assert ready() == (
        200,
        {
            "broker": "not configured",
            "beat": "not scheduled",
            "workers": "not scheduled",
            "collection": "not scheduled",
        },
    )


def test_it_is_ready_while_the_schedule_works(ready, settings, redis_server):
    settings.REDIS_URL = redis_server.url
    beat_seen(seconds=20)
    ended(hours=1)

    assert ready(scheduled=True) == (
        200,
        {"broker": "ok", "beat": "ok", "workers": "ok", "collection": "ok"},
    )


def test_it_is_not_ready_when_nobody_does_the_long_jobs(ready):
    beat_seen(seconds=20)
    ProcessHeartbeat.objects.filter(name="long@here").delete()

    status, found = ready(scheduled=True)

    assert (status, found["workers"]) == (
        503,
        "no worker of the queue long is alive; run: make scheduler",
    )


def test_it_is_ready_before_the_first_collection(ready):
    beat_seen(seconds=20)

    status, found = ready(scheduled=True)

    assert (status, found["collection"]) == (200, "nothing collected yet")


@pytest.mark.parametrize("state", ["failed", "abandoned"])
def test_it_is_not_ready_when_no_collection_ever_succeeded(ready, state):
    beat_seen(seconds=20)
    ended(state, hours=1)

    status, found = ready(scheduled=True)

    assert status == (503 if state == "failed" else 200)
    assert found["collection"] != "ok"


def test_it_says_that_beat_was_never_seen(ready):
    status, found = ready(scheduled=True)

    assert (status, found["beat"]) == (503, "beat has never been seen; run: make scheduler")


def test_it_says_since_when_beat_is_silent(ready):
    beat_seen(minutes=42)

    status, found = ready(scheduled=True)

    assert (status, found["beat"]) == (503, "beat was last seen 42 min ago; run: make scheduler")


def test_it_says_how_old_the_last_success_is(ready):
    beat_seen(seconds=20)
    ended(hours=8)

    status, found = ready(scheduled=True)

    assert (status, found["collection"]) == (
        503,
        "the last success is 8.0 h old, 6.0 h are allowed",
    )


def test_it_says_that_the_broker_is_down_without_its_address(ready, settings, redis_server):
    settings.REDIS_URL = redis_server.url
    redis_server.kill()

    status, found = ready()

    assert (status, found["broker"]) == (503, "the broker does not answer; the log says why")
    redis_server.start()
    assert ready()[0] == 200
