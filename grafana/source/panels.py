"""Panels of the kinds that the dashboards use, each with what every one of its kind has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from grafana.source.palette import NEUTRAL, WATCH

USD, PERCENT, COUNT = "currencyUSD", "percent", "locale"
# currencyUSD shortens to thousands; in a table every cent counts, and decimals stand below another.
EXACT_USD = "currency:financial:$:prefix"
NO_DATA = "No data for these days and choices"
PROVISIONAL = "Provisional day"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Panel:
    """A question with its answer's shape. size: columns of 24, and rows of the grid.

    sql: the query's file; only: a condition that narrows its filter; marks: the files of what is
    drawn behind it. is_series: the rows are points
    in time, not cells of a table.
    """

    kind: str
    title: str
    sql: str
    size: tuple[int, int]
    description: str
    options: Json
    defaults: Json
    overrides: tuple[Json, ...] = ()
    is_series: bool = False
    marks: tuple[str, ...] = ()
    only: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """Panels that are folded away until somebody wants them."""

    title: str
    panels: Sequence[Panel] = field(default_factory=tuple)


def stat(
    title: str,
    sql: str,
    size: tuple[int, int],
    description: str,
    *,
    unit: str = USD,
    decimals: int | None = 2,
    overrides: Sequence[Json] = (),
    per_row: bool = False,
    with_text: bool = False,
    text: Json | None = None,
    colours: Json | None = None,
    no_value: str = "No\u00a0data",  # in one line
) -> Panel:
    """Large numbers. per_row: a number a row, named by its text; else one of each column."""
    return Panel(
        "stat",
        title,
        sql,
        size,
        description,
        options={
            "colorMode": "value",
            "graphMode": "none",
            "justifyMode": "auto",
            "orientation": "auto",
            "percentChangeColorMode": "standard",
            "reduceOptions": _every_row() if per_row else _one_row(with_text),
            "showPercentChange": False,
            "text": text or {},
            "textMode": "auto",
            "wideLayout": True,
        },
        defaults=_measured(unit, decimals)
        | {"noValue": no_value}
        | (colours or steps((None, "text"))),
        overrides=tuple(overrides),
    )


def bar_gauge(
    title: str,
    sql: str,
    size: tuple[int, int],
    description: str,
    *,
    colours: Mapping[str, str] | None = None,
) -> Panel:
    """A bar a row, the largest first; what is below zero shows its number and no bar."""
    return Panel(
        "bargauge",
        title,
        sql,
        size,
        description,
        options={
            "displayMode": "basic" if colours else "gradient",
            "legend": {
                "calcs": [],
                "displayMode": "list",
                "placement": "bottom",
                "showLegend": False,
            },
            "maxVizHeight": 60,
            "minVizHeight": 16,
            "minVizWidth": 8,
            "namePlacement": "top",
            "orientation": "horizontal",
            "reduceOptions": _every_row(),
            "showUnfilled": True,
            "sizing": "auto",
            "valueMode": "text",
        },
        # Without a minimum the smallest bar would be empty.
        defaults=_measured(USD, 2) | _bar_colours(colours) | {"min": 0},
        overrides=coloured(colours or {}),
    )


def pie(
    title: str,
    sql: str,
    size: tuple[int, int],
    description: str,
    *,
    colours: Mapping[str, str] | None = None,
    unit: str = USD,
    decimals: int = 2,
    donut: bool = False,
) -> Panel:
    """Shares of a whole; only of amounts that are not below zero."""
    return Panel(
        "piechart",
        title,
        sql,
        size,
        description,
        options={
            "displayLabels": ["percent"],
            "legend": {
                "displayMode": "table",
                "placement": "right",
                "showLegend": True,
                "values": ["value", "percent"],
            },
            "pieType": "donut" if donut else "pie",
            "reduceOptions": _every_row(),
            "sort": "desc",
            "tooltip": {"mode": "single", "sort": "none"},
        },
        defaults=_measured(unit, decimals) | {"color": {"mode": "palette-classic"}},
        overrides=coloured(colours or {}),
    )


def daily_bars(
    title: str,
    sql: str,
    size: tuple[int, int],
    description: str,
    *,
    colours: Mapping[str, str] | None = None,
    lines: Sequence[str] = (),
    marks: Sequence[str] = ("common/provisional_days",),
    unit: str = USD,
    decimals: int = 2,
    totals: bool = True,
) -> Panel:
    """A bar a UTC day, stacked by series; the series called `lines` are drawn over them.

    Provisional days have a band behind them, unless the series themselves tell them apart.
    """
    drawn_as_lines = tuple(
        _override(
            name,
            {
                "custom.drawStyle": "line",
                "custom.fillOpacity": 0,
                "custom.lineWidth": 2,
                "custom.stacking": {"group": "A", "mode": "none"},
                "custom.spanNulls": True,
                "custom.showPoints": "never",
            },
        )
        for name in lines
    )
    return Panel(
        "timeseries",
        title,
        sql,
        size,
        description,
        options={
            "legend": _totals_beside() if totals else _names_below(),
            "tooltip": {"mode": "multi", "sort": "desc", "hideZeros": True},
        },
        defaults=_measured(unit, decimals)
        | {
            "color": {"mode": "palette-classic-by-name"},
            "custom": _bars(),
        },
        overrides=(*coloured(colours or {}), *drawn_as_lines, *(_band() for _ in marks)),
        is_series=True,
        marks=tuple(marks),
    )


def table(
    title: str,
    sql: str,
    size: tuple[int, int],
    description: str,
    *,
    columns: Mapping[str, Json],
) -> Panel:
    """Rows to read. columns: by name, what `usd`, `share` and their like give."""
    return Panel(
        "table",
        title,
        sql,
        size,
        description,
        options={"cellHeight": "sm", "frameIndex": 0, "showHeader": True},
        defaults={"custom": _cells(), "noValue": "-"},
        overrides=tuple(_override(name, properties) for name, properties in columns.items()),
    )


def narrowed(panel: Panel, only: str) -> Panel:
    """The same question of fewer charges; only: a condition in SQL."""
    return replace(panel, only=only)


def usd(*, total: bool = False, decimals: int = 2) -> Json:
    """A column of dollars; total: their sum stands below."""
    cells = {"unit": EXACT_USD, "decimals": decimals, "custom.align": "right"}
    return cells | {"custom.minWidth": 100} | _footer(total)


def count(*, total: bool = False) -> Json:
    """A column of whole numbers."""
    cells = {"unit": COUNT, "decimals": 0, "custom.align": "right"}
    return cells | {"custom.minWidth": 80} | _footer(total)


def share() -> Json:
    """A column of percents, with a bar."""
    return {
        "unit": PERCENT,
        "decimals": 1,
        "min": 0,
        "max": 100,
        "color": {"mode": "fixed", "fixedColor": NEUTRAL},
        "custom.cellOptions": {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"},
        "custom.minWidth": 140,
    }


def percent() -> Json:
    """A column of percents that may be any number."""
    return {"unit": PERCENT, "decimals": 1, "custom.align": "right"}


def day() -> Json:
    """A column of UTC days."""
    return {"unit": "time:YYYY-MM-DD", "custom.width": 110}


def width(pixels: int, **more: Any) -> Json:
    return {"custom.width": pixels, **more}


def link(title: str, url: str) -> Json:
    """A column that leads on; url as dashboards.deeper makes it."""
    return {"links": [{"title": title, "url": url}]}


def coloured(colours: Mapping[str, str]) -> tuple[Json, ...]:
    """Fixed colours of series, fields or rows, by their names."""
    return tuple(
        _override(name, {"color": {"mode": "fixed", "fixedColor": colour}})
        for name, colour in colours.items()
    )


def steps(*limits: tuple[float | None, str]) -> Json:
    """Colours from these values on; the first one's value is None."""
    return {
        "thresholds": {
            "mode": "absolute",
            "steps": [{"value": value, "color": colour} for value, colour in limits],
        },
        "color": {"mode": "thresholds"},
    }


