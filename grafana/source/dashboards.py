"""A dashboard out of its panels: variables, links, annotations, the grid."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grafana.source.panels import Json, Panel, Row
from grafana.source.queries import DATASOURCE, VARIABLES, query, target

TAG = "confluent-billing"
COLUMNS = 24
# The last version of this format; Grafana 11 to 13 read it as it stands.
SCHEMA = 42
LABELS = {
    "org": "Organization",
    "environment": "Environment",
    "product": "Product",
    "business_unit": "Business unit",
    "cluster": "Resource",
    "cost_center": "Cost center",
}
EVERYWHERE = ("org", "environment", "product", "business_unit")


@dataclass(frozen=True, slots=True)
class Dashboard:
    """file: its name in dashboards/. variables: those of VARIABLES that it lets choose."""

    uid: str
    file: str
    title: str
    description: str
    panels: Sequence[Panel | Row]
    variables: tuple[str, ...] = EVERYWHERE

    def as_json(self) -> Json:
        return {
            "annotations": {"list": []},
            "description": self.description,
            "editable": False,
            "fiscalYearStartMonth": 0,
            "graphTooltip": 1,
            "links": [_other_dashboards()],
            "panels": _placed(self.panels, self.variables),
            "refresh": "",
            "schemaVersion": SCHEMA,
            "tags": [TAG],
            "templating": {
                "list": [_variable(name) for name in VARIABLES if name in self.variables]
            },
            "time": {"from": "now-30d", "to": "now"},
            "timepicker": {},
            "timezone": "utc",
            "title": self.title,
            "uid": self.uid,
            "version": 1,
            "weekStart": "monday",
        }


def deeper(uid: str, variables: Iterable[str] = EVERYWHERE, **chosen: str) -> str:
    """A link's address: the same days and choices, and the row's own.

    chosen: a variable and the column that holds its value.
    """
    kept = [f"${{{name}:queryparam}}" for name in variables if name not in chosen]
    own = [
        f'var-{name}=${{__data.fields["{column}"]:percentencode}}'
        for name, column in chosen.items()
    ]
    return f"/d/{uid}?" + "&".join(["${__url_time_range}", *kept, *own])


def _variable(name: str) -> Json:
    sql = query(f"variables/{name}", ())
    everything = {"selected": True, "text": ["All"], "value": ["$__all"]}
    return {
        "current": everything,
        "datasource": DATASOURCE,
        "definition": sql,
        "description": f"{LABELS[name]}: charges of one, some or all.",
        "hide": 0,
        "includeAll": True,
        "label": LABELS[name],
        "multi": True,
        "name": name,
        "options": [],
        "query": sql,
        # When the days change: products are those of the chosen days.
        "refresh": 2,
        "regex": "",
        "skipUrlSync": False,
        "sort": 0,
        "type": "query",
    }


def _other_dashboards() -> Json:
    return {
        "asDropdown": False,
        "icon": "external link",
        "includeVars": True,
        "keepTime": True,
        "tags": [TAG],
        "targetBlank": False,
        "title": "Dashboards",
        "tooltip": "The same days and choices on another dashboard",
        "type": "dashboards",
        "url": "",
    }


def _placed(panels: Sequence[Panel | Row], variables: tuple[str, ...]) -> list[Json]:
    """Left to right, a new line where the next one does not fit; folded ones inside their row."""
    placed: list[Json] = []
    top = 0
    line: list[Panel] = []
    for item in panels:
        if isinstance(item, Panel):
            line.append(item)
            continue
        below = list(_flowed(line, variables, top))
        placed += below
        top = _end(below, top)
        line = []
        folded = list(_flowed(item.panels, variables, top + 1))
        placed.append(
            {
                "collapsed": True,
                "gridPos": {"h": 1, "w": COLUMNS, "x": 0, "y": top},
                "panels": folded,
                "title": item.title,
                "type": "row",
            }
        )
        top += 1
    placed += _flowed(line, variables, top)
    return _numbered(placed)


def _flowed(panels: Iterable[Panel], variables: tuple[str, ...], top: int) -> Iterator[Json]:
    left = tallest = 0
    for panel in panels:
        width, height = panel.size
        if left + width > COLUMNS:
            left, top, tallest = 0, top + tallest, 0
        yield _panel(panel, variables, {"h": height, "w": width, "x": left, "y": top})
        left, tallest = left + width, max(tallest, height)


def _panel(panel: Panel, variables: tuple[str, ...], place: dict[str, int]) -> Json:
    return {
        "datasource": DATASOURCE,
        "description": panel.description,
        "fieldConfig": {"defaults": panel.defaults, "overrides": list(panel.overrides)},
        "gridPos": place,
        "options": panel.options,
        "targets": [
            target(name, variables, only=panel.only, is_series=panel.is_series, ref_id=ref_id)
            for ref_id, name in zip("AB", (panel.sql, *panel.marks), strict=False)
        ],
        "title": panel.title,
        "type": panel.kind,
    }


def _end(placed: Sequence[Json], top: int) -> int:
    return max((each["gridPos"]["y"] + each["gridPos"]["h"] for each in placed), default=top)


def _numbered(panels: list[Json]) -> list[Json]:
    """Panel ids by position, so that a link to a panel holds."""
    for number, panel in enumerate(_each(panels), start=1):
        panel["id"] = number
    return panels


def _each(panels: Sequence[Json]) -> Iterator[dict[str, Any]]:
    for panel in panels:
        yield panel
        yield from panel.get("panels", ())
