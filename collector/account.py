"""The configured API key as a client."""

import time
from collections.abc import Callable

from django.conf import settings

from collector.client import ConfluentClient


class CredentialsMissing(Exception):
    """CONFLUENT_API_KEY or CONFLUENT_API_SECRET is not set."""

    def __str__(self) -> str:
        return (
            "CONFLUENT_API_KEY and CONFLUENT_API_SECRET are not both set. Put a Cloud API key "
            "of a BillingAdmin or OrganizationAdmin into .env; `make demo` needs none."
        )


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
    )
