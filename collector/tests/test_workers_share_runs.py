"""Queued runs are the memory of the queue: what happens to messages and workers loses none."""

from datetime import date, timedelta

import pytest
import redis
from celery.exceptions import Retry, SoftTimeLimitExceeded
from django.core.management import CommandError, call_command
from kombu.exceptions import OperationalError as BrokerError

from collector import dispatch, tasks
from collector.client import CredentialsRefused
from collector.models import CollectionRun, ProcessHeartbeat
from collector.runs import (
    MOST_LOSSES,
    AlreadyAsked,
    cancel_run,
    mark_abandoned,
    request_run,
    retry_after,
    start_run,
)
from collector.tests.conftest import NOW
from collector.windows import Window
from costs.clock import database_now

OCTOBER = Window(date(2026, 10, 1), date(2026, 11, 1))
State = CollectionRun.State


@pytest.fixture
def sent(db, settings, monkeypatch):
    """The runs of which workers were told."""
    told = []
    settings.CELERY_BROKER_URL = "redis://somewhere"
    monkeypatch.setattr(dispatch.current_app, "send_task", lambda name, args: told.append(*args))
    return told


@pytest.fixture
def key(settings, confluent, monkeypatch):
    settings.CONFLUENT_CLOUD_URL = confluent.url
    settings.CONFLUENT_API_KEY, settings.CONFLUENT_API_SECRET = "demo-key", "demo-secret"
    settings.CONFLUENT_MAX_WAIT = 0


def queued(window=OCTOBER):
    return request_run(window, trigger="test", requested_by=None, is_for_workers=True)


def lost(run):
    """As if its worker had been killed after it began."""
    CollectionRun.objects.filter(pk=run.pk).update(
        state=State.RUNNING, attempts=run.attempts + 1, days_done=3, lines_received=99
    )


def refreshed(run):
    run.refresh_from_db()
    return run


def test_workers_are_told_of_a_run_that_is_asked_for(sent):
    run = dispatch.ask_for_collection(OCTOBER, trigger="api", requested_by=None)

    assert sent == [run.pk]
    assert (run.state, run.is_for_workers) == (State.QUEUED, True)
    assert refreshed(run).sent_at


def test_a_run_waits_for_a_broker_that_is_down(sent, monkeypatch, caplog):
    def refuse(name, args):
        raise BrokerError("Connection refused")

    with monkeypatch.context() as patch:
        patch.setattr(dispatch.current_app, "send_task", refuse)
        run = dispatch.ask_for_collection(OCTOBER, trigger="api", requested_by=None)
    assert "waits until the broker answers again" in caplog.text

    dispatch.look_after_runs(resend_after_seconds=600)

    assert sent == [run.pk]


def test_a_message_that_got_lost_is_sent_again(sent):
    run = dispatch.ask_for_collection(OCTOBER, trigger="api", requested_by=None)
    dispatch.look_after_runs(resend_after_seconds=600)
    CollectionRun.objects.update(sent_at=database_now() - timedelta(seconds=601))

    dispatch.look_after_runs(resend_after_seconds=600)

    assert sent == [run.pk] * 2


def test_a_backfill_is_a_run_a_month_newest_first(sent, time_machine):
    time_machine.move_to(NOW)

    runs = dispatch.ask_for_backfill(3, force=False, trigger="backfill", requested_by=None)

    assert [str(run.window_start) for run in runs] == ["2026-11-01", "2026-10-01", "2026-09-01"]
    assert sent == [run.pk for run in runs]


def test_a_backfill_leaves_out_what_is_asked_for_or_settled(sent, time_machine, key, collect_days):
    collect_days("2026-09-01", "2026-10-01")
    time_machine.move_to(NOW)
    queued()

    runs = dispatch.ask_for_backfill(3, force=False, trigger="backfill", requested_by=None)

    assert [str(run.window_start) for run in runs] == ["2026-11-01"]
    forced = dispatch.ask_for_backfill(3, force=True, trigger="backfill", requested_by=None)
    assert [str(run.window_start) for run in forced] == ["2026-09-01"]


