"""What the API's views have in common: who may ask, and how an answer is put together."""

from collections.abc import Generator, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from costs.api.permissions import Needs
from costs.api.renderers import Csv, Json, Xlsx
from costs.exports import CSV_TYPE, XLSX_TYPE, Begun, csv_chunks, xlsx
from costs.money import exact
from costs.query_string import Reader
from costs.reports.columns import ColumnKind, Table, as_records
from costs.reports.coverage import Coverage
from costs.reports.pages import Cursor
from costs.reports.snapshot import snapshot
from costs.visibility import Visibility, visible_to

FEWEST, DEFAULT_LIMIT, MOST = 1, 100, 10_000
FURTHEST = 100_000_000
FORMAT = "format"


class ApiView(APIView):
    """`needs` says who may ask. A file that cannot be had is answered in JSON."""

    needs: Needs

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(response, Response) and response.status_code >= 400:
            renderer = getattr(request, "accepted_renderer", None)
            if isinstance(renderer, (Csv, Xlsx)):
                request.accepted_renderer = Json()
                request.accepted_media_type = Json.media_type
        return super().finalize_response(request, response, *args, **kwargs)

    def reader(self) -> Reader:
        """The query string; `format` chooses how the answer is written, here as everywhere."""
        reader = Reader(self.request.query_params)
        reader.text(FORMAT)
        return reader

    def visibility(self) -> Visibility:
        return visible_to(self.request.user)

    @property
    def wants_csv(self) -> bool:
        return isinstance(self.request.accepted_renderer, Csv)

    @property
    def wants_xlsx(self) -> bool:
        return isinstance(self.request.accepted_renderer, Xlsx)

    def link(self, query: Iterable[tuple[str, str]]) -> str:
        """This address with another query string."""
        written = urlencode(list(query))
        return self.request.build_absolute_uri(
            self.request.path + (f"?{written}" if written else "")
        )

    def links(
        self,
        pages: Mapping[str, int | str | None] | None = None,
        *,
        by: str = "offset",
        formats: Iterable[str] = (),
    ) -> dict[str, str | None]:
        """self, the pages by name (None: there is none), and the whole answer in other formats.

        by: the parameter that says where a page begins.
        """
        asked = [
            (name, value)
            for name, values in self.request.query_params.lists()
            for value in values
            if name != FORMAT
        ]
        links: dict[str, str | None] = {"self": self.link(asked)}
        for name, begins in (pages or {}).items():
            kept = [pair for pair in asked if pair[0] != by]
            links[name] = None if begins is None else self.link([*kept, (by, str(begins))])
        paging = ("limit", "offset", "cursor")
        whole = [pair for pair in asked if pair[0] not in paging]
        for name in formats:
            links[name] = self.link([*whole, (FORMAT, name)])
        return links


@dataclass(frozen=True, slots=True)
class PageAsked:
    """Rows [offset, offset + limit)."""

    limit: int
    offset: int

    @classmethod
    def read(cls, reader: Reader) -> "PageAsked":
        limit = reader.number("limit", DEFAULT_LIMIT, low=FEWEST, high=MOST)
        return cls(limit, reader.number("offset", 0, low=0, high=FURTHEST))

    def meta(self, count: int) -> dict[str, int]:
        return {"count": count, "limit": self.limit, "offset": self.offset}

    def neighbours(self, count: int) -> dict[str, int | None]:
        """Where the next and the previous page begin."""
        after, before = self.offset + self.limit, max(self.offset - self.limit, 0)
        return {
            "next": after if after < count else None,
            "previous": before if self.offset else None,
        }


def read_cursor(reader: Reader, *, of_days: bool = False) -> tuple[Cursor | None, int]:
    """Where the page begins, and how many rows it may have; of_days: rows that have no hour."""
    limit = reader.number("limit", DEFAULT_LIMIT, low=FEWEST, high=MOST)
    text = reader.text("cursor")
    try:
        cursor = Cursor.parse(text) if text else None
        if cursor and of_days and cursor.moment.hour:
            raise ValueError(text)
        return cursor, limit
    except ValueError:
        reader.refuse("cursor", "Take it from meta.next_cursor of the page before.")
        return None, limit


def described(covered: Coverage) -> dict[str, Any]:
    """What every answer about costs says of itself."""
    return {
        "currency": "USD",
        "data_through": covered.data_through,
        "days": {
            "in_range": covered.days_in_range,
            "stored": covered.days_stored,
            "missing": covered.days_missing,
            "provisional": covered.days_provisional,
            "incomplete": covered.days_incomplete,
            "first_provisional": covered.first_provisional,
        },
    }


def files(*media_types: str) -> dict[tuple[int, str], Any]:
    """How OpenAPI describes the files that a route offers beside JSON."""
    kinds = {CSV_TYPE: OpenApiTypes.STR, XLSX_TYPE: OpenApiTypes.BINARY}
    return {(200, media_type): kinds[media_type] for media_type in media_types}


def records(table: Table) -> list[dict[str, Any]]:
    """The rows as JSON shows them: amounts with all their places."""
    amounts = [column.name for column in table.columns if column.kind is ColumnKind.AMOUNT]
    found = as_records(table)
    for record in found:
        for name in amounts:
            if record[name] is not None:
                record[name] = exact(record[name])
    return found


def csv_answer(name: str, table: AbstractContextManager[Table]) -> StreamingHttpResponse:
    """The table as a CSV file, streamed out of one snapshot of the database."""
    response = StreamingHttpResponse(Begun(_csv(table)), content_type=f"{CSV_TYPE}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _csv(table: AbstractContextManager[Table]) -> Generator[bytes, None, None]:
    with snapshot(), table as opened:
        yield from csv_chunks(opened)


def xlsx_answer(name: str, table: Table, about: list[tuple[str, str]]) -> HttpResponse:
    """The table as a workbook."""
    response = HttpResponse(xlsx(table, about), content_type=XLSX_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response
