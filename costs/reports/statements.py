"""Chargeback: what each business unit and cost center owes of a month, and of what it is made.

A statement has three parts that add up to it exactly: direct charges (a rule decided on them, or
nobody owns them), shared costs (a policy did), and credits (charges below zero, whoever decided).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from costs.filters import CostFilter, CostType, Period
from costs.models import Method
from costs.money import percent
from costs.partitions import next_month
from costs.reports.charges import Granularity
from costs.reports.columns import as_records
from costs.reports.coverage import Coverage, coverage
from costs.reports.grouped import Totals, grouped_costs
from costs.reports.query import Compare, CostQuery
from costs.visibility import Visibility

SHARED = tuple(method.value for method in Method if method.value.startswith("shared_"))
DIRECT = tuple(method.value for method in Method if method.value not in SHARED)
OWNER = ("business_unit", "cost_center")
MOST_ROWS = 10_000
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a statement: the question that it answers, its rows and their sum; USD."""

    name: str
    query: CostQuery
    rows: Sequence[Record]
    totals: Totals


@dataclass(frozen=True, slots=True)
class Statement:
    """What one owner owes of a month, with the month before. bill: what everybody visible owes."""

    query: CostQuery
    totals: Totals
    bill: Decimal
    parts: Sequence[Part]
    by_cost_center: Part
    by_product: Part
    by_environment: Part
    by_confidence: Part
    coverage: Coverage

    @property
    def share(self) -> Decimal | None:
        """Of the bill, in percent."""
        return percent(self.totals.cost_usd, self.bill)


def of_month(month: date, **include: tuple[str, ...]) -> CostFilter:
    """The charges of a month (its first day), of what is included."""
    return CostFilter(month, next_month(month), include=include)


def owners_query(month: date) -> CostQuery:
    """Everybody's statement in one question."""
    return CostQuery(of_month(month), Granularity.TOTAL, OWNER, compare=Compare.PREVIOUS)


def statement(
    month: date, business_unit: str, cost_center: str | None, visibility: Visibility
) -> Statement | None:
    """The statement of a business unit, or of one of its cost centers; None if it owes nothing."""
    owner = {"business_unit": (business_unit,)}
    if cost_center is not None:
        owner["cost_center"] = (cost_center,)
    whole = of_month(month, **owner)
    query = CostQuery(whole, Granularity.TOTAL, compare=Compare.PREVIOUS)
    totals = grouped_costs(query, visibility, limit=1).totals
    if not totals.rows:
        return None
    bill = CostQuery(of_month(month), Granularity.TOTAL)
    usage = CostFilter(whole.start, whole.end, CostType.USAGE, owner)
    credits = CostFilter(whole.start, whole.end, CostType.CREDITS, owner)
    parts = (
        _part("Direct", _with(usage, DIRECT), ("cluster", "env", "product"), visibility),
        _part("Shared", _with(usage, SHARED), ("product", "line_type", "method"), visibility),
        _part("Credits", credits, ("product", "line_type", "method"), visibility),
    )
    return Statement(
        query=query,
        totals=totals,
        bill=grouped_costs(bill, visibility, limit=1).totals.cost_usd,
        parts=parts,
        by_cost_center=_part("By cost center", whole, ("cost_center",), visibility),
        by_product=_part("By product", whole, ("product",), visibility),
        by_environment=_part("By environment", whole, ("env",), visibility),
        by_confidence=_part("By confidence", whole, ("confidence",), visibility),
        coverage=coverage(whole, visibility),
    )


def file_query(statement: Statement) -> CostQuery:
    """The statement in one table, as a file: its finest lines, with the same sum."""
    group_by = (*OWNER, "product", "line_type", "env", "cluster", "method", "confidence")
    return CostQuery(statement.query.filter, Granularity.TOTAL, group_by, compare=Compare.PREVIOUS)


def newest_month(visibility: Visibility, today: date) -> date:
    """The last whole month, or that of the last billed day if it is an earlier one."""
    last_month, _ = Period.LAST_MONTH.days(today)
    through = coverage(of_month(last_month), visibility).data_through
    return last_month if through is None or through >= last_month else through.replace(day=1)


def _with(cost_filter: CostFilter, methods: tuple[str, ...]) -> CostFilter:
    include = {**cost_filter.include, "method": methods}
    return CostFilter(cost_filter.start, cost_filter.end, cost_filter.cost_type, include)


def _part(
    name: str, cost_filter: CostFilter, group_by: tuple[str, ...], visibility: Visibility
) -> Part:
    query = CostQuery(cost_filter, Granularity.TOTAL, group_by, compare=Compare.PREVIOUS)
    found = grouped_costs(query, visibility, limit=MOST_ROWS)
    return Part(name, query, as_records(found.table), found.totals)
