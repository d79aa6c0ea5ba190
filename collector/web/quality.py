"""Data quality: which days are collected and how sure, the proof, what nobody owns or knows."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django.db.models import Min, QuerySet
from django.urls import reverse

from collector.models import QuarantinedRow
from collector.web.notices import unknown_names
from costs.api.bill import LONGEST_PROOF, PROVE, READ_DAYS
from costs.api.permissions import READ_COSTS
from costs.filters import CostFilter, Period
from costs.models import UNALLOCATED, BillingDay, Confidence, ReconciliationCheck
from costs.money import percent
from costs.partitions import ONE_DAY, next_month
from costs.query_string import Reader
from costs.reconciliation import Reconciliation, reconcile
from costs.reports.charges import Granularity
from costs.reports.columns import as_records
from costs.reports.coverage import coverage
from costs.reports.days import billing_days, day_table
from costs.reports.grouped import grouped_costs
from costs.reports.overview import DAYS, last_days
from costs.reports.query import CostQuery
from costs.reports.restatements import restatements
from costs.visibility import Visibility
from costs.web import addresses
from costs.web.names import Name, name_of
from costs.web.page import Page, may_see
from dimensions.models import Cluster

MOST_MONTHS, USUAL_MONTHS = 13, 3
MOST_UNALLOCATED, MOST_ROWS, MOST_QUARANTINED = 15, 10_000, 50
_WORDS = {
    "settled": "settled",
    "provisional": "provisional",
    "partial": "not collected for every organization",
    "wrong": "incomplete or held",
    "missing": "not collected",
    "ahead": "not over",
}


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A UTC day and the least sure state that any organization has for it."""

    day: date
    state: str
    is_restated: bool

    @property
    def words(self) -> str:
        restated = ", restated" if self.is_restated else ""
        return f"{self.day:%-d %B}: {_WORDS[self.state]}{restated}"


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    """weeks: rows of seven days, Monday first; None outside of the month."""

    first: date
    weeks: list[list[CalendarDay | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Unallocated:
    """A resource that nobody pays for; USD of the range. key: of its page in the admin."""

    resource: Name
    environment: Name
    cost: Decimal
    url: str
    key: int | None


@dataclass(frozen=True, slots=True)
class Confidences:
    """How sure the owners of an environment's charges are; USD, in the order of Confidence."""

    environment: Name
    url: str
    costs: list[Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.costs, Decimal(0))

    @property
    def high(self) -> Decimal | None:
        return percent(self.costs[0], self.total)


class Quality(Page):
    needs = READ_DAYS
    template_name = "collector/quality.html"
    section = "quality"

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        today = datetime.now(UTC).date()
        months = reader.number("months", USUAL_MONTHS, low=1, high=MOST_MONTHS)
        since = reader.day("since")
        reader.finish()
        start = _months_back(today, months - 1)
        calendar = CostFilter(start, today + ONE_DAY)
        covered = coverage(calendar, visibility)
        recent = last_days(covered.data_through or today, DAYS)
        may_see_costs = may_see(self.request.user, READ_COSTS.read)
        shown = {
            "coverage": covered,
            "start": start,
            "months": _calendar(start, today, _states(calendar, visibility)),
            "more": min(months + USUAL_MONTHS, MOST_MONTHS) if months < MOST_MONTHS else None,
            "recent_last": recent.end - ONE_DAY,
            "recent_first": recent.start,
            "may_see_costs": may_see_costs,
            "confidences": _confidences(recent, visibility) if may_see_costs else [],
            "confidence_names": Confidence.labels,
        }
        if visibility.is_limited:
            return shown
        return shown | self._of_everybody(recent, start, since, today, visibility)

    def _of_everybody(
        self,
        recent: CostFilter,
        start: date,
        since: date | None,
        today: date,
        visibility: Visibility,
    ) -> dict[str, Any]:
        """What is of the whole bill, whoever pays."""
        user = self.request.user
        may_see_costs = may_see(user, READ_COSTS.read)
        rows = list(_quarantined()[:MOST_QUARANTINED])
        may_see_rows = may_see(user, "collector.view_quarantinedrow")
        restated = (
            restatements(visibility, since=datetime.combine(since, time(), UTC))
            if since
            else restatements(visibility, first=start)
        )
        return {
            "check": ReconciliationCheck.objects.first(),
            "proof_days": LONGEST_PROOF,
            "proof_start": _months_back(today, 1),
            "proof_end": today.replace(day=1),
            "pending": BillingDay.objects.pending().count(),
            "since": since,
            "restated": restated,
            "restated_total": sum((each.change for each in restated), Decimal(0)),
            "unallocated": _unallocated(recent, visibility) if may_see_costs else None,
            "may_assign": user.is_staff and user.has_perm("costs.add_allocationrule"),
            "quarantined": rows if may_see_rows else [],
            "may_see_rows": may_see_rows,
            "unknown": [
                (kind.replace("_", " "), name, cost, _unknown_url(kind, name))
                for kind, name, cost in (unknown_names(recent, visibility) if may_see_costs else [])
            ],
            "strangers": Cluster.objects.filter(kind="unknown").count(),
        }


class Proof(Page):
    """The proof of some days, made now: every hour of them is added up."""

    needs = PROVE
    template_name = "collector/proof.html"
    section = "quality"

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        asked = CostFilter.read(reader, dimensions=(), cost_types=(), default=Period.LAST_7_DAYS)
        if (asked.end - asked.start).days > LONGEST_PROOF:
            reader.refuse("end_date", f"At most {LONGEST_PROOF} days are proven at once.")
        reader.finish()
        proof: Reconciliation = reconcile(asked.start, asked.end)
        return {"proof": proof, "filter": asked, "last_day": asked.end - ONE_DAY}


def _months_back(day: date, months: int) -> date:
    """The first of the month so many months before the day's."""
    first = day.replace(day=1)
    for _ in range(months):
        first = (first - ONE_DAY).replace(day=1)
    return first


def _states(days: CostFilter, visibility: Visibility) -> dict[date, tuple[str, bool]]:
    """State of each stored day, the least sure of its organizations'; and whether restated.

    Of an organization whose days had begun by then a day that is not stored counts as well.
    """
    found: dict[date, tuple[str, bool]] = {}
    order = ("settled", "provisional", "partial", "wrong")
    stored: Counter[date] = Counter()
    for row in as_records(day_table(billing_days(days, visibility), visibility)):
        state = "settled" if row["is_settled"] else "provisional"
        if row["is_incomplete"] or row["is_held"]:
            state = "wrong"
        known, was_restated = found.get(row["day"], ("settled", False))
        worst = max(known, state, key=order.index)
        found[row["day"]] = (worst, was_restated or (row["version"] or 0) > 1)
        stored[row["day"]] += 1
    begun = _first_days(visibility)
    for day, (state, is_restated) in found.items():
        if stored[day] < sum(first <= day for first in begun):
            found[day] = (max(state, "partial", key=order.index), is_restated)
    return found


def _first_days(visibility: Visibility) -> list[date]:
    """The first stored day of each organization."""
    stored = BillingDay.objects.filter(organization__in=visibility.organizations)
    by_organization = stored.order_by().values("organization").annotate(first=Min("day"))
    return list(by_organization.values_list("first", flat=True))


def _calendar(
    start: date, today: date, states: dict[date, tuple[str, bool]]
) -> list[CalendarMonth]:
    """Month by month, the newest first."""
    months = []
    first = start
    while first <= today:
        months.append(CalendarMonth(first, list(_weeks(first, today, states))))
        first = next_month(first)
    return months[::-1]


def _weeks(
    first: date, today: date, states: dict[date, tuple[str, bool]]
) -> Iterable[list[CalendarDay | None]]:
    week: list[CalendarDay | None] = [None] * first.weekday()
    day, end = first, next_month(first)
    while day < end:
        state, is_restated = states.get(day, ("ahead" if day > today else "missing", False))
        week.append(CalendarDay(day, state, is_restated))
        if len(week) == 7:
            yield week
            week = []
        day += ONE_DAY
    if week:
        yield week + [None] * (7 - len(week))


def _unallocated(recent: CostFilter, visibility: Visibility) -> dict[str, Any]:
    """What nobody owes, the largest first, with what there is to assign."""
    nobodys = CostFilter(recent.start, recent.end, include={"cost_center": (UNALLOCATED,)})
    query = CostQuery(nobodys, Granularity.TOTAL, ("org", "cluster", "env"))
    found = grouped_costs(query, visibility, limit=MOST_UNALLOCATED)
    records = as_records(found.table)
    keys = {
        (org_id, cluster_id): key
        for key, org_id, cluster_id in Cluster.objects.filter(
            cluster_id__in=[row["cluster_id"] for row in records if row["cluster_id"]]
        ).values_list("pk", "organization__org_id", "cluster_id")
    }
    return {
        "rows": [
            Unallocated(
                resource=name_of("cluster", row["cluster_id"], row["cluster_name"]),
                environment=name_of("env", row["env_id"], row["env_name"]),
                cost=row["cost_usd"],
                url=addresses.page_of({"org": row["org_id"], "cluster": row["cluster_id"]}, recent)
                or addresses.narrowed(query, {"org": row["org_id"], "cluster": None}),
                key=keys.get((row["org_id"], row["cluster_id"])),
            )
            for row in records
        ],
        "total": found.totals.cost_usd,
        "more": found.totals.rows - len(records),
        "explore": addresses.explore(CostQuery(nobodys, Granularity.TOTAL, ("cluster",), top=200)),
    }


def _confidences(recent: CostFilter, visibility: Visibility) -> list[Confidences]:
    query = CostQuery(recent, Granularity.TOTAL, ("env", "confidence"))
    costs: dict[tuple[str | None, str | None], dict[str, Decimal]] = defaultdict(dict)
    for row in as_records(grouped_costs(query, visibility, limit=MOST_ROWS).table):
        of_env = costs[row["env_id"], row["env_name"]]
        of_env[row["allocation_confidence"]] = row["cost_usd"]
    return [
        Confidences(
            environment=name_of("env", *env),
            url=addresses.of_group({"env": env[0]}, recent),
            costs=[of_env.get(level, Decimal(0)) for level in Confidence.values],
        )
        for env, of_env in costs.items()
    ]


def _quarantined() -> QuerySet[QuarantinedRow]:
    return QuarantinedRow.objects.filter(resolved_at=None).select_related("organization")


def _unknown_url(dimension: str, name: str) -> str:
    return addresses.with_query(reverse("explore"), [(dimension, name), ("group_by", "cluster")])