def test_the_command_queues_months_and_says_that_nobody_is_there(sent, time_machine, capsys):
    time_machine.move_to(NOW)

    call_command("backfill_costs", "--months", "2", "--queue")

    said = capsys.readouterr().out
    assert "Queued: 2026-11-01 to 2026-11-20\nQueued: 2026-10-01 to 2026-10-31\n" in said
    assert "No worker of the queue “long” is alive" in said


def test_the_command_is_content_with_a_worker(sent, time_machine, capsys):
    ProcessHeartbeat.objects.create(kind="worker", name="long@here", seen_at=database_now())

    call_command("backfill_costs", "--months", "1", "--queue")

    assert "No worker" not in capsys.readouterr().out


def test_the_command_queues_nothing_that_nobody_would_be_told_of(db):
    with pytest.raises(CommandError, match="there are none: set REDIS_URL or run `make scheduler`"):
        call_command("backfill_costs", "--queue")

    assert not CollectionRun.objects.exists()


def test_without_workers_the_task_collects_the_months_itself(db, key):
    tasks.backfill.delay(months=1)

    run = CollectionRun.objects.get()
    assert (run.trigger, run.state) == ("backfill", State.SUCCEEDED)


def test_a_run_whose_worker_is_gone_is_begun_anew_at_once(sent):
    run = dispatch.ask_for_collection(OCTOBER, trigger="api", requested_by=None)
    lost(run)

    dispatch.look_after_runs(resend_after_seconds=600)

    run = refreshed(run)
    assert (run.state, run.days_done, run.lines_received) == (State.QUEUED, 0, 0)
    assert run.notices == ["Attempt 1: its worker ended before it did."]
    assert sent == [run.pk, run.pk]


def test_a_message_that_comes_again_begins_the_run_of_a_dead_worker(sent, key):
    """Celery gives the message of a killed process to the next one, with or without a sweep."""
    run = queued(Window(date(2026, 10, 1), date(2026, 10, 4)))
    lost(run)

    tasks.see_through(run.pk)

    run = refreshed(run)
    assert (run.state, run.attempts, run.losses) == (State.SUCCEEDED, 2, 1)


def test_asking_again_tells_the_workers_of_what_nobody_told_them(sent):
    run = queued()

    with pytest.raises(AlreadyAsked):
        dispatch.ask_for_collection(OCTOBER, trigger="api", requested_by=None)

    assert sent == [run.pk]


def test_messages_that_wait_are_not_lost(sent, settings, redis_server):
    settings.REDIS_URL = redis_server.url
    run = dispatch.ask_for_collection(OCTOBER, trigger="api", requested_by=None)
    CollectionRun.objects.update(sent_at=database_now() - timedelta(hours=5))
    redis.Redis.from_url(redis_server.url).rpush("long", "a message before it")

    dispatch.look_after_runs(resend_after_seconds=300)

    assert sent == [run.pk]
    redis.Redis.from_url(redis_server.url).delete("long")
    dispatch.look_after_runs(resend_after_seconds=300)
    assert sent == [run.pk, run.pk]


def test_a_run_that_takes_every_worker_down_comes_to_an_end(db):
    run = queued()
    for _ in range(MOST_LOSSES):
        lost(refreshed(run))
        mark_abandoned()

    run = refreshed(run)
    assert run.state == State.ABANDONED
    assert run.error == "Its process ended before it did; every stored day is whole."
    assert len(run.notices) == MOST_LOSSES - 1


def test_a_cancelled_run_is_not_begun_anew(db):
    run = queued()
    lost(run)
    cancel_run(run.pk)

    mark_abandoned()

    assert refreshed(run).state == State.CANCELLED


def test_a_run_of_a_process_of_its_own_is_not_begun_anew(db):
    run = request_run(OCTOBER, trigger="api", requested_by=None)
    lost(run)

    mark_abandoned()

    assert refreshed(run).state == State.ABANDONED


def test_workers_may_be_busy_for_long_but_not_for_ever(db):
    run = queued()
    CollectionRun.objects.update(started_at=database_now() - timedelta(hours=23))
    mark_abandoned()
    assert refreshed(run).state == State.QUEUED

    CollectionRun.objects.update(started_at=database_now() - timedelta(hours=25))
    mark_abandoned()

    run = refreshed(run)
    assert run.state == State.ABANDONED
    assert run.error == (
        "Nobody began it; no worker of the queue “long” seems to run; every stored day is whole."
    )
    assert run.seconds == 0


