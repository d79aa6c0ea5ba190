"""The API under load: 8 clients at a time ask a year of 2.92 million daily facts."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from django.conf import settings

from billing_portal.bench.data import FIRST, LAST
from costs.partitions import ONE_DAY

CLIENTS = 8
REQUESTS = 40  # of each question, all clients together
PORT = 8765
YEAR = f"start_date={FIRST}&end_date={LAST + ONE_DAY}"
QUESTIONS = {
    "summary": f"costs/summary?{YEAR}",
    "by month and product": f"costs?{YEAR}&granularity=monthly&group_by=product",
    "top 10 resources": f"costs?{YEAR}&granularity=total&group_by=cluster&top=10",
    "by day and business unit": f"costs?{YEAR}&group_by=business_unit&limit=5000",
    "summary, 30 days": f"costs/summary?start_date={LAST - 29 * ONE_DAY}&end_date={LAST + ONE_DAY}",
}
STREAMED_DAYS = 6  # 1,152,000 hours
HOURS = f"costs/facts?start_date={LAST - ONE_DAY * (STREAMED_DAYS - 1)}&end_date={LAST + ONE_DAY}"


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds that single requests took."""

    name: str
    alone: list[float]
    loaded: list[float]

    def row(self) -> str:
        p95 = statistics.quantiles(self.loaded, n=20)[18]
        return (
            f"| {self.name} | {statistics.median(self.alone) * 1000:,.0f} | "
            f"{statistics.median(self.loaded) * 1000:,.0f} | {p95 * 1000:,.0f} |"
        )


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


def measure() -> Iterator[str]:
    """Lines of a Markdown table, and what the stream came to."""
    with served() as address:
        api = f"{address}/api/v1"
        yield f"| milliseconds | alone, median | {CLIENTS} clients, median | 95 % |"
        yield "|---|---|---|---|"
        for name, question in QUESTIONS.items():
            yield _ask(name, f"{api}/{question}").row()
        yield ""
        yield _stream(f"{api}/{HOURS}&format=csv")
    yield from _scrapes()


def _scrapes() -> Iterator[str]:
    """/metrics, read from the database each time and from what was read before."""
    with served(METRICS_CACHE_SECONDS="0") as address:
        fresh = [_seconds(f"{address}/metrics") for _ in range(11)][1:]
        text = requests.get(f"{address}/metrics", timeout=120).text
    with served(METRICS_CACHE_SECONDS="3600") as address:
        cached = [_seconds(f"{address}/metrics") for _ in range(21)][1:]
    series = sum(1 for line in text.splitlines() if not line.startswith("#"))
    hourly = text.count("\nccloud_cost_usd_hourly{")
    yield (
        f"/metrics: {statistics.median(fresh) * 1000:,.0f} ms fresh, "
        f"{statistics.median(cached) * 1000:,.0f} ms cached; series: {series:,}, of them "
        f"ccloud_cost_usd_hourly: {hourly:,}; {len(text) / 2**20:.1f} MiB."
    )


def _ask(name: str, url: str) -> Measured:
    alone = [_seconds(url) for _ in range(6)][1:]
    with ThreadPoolExecutor(CLIENTS) as clients:
        loaded = list(clients.map(_seconds, [url] * REQUESTS))
    return Measured(name, alone, loaded)


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
