"""Chargeback: all statements of a month, and each of them."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from costs import visible_dimensions
from costs.api.permissions import READ_COSTS
from costs.filters import CostType
from costs.models import UNALLOCATED, BillingDay
from costs.money import percent
from costs.partitions import ONE_DAY, next_month
from costs.query_string import FIRST_DAY, LAST_DAY, Reader
from costs.reports.columns import as_records
from costs.reports.coverage import Coverage, coverage
from costs.reports.grouped import grouped_costs
from costs.reports.query import Compare
from costs.reports.statements import (
    MOST_ROWS,
    SHARED,
    Part,
    file_query,
    newest_month,
    of_month,
    owners_query,
    statement,
)
from costs.visibility import Visibility, visible_to
from costs.web import addresses
from costs.web.names import TITLES, Name, name_of
from costs.web.page import Guarded, Page
from costs.web.tables import GroupRow, group_rows


@dataclass(frozen=True, slots=True)
class Owner:
    """A cost center's line on the list of statements; USD."""

    unit: str
    center: str
    unit_name: Name
    center_name: Name
    url: str
    row: GroupRow
    shared: Decimal
    credits: Decimal

    @property
    def direct(self) -> Decimal:
        return self.row.cost - self.shared - self.credits

    @property
    def is_nobody(self) -> bool:
        return self.center == UNALLOCATED