def test_a_worker_collects_the_days(sent, key):
    run = queued(Window(date(2026, 10, 1), date(2026, 10, 4)))

    tasks.see_through(run.pk)

    run = refreshed(run)
    assert (run.state, run.attempts, run.days_changed) == (State.SUCCEEDED, 1, 3)


def test_of_two_messages_one_finds_it_begun(sent, key):
    run = queued(Window(date(2026, 10, 1), date(2026, 10, 4)))

    tasks.see_through(run.pk)
    tasks.see_through(run.pk)

    assert refreshed(run).attempts == 1


def test_what_may_pass_is_tried_again_later(sent, key, confluent, monkeypatch):
    def retry(exc, countdown):
        return Retry(exc=exc, when=countdown)

    monkeypatch.setattr(tasks.see_through, "retry", retry)
    run = queued()
    confluent.faults.add("503")

    with pytest.raises(Retry) as retry:
        tasks.see_through(run.pk)

    run = refreshed(run)
    assert (run.state, run.error, run.failure) == (State.QUEUED, "", "")
    assert "Attempt 1: /org/v2/organizations: Confluent answered 503" in run.notices[0]
    assert retry.value.when == 60
    assert run.sent_at > database_now() + timedelta(seconds=50)
    dispatch.look_after_runs(resend_after_seconds=0)
    assert sent == []


def test_an_outage_is_waited_for_later_and_later():
    minutes = [retry_after(attempts).total_seconds() / 60 for attempts in (1, 2, 3, 4, 5, 99)]

    assert minutes == [1, 2, 4, 8, 15, 15]


def test_retries_add_up_over_the_attempts(sent, key, confluent, settings, monkeypatch):
    monkeypatch.setattr(tasks.see_through, "retry", lambda exc, countdown: Retry(exc=exc))
    settings.CONFLUENT_MAX_WAIT = 1
    run = queued(Window(date(2026, 10, 1), date(2026, 10, 2)))
    confluent.faults.add("429", "503", path="/billing")

    with pytest.raises(Retry):
        tasks.see_through(run.pk)
    tasks.see_through(run.pk)

    run = refreshed(run)
    assert (run.state, run.attempts, run.rate_limited) == (State.SUCCEEDED, 2, 1)
    assert run.retries >= 1


def test_a_run_whose_time_is_over_goes_on_but_not_for_ever(db):
    run = queued()
    for state in [State.QUEUED] * (MOST_LOSSES - 1) + [State.FAILED]:
        with pytest.raises(SoftTimeLimitExceeded), start_run(run.pk):
            raise SoftTimeLimitExceeded
        assert refreshed(run).state == state

    assert (run.failure, run.error) == (
        "time_limit",
        "Its time was over; every stored day is whole.",
    )


def test_what_may_pass_is_not_tried_for_ever(sent, key, confluent):
    run = queued()
    CollectionRun.objects.update(asked_at=database_now() - timedelta(hours=25))
    confluent.faults.add("503")

    with pytest.raises(Exception, match="Gave up"):
        tasks.see_through(run.pk)

    run = refreshed(run)
    assert (run.state, run.failure) == (State.FAILED, "unreachable")


def test_what_will_not_pass_is_told_once(sent, key, settings):
    settings.CONFLUENT_API_SECRET = "wrong"
    run = queued()

    with pytest.raises(CredentialsRefused):
        tasks.see_through(run.pk)

    assert (refreshed(run).state, run.failure) == (State.FAILED, "credentials")


def test_the_end_of_a_run_that_is_somebody_elses_by_now_is_not_recorded(db):
    """After a restart of the database, which took its lock away."""
    run = queued()
    with start_run(run.pk) as began:
        CollectionRun.objects.filter(pk=run.pk).update(attempts=began.attempts + 1)

    assert refreshed(run).state == State.RUNNING


def test_refusals_are_counted(sent, key, confluent, settings):
    settings.CONFLUENT_MAX_WAIT = 60
    confluent.faults.add("429", "429", path="/billing")
    run = queued(Window(date(2026, 10, 1), date(2026, 10, 2)))

    tasks.see_through(run.pk)

    assert (refreshed(run).retries, run.rate_limited) == (2, 2)
