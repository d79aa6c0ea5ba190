"""What a browser does with the portal's pages: read a form, fill it in, send it."""

from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.db import connection


class _Form(HTMLParser):
    """The fields of a page's own form, as they would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self.is_inside = False
        self.select = self.textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            sends = said.get("method", "").lower() == "post"
            self.is_inside = sends and said.get("id") != "logout-form"
        if not self.is_inside or "disabled" in said:
            return
        name = said.get("name", "")
        if tag == "select":
            self.select = name
        elif tag == "textarea":
            self.textarea = name
            self.fields[name] = [""]
        elif tag == "option" and "selected" in said:
            self._add(self.select, said.get("value", ""))
        elif tag == "input" and name and said.get("type") not in ("submit", "button"):
            self._input(name, said)

    def _input(self, name: str, said: dict[str, str]) -> None:
        if said.get("type") not in ("checkbox", "radio") or "checked" in said:
            self._add(name, said.get("value", "on" if said.get("type") == "checkbox" else ""))

    def _add(self, name: str, value: str) -> None:
        self.fields.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        if self.textarea:
            # A browser drops the first line end of a textarea.
            text = self.fields[self.textarea][0] or data.removeprefix("\r").removeprefix("\n")
            self.fields[self.textarea] = [text]

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.textarea = ""
        if tag == "form":
            self.is_inside = False


def filled(page: Any, **changes: Any) -> dict[str, Any]:
    """What the page's form sends when a person changes these fields; None takes one away."""
    form = _Form()
    form.feed(page.content.decode())
    data: dict[str, Any] = {**form.fields, **changes}
    return {name: value for name, value in data.items() if value is not None}


def with_row(data: dict[str, Any], prefix: str, **fields: Any) -> dict[str, Any]:
    """The form with one more inline row."""
    (count,) = data[f"{prefix}-TOTAL_FORMS"]
    row = {f"{prefix}-{count}-{name}": value for name, value in fields.items()}
    return data | row | {f"{prefix}-TOTAL_FORMS": [str(int(count) + 1)]}


def send(client: Any, page: Any, **changes: Any) -> Any:
    """Fill in the page's form and send it to where it goes."""
    return post(client, page, filled(page, **changes))


def post(client: Any, page: Any, data: dict[str, Any]) -> Any:
    address, query = page.request["PATH_INFO"], page.request["QUERY_STRING"]
    return client.post(f"{address}?{query}" if query else address, data)


def is_preview(page: Any) -> bool:
    return page.status_code == 200 and b"<h1>What this moves</h1>" in page.content


def moves(page: Any) -> list[tuple[str, ...]]:
    """The rows of a preview: business unit, cost center, from, to, change."""
    parser = _Cells()
    parser.feed(page.content.decode())
    return [tuple(row) for row in parser.rows if row]


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.is_cell = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        self.is_cell = tag == "td"

    def handle_data(self, data: str) -> None:
        if self.is_cell:
            self.rows[-1].append(data)
            self.is_cell = False


def database() -> dict[str, list[str]]:
    """Every row of every table but the sessions, as text."""
    tables = {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.app_label != "sessions"
    }
    return {table: _rows(table) for table in [*tables, "hourly_costs"]}


def curated() -> dict[str, list[str]]:
    """Every row of what people curate, of its history, and of what the facts make of it."""
    tables = [
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.managed and model._meta.app_label in ("costs", "dimensions", "admin")
    ]
    return {table: _rows(table) for table in [*tables, "hourly_costs"]}


def _rows(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT t::text FROM "{table}" AS t ORDER BY 1')
        return [row for (row,) in cursor.fetchall()]


def changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> set[str]:
    """The tables that are not as they were."""
    return {table for table in before if before[table] != after[table]}
