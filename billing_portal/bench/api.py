"""The API and /metrics over HTTP: one client, then 8 at a time, ask the year of a large bill."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import requests
from django.conf import settings

from billing_portal.bench.data import LAST, M, use
from billing_portal.bench.figures import Figure, milliseconds
from costs.partitions import ONE_DAY

TITLE = "API and metrics, a year of 2.9 million daily facts"
CLIENTS = 8
REQUESTS = 80  # of each question, all clients together
PORT = 8765
YEAR = f"start_date={M.first}&end_date={LAST + ONE_DAY}"
MONTH = f"start_date={LAST - 29 * ONE_DAY}&end_date={LAST + ONE_DAY}"
# With what 95 % of the answers to 8 clients are to stay below, in ms.
QUESTIONS = {
    "summary, 30 days": (f"costs/summary?{MONTH}", 150.0),
    "summary, a year": (f"costs/summary?{YEAR}", None),
    "by month and product, a year": (f"costs?{YEAR}&granularity=monthly&group_by=product", None),
    "top 10 resources, a year": (
        f"costs?{YEAR}&granularity=total&group_by=cluster&top=10",
        None,
    ),
    "by day and business unit, a year": (f"costs?{YEAR}&group_by=business_unit&limit=5000", None),
}
STREAMED_DAYS = 6  # 1,152,000 hours
HOURS = f"costs/facts?start_date={LAST - ONE_DAY * (STREAMED_DAYS - 1)}&end_date={LAST + ONE_DAY}"


@contextmanager
def served(**environment: str) -> Iterator[str]:
    """The portal as `make run` serves it."""
    limits = {"API_RATE_ANONYMOUS": "1000000", "LOG_LEVEL": "ERROR"}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        cwd=settings.BASE_DIR,
        env=os.environ | limits | environment | {"API_PORT": str(PORT)},
        stdout=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{PORT}"
    try:
        _wait_for(f"{address}/healthz")
        yield address
    finally:
        process.terminate()
        process.wait()


def measure() -> Iterator[Figure | str]:
    use(M)
    with served() as address:
        api = f"{address}/api/v1"
        for name, (question, aim) in QUESTIONS.items():
            alone, loaded = _ask(f"{api}/{question}")
            yield Figure(name, "ms", milliseconds(alone))
            values = milliseconds(loaded)
            yield Figure(f"{name}, {CLIENTS} clients", "ms", values, at_most=aim, of_p95=True)
        yield _stream(f"{api}/{HOURS}&format=csv")
    yield from _scrapes()


def _scrapes() -> Iterator[Figure | str]:
    """/metrics, read from the database each time and from what was read before."""
    with served(METRICS_CACHE_SECONDS="0") as address:
        fresh = [_seconds(f"{address}/metrics") for _ in range(11)][1:]
        text = requests.get(f"{address}/metrics", timeout=120).text
    with served(METRICS_CACHE_SECONDS="3600") as address:
        cached = [_seconds(f"{address}/metrics") for _ in range(21)][1:]
    yield Figure("/metrics, uncached", "ms", milliseconds(fresh), at_most=500)
    yield Figure("/metrics, cached", "ms", milliseconds(cached), at_most=20)
    series = sum(1 for line in text.splitlines() if not line.startswith("#"))
    hourly = text.count("\nccloud_cost_usd_hourly{")
    yield (
        f"/metrics: {series:,} series, of them ccloud_cost_usd_hourly {hourly:,}; "
        f"{len(text) / 2**20:.1f} MiB."
    )


def _ask(url: str) -> tuple[list[float], list[float]]:
    """Seconds of each answer, to one client and to all of them at once."""
    alone = [_seconds(url) for _ in range(8)][1:]
    with ThreadPoolExecutor(CLIENTS) as clients:
        loaded = list(clients.map(_seconds, [url] * REQUESTS))
    return alone, loaded


def _seconds(url: str) -> float:
    begun = time.perf_counter()
    response = requests.get(url, timeout=120)
    response.raise_for_status()
    return time.perf_counter() - begun


def _stream(url: str) -> str:
    begun = time.perf_counter()
    rows = -1
    peak = 0
    with requests.get(url, stream=True, timeout=600) as response:
        response.raise_for_status()
        for number, chunk in enumerate(response.iter_content(1_000_000)):
            rows += chunk.count(b"\n")
            if number % 10 == 0:
                peak = max(peak, _largest_process())
    seconds = time.perf_counter() - begun
    return (
        f"{rows:,} hourly rows as CSV in {seconds:.1f} s ({rows / seconds:,.0f} a second); "
        f"the web process that wrote them had {peak / 2**20:,.0f} MiB at most."
    )


def _largest_process() -> int:
    """Bytes of the largest of the server's processes (Linux)."""
    sizes = [0]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            command = status.with_name("cmdline").read_bytes()
            if f":{PORT}".encode() in command:
                line = next(each for each in status.read_text().splitlines() if "VmRSS" in each)
                sizes.append(int(line.split()[1]) * 1024)
        except (OSError, StopIteration):
            continue  # it has ended
    return max(sizes)


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} does not answer.")
