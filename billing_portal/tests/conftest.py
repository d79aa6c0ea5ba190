"""What the portal's tests share."""

from billing_portal.tests.hostile import hostile_company
from billing_portal.tests.kept import kept_company
from collector.tests.conftest import confluent, redis_server

__all__ = ["confluent", "hostile_company", "kept_company", "redis_server"]