def field_override(name: str, properties: Mapping[str, Any]) -> Json:
    """What is different about one column."""
    return _override(name, properties)


def _bars() -> Json:
    return {
        # Bars are read by their length.
        "axisSoftMin": 0,
        "barAlignment": 1,
        "barWidthFactor": 0.8,
        "drawStyle": "bars",
        "fillOpacity": 85,
        "gradientMode": "none",
        "lineWidth": 0,
        "showPoints": "never",
        "stacking": {"group": "A", "mode": "normal"},
    }


def _totals_beside() -> Json:
    return {
        "calcs": ["sum"],
        "displayMode": "table",
        "placement": "right",
        "showLegend": True,
        "sortBy": "Total",
        "sortDesc": True,
    }


def _names_below() -> Json:
    return {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True}


def _bar_colours(colours: Mapping[str, str] | None) -> Json:
    """By length, unless the colours mean something."""
    return steps((None, NEUTRAL)) if colours else {"color": {"mode": "continuous-BlPu"}}


def _band() -> Json:
    """Days of the series PROVISIONAL, from the bottom to the top; its total counts them."""
    return _override(
        PROVISIONAL,
        {
            "unit": "none",
            "decimals": 0,
            "min": 0,
            "max": 1,
            "color": {"mode": "fixed", "fixedColor": WATCH},
            "custom.axisPlacement": "hidden",
            "custom.barWidthFactor": 1,
            "custom.fillOpacity": 10,
            "custom.stacking": {"group": "A", "mode": "none"},
        },
    )


def _override(name: str, properties: Mapping[str, Any]) -> Json:
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [{"id": key, "value": value} for key, value in properties.items()],
    }


def _one_row(with_text: bool) -> Json:
    return {
        "calcs": ["lastNotNull"],
        "fields": "/.*/" if with_text else "",
        "values": False,
    }


def _every_row() -> Json:
    """Grafana's own limit is 25 rows."""
    return {"calcs": ["lastNotNull"], "fields": "", "values": True, "limit": 200}


def _measured(unit: str, decimals: int | None) -> Json:
    precise = {} if decimals is None else {"decimals": decimals}
    return {"unit": unit, "noValue": NO_DATA, **precise}


def _cells() -> Json:
    return {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}


def _footer(total: bool) -> Json:
    return {"custom.footer": {"reducers": ["sum"]}} if total else {}
