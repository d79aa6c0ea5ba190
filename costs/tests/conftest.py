"""Who is at the admin in most of its tests."""

import pytest
from django.contrib.auth import get_user_model


@pytest.fixture
def fay(db, client):
    """A browser in which Fay, who may do everything, is logged in."""
    client.force_login(get_user_model().objects.create_superuser("Fay"))
    return client
