"""The door for Celery to the re-allocation; `manage.py reallocate` is its twin."""

import logging

from celery import shared_task
from django.db import InterfaceError, OperationalError

from costs.reallocation import reallocate_for

logger = logging.getLogger(__name__)

# Less than a task may take; what is left is for the next one.
PATIENCE = 2_400.0  # seconds


@shared_task(
    name="costs.reallocate_pending",
    autoretry_for=(OperationalError, InterfaceError),
    retry_backoff=60,
    max_retries=3,
)
def reallocate_pending() -> None:
    """Take along the days that a changed rule left pending."""
    followed = reallocate_for(PATIENCE)
    if followed.days or followed.pending:
        logger.info("Days allocated again: %s, still pending: %s.", followed.days, followed.pending)
