"""The bill at a glance: what the last days came to and how sure that is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from costs.filters import CostFilter
from costs.money import in_cents_together
from costs.partitions import ONE_DAY
from costs.reports.coverage import Coverage, coverage
from costs.reports.snapshot import snapshot
from costs.reports.summary import summary
from costs.visibility import Visibility
from dimensions.models import Organization

PERIOD_DAYS = 30


@dataclass(frozen=True, slots=True)
class Overview:
    """USD of the UTC days first..data_through, both included."""

    first: date
    data_through: date
    net: Decimal
    usage: Decimal
    credits: Decimal
    coverage: Coverage
    organizations: list[str]

    @property
    def shown(self) -> dict[str, Decimal]:
        """Usage and credits in cents that add up to the net cost in cents."""
        usage, credits = in_cents_together(self.usage, self.credits)
        return {"usage": usage, "credits": credits}


def recent_overview(visibility: Visibility, days: int = PERIOD_DAYS) -> Overview | None:
    """The last `days` days up to the last day with a bill line; None before anything is stored."""
    with snapshot():
        today = datetime.now(UTC).date()
        data_through = coverage(CostFilter(today, today + ONE_DAY), visibility).data_through
        if data_through is None:
            return None
        first = data_through - timedelta(days=days - 1)
        found = summary(CostFilter(first, data_through + ONE_DAY), visibility)
        names = Organization.objects.filter(
            pk__in=visibility.organizations, billing_days__day__range=(first, data_through)
        )
        return Overview(
            first=first,
            data_through=data_through,
            net=found.net,
            usage=found.usage,
            credits=found.credits,
            coverage=found.coverage,
            organizations=list(
                names.order_by("display_name").values_list("display_name", flat=True).distinct()
            ),
        )
