"""What the portal's tests take from the collector's."""

from collector.tests.conftest import confluent, redis_server

__all__ = ["confluent", "redis_server"]
