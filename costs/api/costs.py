"""Routes of costs: the report by period and dimensions, and the summary."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
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
    records,
    xlsx_answer,
)
from costs.api.permissions import READ_COSTS
from costs.api.renderers import Csv, Json, Xlsx
from costs.exports import CSV_TYPE, MOST_XLSX_ROWS, XLSX_TYPE
from costs.filters import DIMENSIONS, CostFilter
from costs.money import exact, percent
from costs.query_string import InvalidParameters, ParameterError
from costs.reports.charges import Granularity
from costs.reports.coverage import Coverage, coverage
from costs.reports.grouped import GroupedCosts, Totals, grouped_costs, streamed_costs
from costs.reports.query import LONGEST_HOURLY, MOST_TOP, Compare, CostQuery, order_choices
from costs.reports.snapshot import snapshot
from costs.reports.summary import Part, summary


class CostsView(ApiView):
    needs = READ_COSTS
    renderer_classes = [Json, BrowsableAPIRenderer, Csv, Xlsx]

    @extend_schema(
        operation_id="costs_list",
        summary="Costs by period and dimensions",
        description="Flat rows; meta.total is of all of them. Rows of a period without a cost are "
        "absent. compare=previous sets a day, week or month beside the one before it, a total "
        "beside the range before.",
        parameters=[
            *schema.days(),
            schema.cost_type(),
            schema.one(
                "granularity",
                f"Weeks begin on Monday. Hourly: at most {LONGEST_HOURLY} days, none of a "
                "month whose hours are archived.",
                allowed=list(Granularity),
                default=Granularity.DAILY,
            ),
            schema.many("group_by", "Repeated, or separated by commas.", allowed=list(DIMENSIONS)),
            schema.many(
                "order_by",
                "period, cost, change (with compare), or a name of group_by; - in front turns it "
                "round. By default: by period, then the largest cost first.",
                allowed=order_choices(),
            ),
            schema.number(
                "top",
                "Only the groups with the highest cost in the whole range; the rest is one group, "
                "Others, exactly. Needs group_by.",
                low=1,
                high=MOST_TOP,
            ),
            schema.one(
                "compare", "Also what was owed before.", allowed=list(Compare), default=Compare.NONE
            ),
            *schema.filters(),
            *schema.PAGING,
            schema.formats("json", "csv", "xlsx"),
        ],
        responses={(200, schema.JSON): answers.Costs, **files(CSV_TYPE, XLSX_TYPE)},
    )
    def get(self, request: Request) -> HttpResponseBase:
        reader = self.reader()
        query = CostQuery.read(reader)
        asked = PageAsked.read(reader)
        reader.finish()
        visibility = self.visibility()
        name = f"costs-{query.filter.start}-to-before-{query.filter.end}"
        if self.wants_csv:
            return csv_answer(name, streamed_costs(query, visibility))
        if self.wants_xlsx:
            asked = PageAsked(MOST_XLSX_ROWS, 0)
        with snapshot():
            report = grouped_costs(query, visibility, limit=asked.limit, offset=asked.offset)
            covered = coverage(query.filter, visibility)
        if self.wants_xlsx:
            return _workbook(name, query, report, covered)
        meta = {
            "total": _totals(report.totals),
            **described(covered),
            **asked.meta(report.totals.rows),
            "groups_in_others": report.totals.groups_in_others,
            "compared_with": _compared(query),
            "filter": query.as_understood(),
            "links": self.links(asked.neighbours(report.totals.rows), formats=("csv", "xlsx")),
        }
        return Response({"meta": meta, "data": records(report.table)})


class SummaryView(ApiView):
    needs = READ_COSTS

    @extend_schema(
        operation_id="costs_summary",
        summary="The bill of a range at a glance",
        parameters=[*schema.days(), *schema.filters(), schema.JSON_ONLY],
        responses=answers.Summary,
    )
    def get(self, request: Request) -> Response:
        reader = self.reader()
        cost_filter = CostFilter.read(reader, cost_types=())
        reader.finish()
        with snapshot():
            found = summary(cost_filter, self.visibility())
        data = {
            "total_usd": exact(found.net),
            "net_usd": exact(found.net),
            "usage_usd": exact(found.usage),
            "credits_usd": exact(found.credits),
            "list_usd": exact(found.list),
            "unallocated_usd": exact(found.unallocated),
            "allocated_percent": found.allocated_percent,
            "days_covered": found.coverage.days_stored,
            "records": found.records,
            "by_product": _parts(found.by_product),
            "by_environment": _parts(found.by_environment),
            "by_business_unit": _parts(found.by_business_unit),
            "top_clusters": _parts(found.top_clusters),
            "other_clusters_usd": exact(found.other_clusters),
        }
        meta = described(found.coverage) | {
            "filter": cost_filter.as_understood(),
            "links": self.links(),
        }
        return Response({"meta": meta, "data": data})


def _workbook(
    name: str, query: CostQuery, report: GroupedCosts, covered: Coverage
) -> HttpResponseBase:
    if report.totals.rows > MOST_XLSX_ROWS:
        wrong = f"A workbook takes at most {MOST_XLSX_ROWS:,} rows, not {report.totals.rows:,}."
        raise InvalidParameters([ParameterError("format", wrong, ("json", "csv"))])
    about = [
        ("Days (UTC)", f"{query.filter.start} to before {query.filter.end}"),
        ("Total (USD)", exact(report.totals.cost_usd)),
        ("Data through", str(covered.data_through or "nothing collected")),
        ("Provisional days", str(covered.days_provisional)),
        *((name.replace("_", " ").capitalize(), str(said)) for name, said in _said(query)),
    ]
    return xlsx_answer(name, report.table, about)


def _said(query: CostQuery) -> list[tuple[str, Any]]:
    return [(name, said) for name, said in query.as_understood().items() if said]


def _totals(totals: Totals) -> dict[str, Any]:
    total: dict[str, Any] = {"cost_usd": exact(totals.cost_usd)}
    if totals.previous_cost_usd is not None:
        change = totals.cost_usd - totals.previous_cost_usd
        total["previous_cost_usd"] = exact(totals.previous_cost_usd)
        total["change_usd"] = exact(change)
        total["change_percent"] = percent(change, abs(totals.previous_cost_usd))
    return total


def _compared(query: CostQuery) -> dict[str, Any] | None:
    if not query.is_compared:
        return None
    start, end = query.previous_days()
    return {"start_date": start, "end_date": end}


def _parts(parts: tuple[Part, ...]) -> list[dict[str, Any]]:
    return [
        {
            "id": part.id,
            "name": part.name,
            "net_usd": exact(part.net),
            "usage_usd": exact(part.usage),
            "credits_usd": exact(part.credits),
        }
        for part in parts
    ]
