"""SQL of the panels: one file a query, with the filter of its dashboard put in.

{{filter}} in a file stands for the days of the time picker and the values of the variables (and
for what a panel narrows it to), {{chosen}} for the variables alone.
"""

from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"
DATASOURCE = {"type": "grafana-postgresql-datasource", "uid": "billing-postgres"}

# In this order on every dashboard: the variable, and the column that it selects from.
VARIABLES = {
    "org": "organization_id",
    "environment": "env_id",
    "product": "product",
    "business_unit": "business_unit",
    "cluster": "cluster_id",
    "cost_center": "cost_center",
}
DAYS = "$__timeFilter(charge_date)"


def query(name: str, variables: Iterable[str], only: str = "") -> str:
    """The text of sql/<name>.sql for a dashboard that has these variables; only: a condition."""
    chosen = "\n  AND ".join(
        # The one format that quotes single and multiple values alike in every release of Grafana.
        f"{VARIABLES[variable]} IN (${{{variable}:sqlstring}})"
        for variable in variables
    )
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8").strip()
    narrowed = f"\n  AND {only}" if only else ""
    whole = f"{DAYS}\n  AND {chosen}{narrowed}"
    return text.replace("{{filter}}", whole).replace("{{chosen}}", chosen)


def target(
    name: str, variables: Iterable[str], *, only: str, is_series: bool, ref_id: str
) -> dict[str, object]:
    """A panel's query as Grafana keeps it."""
    return {
        "datasource": DATASOURCE,
        "editorMode": "code",
        "format": "time_series" if is_series else "table",
        "rawQuery": True,
        "rawSql": query(name, variables, only),
        "refId": ref_id,
    }
