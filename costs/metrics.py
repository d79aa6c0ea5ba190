"""The bill as Prometheus reads it. Amounts are USD, negative ones credits; days are UTC."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from costs.reports.gauges import BillState, HourCost, MonthCost

OTHER = "(other)"
"""The value of labels that are not told apart, because there are too many of them."""
_HOURLY_LABELS = (
    *("org_id", "env_id", "cluster_id", "product"),
    *("business_unit", "cost_center", "allocation_confidence"),
)
_TOTALS_LABELS = ("org_id", "product", "business_unit")
Labels = tuple[str, ...]


def hourly_metric(hours: Iterable[HourCost]) -> Metric:
    """The cost of one common hour per organization, so that sums over labels are true sums."""
    metric = GaugeMetricFamily(
        "ccloud_cost_usd_hourly",
        "Cost in USD of one common hour per organization: the last hour of the last UTC day with "
        "a bill line, of the last 30 days. The bill lags by up to 72 hours. No series: no cost.",
        labels=_HOURLY_LABELS,
    )
    for hour in hours:
        *labels, cost_usd = astuple(hour)
        metric.add_metric(labels, float(cost_usd))
    return metric


def total_metrics(months: Sequence[MonthCost], *, most: int) -> Iterator[Metric]:
    """Day and month so far by organization, product and business unit; `most` series of each."""
    day: defaultdict[Labels, Decimal] = defaultdict(Decimal)
    month: defaultdict[Labels, Decimal] = defaultdict(Decimal)
    for each in months:
        labels = (each.org_id, each.product, each.business_unit)
        day[labels] += each.day_usd
        month[labels] += each.cost_usd
    shown = set(sorted(month, key=lambda labels: -abs(month[labels]))[:most])
    yield _gauge(
        "ccloud_cost_usd_daily",
        "Cost in USD of the last UTC day with a bill line.",
        _TOTALS_LABELS,
        _with_other(day, shown),
    )
    yield _gauge(
        "ccloud_cost_usd_month_to_date",
        "Cost in USD of the month of the last UTC day with a bill line, up to that day.",
        _TOTALS_LABELS,
        _with_other(month, shown),
    )


def organization_metrics(
    states: Sequence[BillState], months: Iterable[MonthCost]
) -> Iterator[Metric]:
    """What is one number per organization."""
    credits: defaultdict[Labels, Decimal] = defaultdict(Decimal)
    usage: defaultdict[str, Decimal] = defaultdict(Decimal)
    allocated: defaultdict[str, Decimal] = defaultdict(Decimal)
    for month in months:
        credits[month.org_id,] += month.credits_usd
        usage[month.org_id] += month.usage_usd
        allocated[month.org_id] += month.allocated_usd
    yield _of_organizations(
        "ccloud_credits_usd_month_to_date",
        "Credits in USD, negative, of the month of the last UTC day with a bill line.",
        credits,
    )
    yield _of_organizations(
        "ccloud_allocated_ratio",
        "Share, 0 to 1, of that month's usage that a cost center owes.",
        {(org_id,): allocated[org_id] / whole for org_id, whole in usage.items() if whole},
    )
    yield _of_organizations(
        "ccloud_data_through_timestamp_seconds",
        "End of the last UTC day with a bill line.",
        {(s.org_id,): _end_of(s.data_through) for s in states if s.data_through},
    )
    bills = GaugeMetricFamily(
        "billing_portal_daily_bills",
        "Stored UTC days: provisional ones may be restated, incomplete ones have rows that cannot "
        "be read or an answer that is not believed yet, pending ones are owed as by rules that "
        "have changed since.",
        labels=("org_id", "state"),
    )
    for state in states:
        bills.add_metric((state.org_id, "provisional"), state.provisional_days)
        bills.add_metric((state.org_id, "incomplete"), state.doubtful_days)
        bills.add_metric((state.org_id, "pending"), state.pending_days)
    yield bills


def _with_other(amounts: Mapping[Labels, Decimal], shown: set[Labels]) -> dict[Labels, Decimal]:
    """What is not shown by itself adds up to one more series per organization."""
    kept: defaultdict[Labels, Decimal] = defaultdict(Decimal)
    for labels, amount in amounts.items():
        kept[labels if labels in shown else (labels[0], OTHER, OTHER)] += amount
    return kept


def _of_organizations(
    name: str, documentation: str, values: Mapping[Labels, Decimal | float]
) -> Metric:
    return _gauge(name, documentation, ("org_id",), values)


def _gauge(
    name: str, documentation: str, labels: Sequence[str], values: Mapping[Labels, Decimal | float]
) -> Metric:
    metric = GaugeMetricFamily(name, documentation, labels=labels)
    for key, value in sorted(values.items()):
        metric.add_metric(key, float(value))
    return metric


def _end_of(day: date) -> float:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC).timestamp()
