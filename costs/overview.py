"""The bill at a glance: what the last days came to and how sure that is."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Q, Sum

from costs.models import BillingDay, DailyCostFact
from costs.money import in_cents_together

PERIOD_DAYS = 30
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Overview:
    """USD of the UTC days first..data_through, both included."""

    first: date
    data_through: date
    net: Decimal
    usage: Decimal
    credits: Decimal
    days_stored: int
    days_provisional: int
    days_incomplete: int
    organizations: list[str]

    @property
    def shown(self) -> dict[str, Decimal]:
        """Usage and credits in cents that add up to the net cost in cents."""
        usage, credits = in_cents_together(self.usage, self.credits)
        return {"usage": usage, "credits": credits}

    @property
    def days_in_period(self) -> int:
        return (self.data_through - self.first).days + 1

    @property
    def days_missing(self) -> int:
        return self.days_in_period - self.days_stored


def recent_overview(days: int = PERIOD_DAYS) -> Overview | None:
    """The last `days` days up to the last day with a bill line; None before anything is stored."""
    data_through = BillingDay.objects.filter(line_count__gt=0).aggregate(last=Max("day"))["last"]
    if data_through is None:
        return None
    first = data_through - timedelta(days=days - 1)
    charges = DailyCostFact.objects.filter(charge_date__range=(first, data_through)).aggregate(
        net=Sum("cost_usd", default=ZERO),
        usage=Sum("cost_usd", filter=Q(cost_usd__gt=0), default=ZERO),
        credits=Sum("cost_usd", filter=Q(cost_usd__lt=0), default=ZERO),
    )
    stored = BillingDay.objects.filter(day__range=(first, data_through))
    counts = stored.aggregate(
        days_stored=Count("day", distinct=True),
        days_provisional=Count("day", filter=Q(is_settled=False), distinct=True),
        days_incomplete=Count("day", filter=Q(is_incomplete=True), distinct=True),
    )
    names = stored.order_by("organization__display_name").values_list(
        "organization__display_name", flat=True
    )
    return Overview(
        first=first,
        data_through=data_through,
        organizations=list(names.distinct()),
        **charges,
        **counts,
    )
