"""The portal's pages over a year of 2.92 million daily facts: seconds of the server, alone."""

import statistics
import time
from collections.abc import Iterator

import requests

from billing_portal.bench.api import YEAR, served
from billing_portal.bench.data import LAST
from costs.partitions import ONE_DAY, month_of

TIMES = 6  # the first one is left out
MONTH = f"start_date={LAST - 29 * ONE_DAY}&end_date={LAST + ONE_DAY}"
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


def measure() -> Iterator[str]:
    """Lines of a Markdown table."""
    with served() as address:
        yield "| page | median, ms | slowest, ms | KiB |"
        yield "|---|---|---|---|"
        for name, path in PAGES.items():
            asked = [_ask(f"{address}/{path}") for _ in range(TIMES)][1:]
            seconds = [each for each, _ in asked]
            yield (
                f"| {name} | {statistics.median(seconds) * 1000:,.0f} | "
                f"{max(seconds) * 1000:,.0f} | {asked[0][1] / 1024:,.0f} |"
            )


def _ask(url: str) -> tuple[float, int]:
    begun = time.perf_counter()
    response = requests.get(url, headers={"Accept": "text/html"}, timeout=120)
    response.raise_for_status()
    return time.perf_counter() - begun, len(response.content)
