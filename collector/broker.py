"""The broker between those who ask and the workers, as far as one can see it from outside."""

import logging

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from collector.queues import HOURLY, LONG

logger = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds


class BrokerDown(Exception):
    """Redis does not answer; the log says why."""


def waiting_messages() -> dict[str, int]:
    """How many messages wait in each queue; empty without a broker. Raises BrokerDown."""
    if not settings.REDIS_URL:
        return {}
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        return {queue: int(client.llen(queue)) for queue in (HOURLY, LONG)}
    except redis.RedisError as error:
        logger.error("Redis does not answer: %s", error)
        raise BrokerDown from error
    finally:
        client.close()
