"""The broker between those who ask and the workers, as far as one can see it from outside."""

import logging

import redis
from django.conf import settings

from collector.queues import HOURLY, LONG
from collector.shared_pace import impatient_redis

logger = logging.getLogger(__name__)


class BrokerDown(Exception):
    """Redis does not answer; the log says why."""


def waiting_messages() -> dict[str, int]:
    """How many messages wait in each queue; empty without a broker. Raises BrokerDown."""
    if not settings.REDIS_URL:
        return {}
    client = impatient_redis(settings.REDIS_URL)
    try:
        return {queue: int(client.llen(queue)) for queue in (HOURLY, LONG)}
    except redis.RedisError as error:
        logger.error("Redis does not answer: %s", error)
        raise BrokerDown from error
    finally:
        client.close()
