"""The portal's pages over HTTP, one at a time: the year of a large bill."""

import time
from collections.abc import Iterator

import requests

from billing_portal.bench.api import MONTH, YEAR, served
from billing_portal.bench.data import LAST, M, use
from billing_portal.bench.figures import Figure, milliseconds
from costs.partitions import month_of

TITLE = "Pages, a year of 2.9 million daily facts"
TIMES = 8  # the first one is left out
OVERVIEW, YEARLY = 300.0, 1_000.0  # ms
_OF_UNIT = "statement?business_unit=BU-1"
PAGES = {
    "overview": "",
    "explorer, 30 days by resource": f"explore?{MONTH}&group_by=cluster",
    "explorer, a year by day and product": f"explore?{YEAR}&group_by=product",
    "explorer, a year by month, resource, compared": (
        f"explore?{YEAR}&group_by=cluster&granularity=monthly&compare=previous"
    ),
    "what changed, 30 days": f"changes?{MONTH}",
    "a day": f"days/{LAST}",
    "a resource, a year": f"clusters/lkc-1?{YEAR}",
    "an environment, 30 days": f"environments/env-1?{MONTH}",
    "statements of a month": f"chargeback/{month_of(LAST):%Y-%m}",
    "a statement": f"chargeback/{month_of(LAST):%Y-%m}/{_OF_UNIT}",
    "data quality": "quality",
}


def measure() -> Iterator[Figure]:
    use(M)
    with served() as address:
        for name, path in PAGES.items():
            took = [_ask(f"{address}/{path}") for _ in range(TIMES)][1:]
            aim = OVERVIEW if name == "overview" else YEARLY
            yield Figure(name, "ms", milliseconds(took), at_most=aim)


def _ask(url: str) -> float:
    begun = time.perf_counter()
    response = requests.get(url, headers={"Accept": "text/html"}, timeout=120)
    response.raise_for_status()
    return time.perf_counter() - begun
