"""All workers that use a key ask together no more than Confluent allows to one."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import redis

from collector.client import ConfluentClient, Unreachable
from collector.pacing import Allowance
from collector.shared_pace import SharedPace

DAY, NEXT = date(2026, 10, 5), date(2026, 10, 6)


@pytest.fixture
def pace(redis_server):
    """pace() is that of one more worker with the same key."""

    def worker(api_key="demo-key"):
        return SharedPace(redis_server.url, base_url="https://confluent", api_key=api_key)

    return worker


@pytest.fixture
def client(redis_server, confluent):
    """client() is one more worker's."""
    clients = []

    def worker(**options):
        pace = SharedPace(redis_server.url, base_url=confluent.url, api_key="demo-key")
        clients.append(
            ConfluentClient(confluent.url, "demo-key", "demo-secret", pace=pace, **options)
        )
        return clients[-1]

    yield worker
    for each in clients:
        each.close()


def refused(confluent):
    return sum(request.status == 429 for request in confluent.requests)


def test_a_key_that_nobody_used_may_be_used(pace):
    assert pace().wait_seconds() == 0


def test_workers_take_from_one_number(pace):
    first, second = pace(), pace()
    first.wait_seconds()
    first.learn(Allowance(limit=60, remaining=1, reset_seconds=50))

    assert first.wait_seconds() == 0
    assert 0 < second.wait_seconds() < 1  # the answer to the first tells more
    first.learn(Allowance(limit=60, remaining=0, reset_seconds=49))
    assert 48 < second.wait_seconds() <= 49


def test_answers_that_overtake_each_other_give_nothing_away(pace):
    slow, fast, third = pace(), pace(), pace()
    third.wait_seconds()
    third.learn(Allowance(limit=60, remaining=2, reset_seconds=50))
    slow.wait_seconds()
    fast.wait_seconds()

    fast.learn(Allowance(limit=60, remaining=0, reset_seconds=50))
    slow.learn(Allowance(limit=60, remaining=1, reset_seconds=50))

    assert third.wait_seconds() > 40


def test_a_new_window_begins_with_the_limit(pace):
    worker = pace()
    worker.wait_seconds()
    worker.learn(Allowance(limit=2, remaining=0, reset_seconds=0.05))
    time.sleep(0.1)

    assert [pace().wait_seconds() for _ in range(3)] == [0, 0, pytest.approx(0.05)]


def test_a_refusal_is_for_all_and_then_one_asks_alone(pace):
    first, second, third = pace(), pace(), pace()
    first.wait_seconds()
    first.learn(Allowance(refused_for=0.2))

    assert 0 < second.wait_seconds() <= 0.2
    time.sleep(0.25)
    assert second.wait_seconds() == 0
    assert third.wait_seconds() > 0
    second.learn(Allowance(limit=60, remaining=59, reset_seconds=60))
    assert third.wait_seconds() == 0


def test_a_request_without_an_answer_counts(pace):
    worker = pace()
    worker.wait_seconds()
    worker.learn(Allowance(limit=60, remaining=1, reset_seconds=50))
    worker.wait_seconds()
    worker.learn(None)

    assert worker.wait_seconds() > 40


def test_a_worker_that_dies_is_not_waited_for_long(pace, monkeypatch, redis_server):
    pace().wait_seconds()
    keys = redis.Redis.from_url(redis_server.url)

    (under_way,) = keys.keys("*under_way")
    assert 100_000 < keys.pttl(under_way) <= 150_000


def test_a_clock_that_was_ahead_is_not_believed(pace, redis_server):
    worker = pace()
    worker.wait_seconds()
    worker.learn(Allowance(limit=60, remaining=0, reset_seconds=50))
    keys = redis.Redis.from_url(redis_server.url)
    (state,) = keys.keys("*state")
    keys.hset(state, "at", time.time() * 1000 + 3_600_000)

    assert worker.wait_seconds() == 0


def test_an_answer_from_before_a_refusal_lets_nobody_rush(pace):
    early, refused_one, third, fourth = pace(), pace(), pace(), pace()
    early.wait_seconds()
    refused_one.wait_seconds()
    refused_one.learn(Allowance(refused_for=0.1))
    early.learn(Allowance(limit=60, remaining=59, reset_seconds=60))
    time.sleep(0.15)

    assert third.wait_seconds() == 0
    assert fourth.wait_seconds() > 0


def test_a_limit_of_none_at_all_does_not_last(pace):
    worker = pace()
    worker.wait_seconds()
    worker.learn(Allowance(limit=0, remaining=0, reset_seconds=0.05))
    time.sleep(0.1)

    assert worker.wait_seconds() == 0


def test_keys_do_not_wait_for_each_other(pace):
    worker = pace()
    worker.wait_seconds()
    worker.learn(Allowance(refused_for=60))

    assert pace("another-key").wait_seconds() == 0


def test_redis_does_not_learn_the_key(pace, redis_server):
    pace("a-very-secret-key").wait_seconds()

    (name, *_) = redis.Redis.from_url(redis_server.url).keys()
    assert b"secret" not in name


def test_it_collects_without_redis(client, confluent, redis_server):
    worker = client()
    redis_server.kill()

    assert list(worker.costs(DAY, NEXT))
    redis_server.start()
    assert list(worker.costs(DAY, NEXT))


def test_it_gives_up_when_all_have_to_wait_longer_than_a_request_may(client, pace, confluent):
    first, second = client(max_wait=5, sleep=lambda seconds: None), client(max_wait=5)
    confluent.faults.retry_after = 60
    confluent.faults.add("429")
    with pytest.raises(Unreachable):
        list(first.costs(DAY, NEXT))

    with pytest.raises(Unreachable, match="limit for this key left no turn"):
        list(second.costs(DAY, NEXT))

    assert len(confluent.requests) == 1


def test_four_workers_are_refused_no_more_often_than_one(client, confluent):
    confluent.rate_limit.limit, confluent.rate_limit.period = 10, 1.0
    first_page = threading.Barrier(4)

    def ask_often(worker):
        first_page.wait()
        for _ in range(10):
            list(worker.costs(DAY, NEXT))

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(ask_often, [client() for _ in range(4)]))

    answered = [request for request in confluent.requests if request.status == 200]
    assert (len(answered), refused(confluent)) == (40, 0)
