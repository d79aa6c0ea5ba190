"""Write grafana/dashboards/*.json: `python -m grafana.source.write [--check]`.

--check writes nothing and fails, with their names, when files are not what the sources give.
"""

import json
import sys
from pathlib import Path

from grafana.source import (
    business_unit,
    chargeback,
    clevel,
    cluster,
    confidence,
    historical,
)

FOLDER = Path(__file__).parent.parent / "dashboards"
DASHBOARDS = tuple(
    module.DASHBOARD
    for module in (clevel, chargeback, business_unit, cluster, historical, confidence)
)


def texts() -> dict[str, str]:
    """What each file is to hold, by its name."""
    return {
        dashboard.file: json.dumps(dashboard.as_json(), indent=2, sort_keys=True) + "\n"
        for dashboard in DASHBOARDS
    }


def outdated() -> list[str]:
    """Files that are missing, differ, or belong to no dashboard."""
    stored = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    wanted = texts()
    return sorted(name for name in stored | wanted if stored.get(name) != wanted.get(name))


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        for name in (wrong := outdated()):
            sys.stderr.write(f"grafana/dashboards/{name} is outdated; run `make dashboards`.\n")
        return 1 if wrong else 0
    if arguments:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    for name, text in texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
