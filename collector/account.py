"""The configured API key as a client."""

import time
from collections.abc import Callable

from django.conf import settings

from collector.client import ConfluentClient
from collector.failures import CredentialsMissing
from collector.pacing import Pace, Unpaced
from collector.shared_pace import SharedPace


def client_from_settings(sleep: Callable[[float], None] = time.sleep) -> ConfluentClient:
    """A client for the key in the settings; raises CredentialsMissing."""
    if not (settings.CONFLUENT_API_KEY and settings.CONFLUENT_API_SECRET):
        raise CredentialsMissing
    return ConfluentClient(
        base_url=settings.CONFLUENT_CLOUD_URL,
        api_key=settings.CONFLUENT_API_KEY,
        api_secret=settings.CONFLUENT_API_SECRET,
        user_agent=settings.USER_AGENT,
        max_wait=settings.CONFLUENT_MAX_WAIT,
        sleep=sleep,
        pace=_pace(),
    )


def _pace() -> Pace:
    if not settings.REDIS_URL:
        return Unpaced()
    return SharedPace(
        settings.REDIS_URL,
        base_url=settings.CONFLUENT_CLOUD_URL,
        api_key=settings.CONFLUENT_API_KEY,
    )
