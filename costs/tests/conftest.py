"""Who is at the admin in most of its tests, and a bill whose hours may be archived."""

import pytest
from django.contrib.auth import get_user_model

from costs.tests.long_ago import drop_tables, store_bill


@pytest.fixture
def fay(db, client):
    """A browser in which Fay, who may do everything, is logged in."""
    client.force_login(get_user_model().objects.create_superuser("Fay"))
    return client


@pytest.fixture
def acme_long_ago(committed):
    """The committed bill of costs.tests.long_ago; its organization o-1."""
    drop_tables()
    yield store_bill()
    drop_tables()
