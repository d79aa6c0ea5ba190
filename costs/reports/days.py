"""The stored days of the bill: which version, how sure, and when they changed."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from costs.filters import CostFilter
from costs.models import BillingDay
from costs.reports.columns import Column, ColumnKind, Table
from costs.visibility import Visibility

_FIELDS = {
    Column("day", ColumnKind.DAY): "day",
    Column("org_id"): "organization__org_id",
    Column("org_name"): "organization__display_name",
    Column("is_settled", ColumnKind.FLAG): "is_settled",
    Column("is_incomplete", ColumnKind.FLAG): "is_incomplete",
    Column("is_held", ColumnKind.FLAG): "is_held",
    Column("fetched_at", ColumnKind.TIME): "fetched_at",
    Column("first_collected_at", ColumnKind.TIME): "first_collected_at",
    Column("last_collected_at", ColumnKind.TIME): "last_collected_at",
}
# Of the whole day, whoever pays for it.
_WHOLE = {
    Column("version", ColumnKind.NUMBER): "version",
    Column("last_changed_at", ColumnKind.TIME): "last_changed_at",
    Column("is_pending", ColumnKind.FLAG): "is_pending",
    Column("line_count", ColumnKind.NUMBER): "line_count",
    Column("amount_usd", ColumnKind.AMOUNT): "amount",
}
EVERY = slice(None)
COLUMNS = [*_FIELDS, *_WHOLE]


def billing_days(cost_filter: CostFilter, visibility: Visibility) -> QuerySet[BillingDay]:
    """The stored days of the filter's organizations, newest first."""
    days = BillingDay.objects.filter(
        organization__in=visibility.organizations,
        day__gte=cost_filter.start,
        day__lt=cost_filter.end,
    )
    if among := cost_filter.include.get("org"):
        days = days.filter(organization__org_id__in=among)
    if others := cost_filter.exclude.get("org"):
        days = days.exclude(organization__org_id__in=others)
    return days.order_by("-day", "organization__org_id")


def day_table(days: QuerySet[BillingDay], visibility: Visibility, rows: slice = EVERY) -> Table:
    """is_held: an answer is not believed yet; is_pending: who pays has changed since.

    A limited user is told when a day was collected, not what its bill came to or when it changed.
    """
    described = days.annotate(
        is_held=Q(held_since__isnull=False),
        is_pending=Exists(BillingDay.objects.pending().filter(pk=OuterRef("pk"))),
    )
    found = described.values_list(*(F(name) for name in (*_FIELDS.values(), *_WHOLE.values())))
    hidden = len(_WHOLE) if visibility.is_limited else 0
    return Table(
        COLUMNS,
        (row[: len(row) - hidden] + (None,) * hidden for row in found[rows].iterator()),
    )
