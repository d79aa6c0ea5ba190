"""How collecting does, as Prometheus reads it: runs, their failures, processes, the broker."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, F, Max, Sum
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric

from collector import jobs
from collector.broker import BrokerDown, waiting_messages
from collector.models import CollectionRun, ProcessHeartbeat, QuarantinedRow
from collector.payloads import KNOWN_LINE_TYPES, KNOWN_PRODUCTS
from costs.metrics import OTHER
from costs.models import ReconciliationCheck
from costs.reports.gauges import BillState, MonthCost

State = CollectionRun.State
TRIGGERS = (
    *(jobs.HOURLY, jobs.DAILY, "backfill", "api", "web", "admin"),
    *("collect_costs", "backfill_costs", "seed_demo"),
)
"""Whoever else asked for a run is told of as OTHER."""
_OUTCOMES = tuple(state for state in State if state not in CollectionRun.UNFINISHED)
# Containers change their names at each start.
MOST_WORKERS = 100


@dataclass(slots=True)
class _Runs:
    """What the finished runs of one trigger and outcome came to."""

    count: int = 0
    seconds: float = 0.0
    retries: int = 0
    rate_limited: int = 0
    newest: float | None = None


@dataclass(slots=True)
class _Totals:
    by_outcome: defaultdict[tuple[str, str], _Runs] = field(
        default_factory=lambda: defaultdict(_Runs)
    )
    failures: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    unfinished: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))


def run_metrics() -> Iterator[Metric]:
    """Of all runs ever recorded, in one statement."""
    totals = _totals()
    labels = ("trigger", "outcome")
    count = CounterMetricFamily(
        "billing_portal_collection_runs", "Finished collection runs.", labels=labels
    )
    duration = SummaryMetricFamily(
        "billing_portal_collection_duration_seconds",
        "How long finished collection runs took.",
        labels=labels,
    )
    retries = CounterMetricFamily(
        "billing_portal_collection_retries", "Requests that were repeated.", labels=labels
    )
    limited = CounterMetricFamily(
        "billing_portal_collection_rate_limited",
        "Requests that Confluent answered with 429, too many.",
        labels=labels,
    )
    success = GaugeMetricFamily(
        "billing_portal_collection_last_success_timestamp_seconds",
        "When a collection run succeeded last.",
        labels=("trigger",),
    )
    for (trigger, outcome), runs in sorted(totals.by_outcome.items()):
        count.add_metric((trigger, outcome), runs.count)
        duration.add_metric((trigger, outcome), count_value=runs.count, sum_value=runs.seconds)
        retries.add_metric((trigger, outcome), runs.retries)
        limited.add_metric((trigger, outcome), runs.rate_limited)
        if outcome == State.SUCCEEDED and runs.newest is not None:
            success.add_metric((trigger,), runs.newest)
    yield from (count, duration, retries, limited, success)
    yield _failures(totals)
    yield _unfinished(totals)


def bill_metrics(states: Sequence[BillState], months: Iterable[MonthCost]) -> Iterator[Metric]:
    """What was not understood of the bill, and what its last proof came to."""
    unknown: dict[tuple[str, str], set[str]] = {
        (state.org_id, kind): set() for state in states for kind in ("line_type", "product")
    }
    for month in months:
        if month.line_type not in KNOWN_LINE_TYPES:
            unknown[month.org_id, "line_type"].add(month.line_type)
        # A line without a product goes by its line type.
        if month.product not in {*KNOWN_PRODUCTS, month.line_type}:
            unknown[month.org_id, "product"].add(month.product)
    names = GaugeMetricFamily(
        "billing_portal_unknown_names",
        "Line types and products of the month so far that this version does not know.",
        labels=("org_id", "kind"),
    )
    for labels, found in sorted(unknown.items()):
        names.add_metric(labels, len(found))
    yield names
    yield _quarantined(states)
    yield from _proof()


def process_metrics() -> Iterator[Metric]:
    """beat and the workers, as far as they were seen within a day."""
    seen = GaugeMetricFamily(
        "billing_portal_process_last_seen_timestamp_seconds",
        "When beat or a worker said last that it is alive.",
        labels=("kind", "queue", "name"),
    )
    for heartbeat in ProcessHeartbeat.objects.order_by("-seen_at")[:MOST_WORKERS]:
        # Workers are named queue@host.
        queue = heartbeat.name.rpartition("@")[0]
        seen.add_metric((heartbeat.kind, queue, heartbeat.name), heartbeat.seen_at.timestamp())
    yield seen


def broker_metrics() -> Iterator[Metric]:
    """The broker between beat and workers; Redis is asked, for two seconds at most."""
    up = GaugeMetricFamily(
        "billing_portal_broker_up", "Whether Redis answers: 1 or 0; no series without REDIS_URL."
    )
    waiting = GaugeMetricFamily(
        "billing_portal_queue_messages", "Messages that wait for a worker.", labels=("queue",)
    )
    try:
        messages = waiting_messages()
        if messages:
            up.add_metric((), 1)
    except BrokerDown:
        messages = {}
        up.add_metric((), 0)
    for queue, number in messages.items():
        waiting.add_metric((queue,), number)
    yield from (up, waiting)


def _totals() -> _Totals:
    totals = _Totals()
    # A failure or a success that never happened is 0, not absent: else its first is no increase.
    for trigger in (jobs.HOURLY, jobs.DAILY):
        for outcome in (State.SUCCEEDED, State.FAILED):
            totals.by_outcome[trigger, outcome.value] = _Runs()
    totals.failures |= {kind.value: 0 for kind in CollectionRun.Failure}
    totals.unfinished |= {state.value: 0 for state in CollectionRun.UNFINISHED}
    grouped = CollectionRun.objects.order_by().values("trigger", "state", "failure")
    for row in grouped.annotate(
        count=Count("pk"),
        took=Sum(F("finished_at") - F("started_at")),
        retried=Sum("retries"),
        limited=Sum("rate_limited"),
        newest=Max("finished_at"),
    ):
        if row["state"] in CollectionRun.UNFINISHED:
            totals.unfinished[row["state"]] += row["count"]
            continue
        trigger = row["trigger"] if row["trigger"] in TRIGGERS else OTHER
        runs = totals.by_outcome[trigger, row["state"]]
        runs.count += row["count"]
        runs.seconds += row["took"].total_seconds()
        runs.retries += row["retried"]
        runs.rate_limited += row["limited"]
        runs.newest = max(runs.newest or 0.0, row["newest"].timestamp())
        if row["failure"]:
            totals.failures[row["failure"]] += row["count"]
    return totals


def _failures(totals: _Totals) -> Metric:
    metric = CounterMetricFamily(
        "billing_portal_collection_failures",
        "Failed collection runs by reason.",
        labels=("reason",),
    )
    for reason, number in sorted(totals.failures.items()):
        metric.add_metric((reason,), number)
    return metric


def _unfinished(totals: _Totals) -> Metric:
    metric = GaugeMetricFamily(
        "billing_portal_collection_unfinished_runs",
        "Collection runs that wait or go on.",
        labels=("state",),
    )
    for state, number in sorted(totals.unfinished.items()):
        metric.add_metric((state,), number)
    return metric


def _quarantined(states: Sequence[BillState]) -> Metric:
    metric = GaugeMetricFamily(
        "billing_portal_quarantined_rows",
        "Rows of the bill that could not be read and are not resolved.",
        labels=("org_id",),
    )
    rows = QuarantinedRow.objects.filter(resolved_at=None).order_by()
    counted = dict(rows.values_list("organization__org_id").annotate(Sum("occurrences")))
    for org_id in sorted({state.org_id for state in states} | counted.keys()):
        metric.add_metric((org_id,), counted.get(org_id, 0))
    return metric


def _proof() -> Iterator[Metric]:
    """No series before the first proof."""
    for name, documentation, value in _proved(ReconciliationCheck.objects.first()):
        metric = GaugeMetricFamily(f"billing_portal_reconciliation_{name}", documentation)
        if value is not None:
            metric.add_metric((), value)
        yield metric


def _proved(check: ReconciliationCheck | None) -> Iterator[tuple[str, str, float | None]]:
    yield (
        "differences",
        "Where bill and facts disagreed at the last proof of the schedule; 0 is good.",
        check.differences if check else None,
    )
    yield (
        "difference_usd",
        "By how much in USD, added up over the days, lines, facts or hours were off the bill.",
        float(check.difference_usd) if check else None,
    )
    yield (
        "timestamp_seconds",
        "When the schedule proved the stored days last.",
        check.checked_at.timestamp() if check else None,
    )