@dataclass(frozen=True, slots=True)
class Unit:
    """A business unit with its cost centers; USD."""

    code: str
    name: Name
    url: str
    owners: list[Owner]
    cost: Decimal
    previous: Decimal
    share: Decimal | None

    @property
    def direct(self) -> Decimal:
        return sum((owner.direct for owner in self.owners), Decimal(0))

    @property
    def shared(self) -> Decimal:
        return sum((owner.shared for owner in self.owners), Decimal(0))

    @property
    def credits(self) -> Decimal:
        return sum((owner.credits for owner in self.owners), Decimal(0))

    @property
    def change(self) -> Decimal:
        return self.cost - self.previous

    @property
    def change_percent(self) -> Decimal | None:
        return percent(self.change, abs(self.previous))


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part of a statement, with what its rows are called."""

    part: Part
    titles: list[str]
    rows: list[GroupRow]
    explore: str


class NewestStatements(Guarded):
    """Leads to the statements of the last month that there is."""

    needs = READ_COSTS
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        today = datetime.now(UTC).date()
        month = newest_month(visible_to(request.user), today)
        return redirect("chargeback-month", month=month)


class OfMonth(Page):
    """A page of a month of the bill."""

    needs = READ_COSTS
    section = "chargeback"

    def month(
        self, named: dict[str, Any], covered: Coverage, visibility: Visibility
    ) -> dict[str, Any]:
        """What is said of the month itself.

        is_over: its days may be compared with all days of the month before.
        """
        month: date = named["month"]
        today = datetime.now(UTC).date()
        earlier = coverage(of_month((month - ONE_DAY).replace(day=1)), visibility)
        return {
            "is_over": next_month(month) <= today,
            "earlier_missing": earlier.days_missing,
            "month": month,
            "last_day": next_month(month) - ONE_DAY,
            "coverage": covered,
            "is_final": covered.is_final,
        }


class Statements(OfMonth):
    template_name = "costs/statements.html"

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        reader.finish()
        month, today = _checked(named["month"]), datetime.now(UTC).date()
        query = owners_query(month)
        found = grouped_costs(query, visibility, limit=MOST_ROWS)
        records = as_records(found.table)
        shared = _by_owner(month, visibility, CostType.USAGE, SHARED)
        credits = _by_owner(month, visibility, CostType.CREDITS, ())
        rows = group_rows(
            records, query, found.totals.cost_usd, link=lambda ids: addresses.narrowed(query, ids)
        )
        owners = [
            _owner(month, record, row, shared, credits)
            for record, row in zip(records, rows, strict=True)
        ]
        pending = 0 if visibility.is_limited else BillingDay.objects.pending().count()
        covered = coverage(query.filter, visibility)
        return self.month(named, covered, visibility) | {
            "units": _units(month, owners, found.totals.cost_usd),
            "totals": found.totals,
            "change": found.totals.change,
            "direct": sum((owner.direct for owner in owners), Decimal(0)),
            "shared": sum(shared.values(), Decimal(0)),
            "credits": sum(credits.values(), Decimal(0)),
            "files": addresses.exports(query),
            "explore": addresses.explore(query),
            "pending": pending,
            "earlier": (month - ONE_DAY).replace(day=1),
            "later": None if next_month(month) > today else next_month(month),
        }


class StatementPage(OfMonth):
    template_name = "costs/statement.html"

    def context(self, reader: Reader, visibility: Visibility, **named: Any) -> dict[str, Any]:
        unit = reader.text("business_unit")
        center = reader.text("cost_center") or None
        if not unit:
            reader.refuse("business_unit", "Whose statement? Give the code of a business unit.")
        reader.finish()
        month = _checked(named["month"])
        found = statement(month, unit, center, visibility)
        if found is None:
            raise Http404
        return self.month(named, found.coverage, visibility) | {
            "statement": found,
            "unit": unit,
            "center": center,
            "names": _owner_names(month, unit, center, visibility),
            "parts": [_shown(part) for part in found.parts],
            "breakdowns": [
                _shown(part)
                for part in (
                    *([found.by_cost_center] if center is None else []),
                    found.by_product,
                    found.by_environment,
                    found.by_confidence,
                )
            ],
            "files": addresses.exports(file_query(found)),
            "made_at": datetime.now(UTC),
            "organizations": list(
                visible_dimensions.organizations(visibility).values_list("display_name", flat=True)
            ),
            "is_nobody": UNALLOCATED in (unit, center),
        }


def _checked(month: date) -> date:
    """Raises Http404 for a month in which nobody was billed or that arithmetic cannot reach."""
    if not FIRST_DAY <= month < LAST_DAY.replace(day=1):
        raise Http404
    return month


def _by_owner(
    month: date, visibility: Visibility, cost_type: CostType, methods: tuple[str, ...]
) -> dict[tuple[str, str], Decimal]:
    """USD by business unit and cost center, of one kind of charge."""
    whole = owners_query(month)
    include = {"method": methods} if methods else {}
    cost_filter = replace(of_month(month), cost_type=cost_type, include=include)
    query = replace(whole, filter=cost_filter, compare=Compare.NONE)
    found = grouped_costs(query, visibility, limit=MOST_ROWS)
    return {
        (row["business_unit"], row["cost_center"]): row["cost_usd"]
        for row in as_records(found.table)
    }


def _owner(
    month: date,
    record: dict[str, Any],
    row: GroupRow,
    shared: dict[tuple[str, str], Decimal],
    credits: dict[tuple[str, str], Decimal],
) -> Owner:
    unit, center = record["business_unit"], record["cost_center"]
    return Owner(
        unit=unit,
        center=center,
        unit_name=name_of("business_unit", unit, record["business_unit_name"]),
        center_name=name_of("cost_center", center, record["cost_center_name"]),
        url=addresses.statement(month, unit, center),
        row=row,
        shared=shared.get((unit, center), Decimal(0)),
        credits=credits.get((unit, center), Decimal(0)),
    )


def _units(month: date, owners: list[Owner], whole: Decimal) -> list[Unit]:
    """The business units, the one that owes most first; nobody's last, whatever it comes to."""
    by_unit: dict[str, list[Owner]] = {}
    for owner in owners:
        by_unit.setdefault(owner.unit, []).append(owner)
    units = [
        Unit(
            code=code,
            name=its[0].unit_name,
            url=addresses.statement(month, code),
            owners=its,
            cost=(cost := sum((owner.row.cost for owner in its), Decimal(0))),
            previous=sum((owner.row.previous or Decimal(0) for owner in its), Decimal(0)),
            share=percent(cost, whole),
        )
        for code, its in by_unit.items()
    ]
    return sorted(units, key=lambda unit: (unit.code == UNALLOCATED, -unit.cost))


def _owner_names(
    month: date, unit: str, center: str | None, visibility: Visibility
) -> tuple[Name, Name | None]:
    include = {"business_unit": (unit,)} | ({"cost_center": (center,)} if center else {})
    query = replace(owners_query(month), filter=of_month(month, **include))
    record = as_records(grouped_costs(query, visibility, limit=1).table)[0]
    return (
        name_of("business_unit", unit, record["business_unit_name"]),
        name_of("cost_center", center, record["cost_center_name"]) if center else None,
    )


def _shown(part: Part) -> ShownPart:
    return ShownPart(
        part=part,
        titles=[TITLES[name] for name in part.query.group_by],
        rows=[
            row
            for row in group_rows(
                part.rows,
                part.query,
                part.totals.cost_usd,
                link=lambda ids: addresses.narrowed(part.query, ids),
            )
            if row.cost or row.previous
        ],
        explore=addresses.explore(part.query),
    )
