"""Routes of what costs are made of: hours, bill lines, stored days, and the proof."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.renderers import BrowsableAPIRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from costs.api import answers, schema
from costs.api.base import (
    ApiView,
    PageAsked,
    csv_answer,
    described,
    files,
    read_cursor,
    records,
)
from costs.api.permissions import READ_COSTS, Needs
from costs.api.renderers import Csv, Json
from costs.exports import CSV_TYPE
from costs.filters import CostFilter, Period
from costs.money import exact
from costs.reconciliation import reconcile
from costs.reports import days, hourly, line_items
from costs.reports.columns import Column, ColumnKind, Table
from costs.reports.coverage import Coverage, coverage
from costs.reports.pages import Page
from costs.reports.snapshot import snapshot

LONGEST_PROOF = 31  # days: every hour of them is added up
MOST_VERSIONS = 1_000_000
OF_DAYS = ("org",)
READ_LINES = Needs(read="costs.view_costlineitem")
READ_DAYS = Needs(read="costs.view_billingday")
PROVE = Needs(read="costs.view_billingday", whole=True)


class PagedByCursor(ApiView):
    """Rows by their moment; a page says where the next one begins."""

    renderer_classes = [Json, BrowsableAPIRenderer, Csv]

    def paged(
        self,
        page: Page,
        limit: int,
        columns: Sequence[Column],
        cost_filter: CostFilter,
        covered: Coverage,
    ) -> Response:
        cursor = str(page.next) if page.next else None
        meta = described(covered) | {
            "limit": limit,
            "next_cursor": cursor,
            "filter": cost_filter.as_understood(),
            "links": self.links({"next": cursor}, by="cursor", formats=("csv",)),
        }
        return Response({"meta": meta, "data": records(Table(columns, page.rows))})


class FactsView(PagedByCursor):
    needs = READ_COSTS

    @extend_schema(
        operation_id="costs_facts",
        summary="Hourly costs with their labels, row by row",
        description="By the hour, page after page by meta.next_cursor. CSV gives all rows in one "
        "stream, of one moment of the database. Days whose hours are archived are refused.",
        parameters=[
            *schema.days(Period.LAST_7_DAYS),
            schema.cost_type(hourly.COST_TYPES),
            *schema.filters(),
            *schema.CURSOR,
            schema.formats("json", "csv"),
        ],
        responses={(200, schema.JSON): answers.Facts, **files(CSV_TYPE)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        reader = self.reader()
        cost_filter = CostFilter.read(
            reader, cost_types=hourly.COST_TYPES, default=Period.LAST_7_DAYS
        )
        hourly.refuse_archived_hours(reader, cost_filter)
        after, limit = read_cursor(reader)
        reader.finish()
        visibility = self.visibility()
        if self.wants_csv:
            name = f"hourly-costs-{cost_filter.start}-to-before-{cost_filter.end}"
            return csv_answer(name, hourly.streamed_hourly_facts(cost_filter, visibility))
        with snapshot():
            page = hourly.hourly_facts(cost_filter, visibility, after=after, limit=limit)
            covered = coverage(cost_filter, visibility)
        return self.paged(page, limit, hourly.COLUMNS, cost_filter, covered)


class LineItemsView(PagedByCursor):
    needs = READ_LINES

    @extend_schema(
        operation_id="costs_line_items",
        summary="The bill as received, line by line",
        description="By the day, page after page by meta.next_cursor. Equal lines are separate "
        "charges.",
        parameters=[
            *schema.days(Period.LAST_7_DAYS),
            schema.number(
                "version",
                "The bill of each day as it was in this version; without it, the current one.",
                low=1,
                high=MOST_VERSIONS,
            ),
            *schema.filters(line_items.DIMENSIONS),
            *schema.CURSOR,
            schema.formats("json", "csv"),
        ],
        responses={(200, schema.JSON): answers.LineItems, **files(CSV_TYPE)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        reader = self.reader()
        cost_filter = CostFilter.read(
            reader, dimensions=line_items.DIMENSIONS, cost_types=(), default=Period.LAST_7_DAYS
        )
        version = reader.optional_number("version", low=1, high=MOST_VERSIONS)
        after, limit = read_cursor(reader, of_days=True)
        reader.finish()
        visibility = self.visibility()
        if version is not None and visibility.is_limited:
            raise PermissionDenied(
                "Nobody owes a line of an earlier version; your login is limited to shares."
            )
        if self.wants_csv:
            name = f"line-items-{cost_filter.start}-to-before-{cost_filter.end}"
            table = line_items.streamed_line_items(cost_filter, visibility, version=version)
            return csv_answer(name, table)
        with snapshot():
            page = line_items.line_items(
                cost_filter, visibility, version=version, after=after, limit=limit
            )
            covered = coverage(cost_filter, visibility)
        return self.paged(_with_documents(page), limit, line_items.COLUMNS, cost_filter, covered)


class DaysView(ApiView):
    needs = READ_DAYS
    renderer_classes = [Json, BrowsableAPIRenderer, Csv]

    @extend_schema(
        operation_id="costs_days",
        summary="The stored days of the bill: version, state, when they changed",
        parameters=[
            *schema.days(),
            *schema.filters(OF_DAYS),
            *schema.PAGING,
            schema.formats("json", "csv"),
        ],
        responses={(200, schema.JSON): answers.BillingDays, **files(CSV_TYPE)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        reader = self.reader()
        cost_filter = CostFilter.read(reader, dimensions=OF_DAYS, cost_types=())
        asked = PageAsked.read(reader)
        reader.finish()
        visibility = self.visibility()
        found = days.billing_days(cost_filter, visibility)
        if self.wants_csv:
            name = f"days-{cost_filter.start}-to-before-{cost_filter.end}"
            return csv_answer(name, nullcontext(days.day_table(found, visibility)))
        with snapshot():
            count = found.count()
            rows = slice(asked.offset, asked.offset + asked.limit)
            data = records(days.day_table(found, visibility, rows))
            meta = described(coverage(cost_filter, visibility)) | {
                **asked.meta(count),
                "filter": cost_filter.as_understood(),
                "links": self.links(asked.neighbours(count), formats=("csv",)),
            }
        return Response({"meta": meta, "data": data})


class ReconciliationView(ApiView):
    needs = PROVE

    @extend_schema(
        operation_id="costs_reconciliation",
        summary="The proof that bill, lines, daily facts and hourly costs agree",
        description=f"At most {LONGEST_PROOF} days: every hour of them is added up.",
        parameters=[*schema.days(Period.LAST_7_DAYS), schema.JSON_ONLY],
        responses=answers.Reconciliation,
    )
    def get(self, request: Request) -> Response:
        reader = self.reader()
        cost_filter = CostFilter.read(
            reader, dimensions=(), cost_types=(), default=Period.LAST_7_DAYS
        )
        if (cost_filter.end - cost_filter.start).days > LONGEST_PROOF:
            reader.refuse("end_date", f"At most {LONGEST_PROOF} days are proven at once.")
        reader.finish()
        with snapshot():
            proof = reconcile(cost_filter.start, cost_filter.end)
            covered = coverage(cost_filter, self.visibility())
        data = {
            "is_proven": not proof.differences,
            "days": proof.days,
            "missing_days": proof.missing_days,
            "doubtful_days": proof.doubtful_days,
            "pending_days": proof.pending_days,
            "archived_days": proof.archived_days,
            "lines": proof.lines,
            "amount_usd": exact(proof.amount),
            "rounding_usd": proof.rounding,
            "differences": [asdict(difference) for difference in proof.differences],
        }
        meta = described(covered) | {
            "filter": cost_filter.as_understood(),
            "links": self.links(),
        }
        return Response({"meta": meta, "data": data})


def _with_documents(page: Page) -> Page:
    """JSON columns as documents, which the database gave as text."""
    at = [n for n, column in enumerate(line_items.COLUMNS) if column.kind is ColumnKind.JSON]
    rows: list[tuple[Any, ...]] = []
    for row in page.rows:
        changed = list(row)
        for n in at:
            changed[n] = row[n] and json.loads(row[n])
        rows.append(tuple(changed))
    return Page(rows, page.next)
