"""What the database says at one moment, as the text that Prometheus reads."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from django.conf import settings
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from collector.metrics import bill_metrics, broker_metrics, process_metrics, run_metrics
from costs.clock import database_now
from costs.metrics import OTHER, hourly_metric, organization_metrics, total_metrics
from costs.reports.gauges import bill_states, last_hours, months_to_date
from costs.reports.snapshot import limit_statements, snapshot

# Prometheus waits ten seconds for a scrape.
LONGEST_READING = 6.0  # seconds, of all statements together


def metrics_text() -> bytes:
    """All of it, or a DatabaseError or TimeoutError."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(list(_metrics())))
    return generate_latest(registry)


class _Collected:
    """Metrics that are there already, in the shape that prometheus_client takes."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _metrics() -> Iterator[Metric]:
    with snapshot():
        yield from _of_the_database(_deadline())
    # Redis has a patience of its own.
    yield from broker_metrics()


def _of_the_database(in_time: Callable[[], None]) -> Iterator[Metric]:
    today, most = datetime.now(UTC).date(), settings.METRICS_MAX_SERIES
    in_time()
    yield _read_at()
    states = bill_states()
    in_time()
    months = months_to_date(states, today)
    yield from total_metrics(months, most=most)
    yield from organization_metrics(states, months)
    in_time()
    yield hourly_metric(last_hours(states, today, most=most, other=OTHER))
    in_time()
    yield from run_metrics()
    in_time()
    yield from bill_metrics(states, months)
    yield from process_metrics()


def _deadline() -> Callable[[], None]:
    """To be called between statements: what is left of the time is for the next ones."""
    give_up_at = time.monotonic() + LONGEST_READING
    return lambda: limit_statements(give_up_at - time.monotonic())


def _read_at() -> Metric:
    metric = GaugeMetricFamily(
        "billing_portal_metrics_read_timestamp_seconds",
        "When this was read from the database.",
    )
    metric.add_metric((), database_now().timestamp())
    return metric
