"""`make bench`: make the databases where they are missing, measure, print, write it down.

    python -m billing_portal.bench [PART ...]

DATABASE_URL names the server; the databases `bench_...` on it are made and kept.
"""

import os
import subprocess
import sys
from importlib import import_module

# In this order; what changes the year of M comes last.
PARTS = (
    "store",
    "collect",
    "reports",
    "dashboards",
    "api",
    "pages",
    "growth",
    "disk",
    "reallocate",
    "workers",
)


def main() -> None:
    """Each part has a process of its own, for it may have a database of its own."""
    asked = sys.argv[1:]
    if len(asked) == 1 and asked[0] in PARTS:
        _measure(asked[0])
        return
    if unknown := [part for part in asked if part not in PARTS]:
        sys.exit(f"There is no part {unknown[0]}; there are {', '.join(PARTS)}.")
    for part in asked or PARTS:
        subprocess.run([sys.executable, "-m", "billing_portal.bench", part], check=True)  # noqa: S603


def _measure(part: str) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "billing_portal.settings"
    import django

    django.setup()

    from billing_portal.bench.figures import HEADER, Figure
    from billing_portal.bench.record import record

    module = import_module(f"billing_portal.bench.{part}")
    _say(f"\n## {module.TITLE}\n\n{HEADER}")
    found: list[Figure] = []
    notes: list[str] = []
    for each in module.measure():
        if isinstance(each, Figure):
            found.append(each)
            _say(each.row())
        else:
            notes.append(each)
            _say(f"({each})")
    record(part, module.TITLE, found, notes)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


main()
