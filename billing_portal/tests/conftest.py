"""What the portal's tests take from the collector's."""

from collector.tests.conftest import confluent

__all__ = ["confluent"]
