"""Collecting over HTTP: a simulated Confluent in another process, 2,000 more clusters of 4 lines.

The first asking makes the simulator encode the bill; what is measured comes after it.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import requests
from django.conf import settings
from django.db import connection

from billing_portal.bench.data import use_empty
from billing_portal.bench.figures import Figure, milliseconds, ratios, seconds
from collector.bodies import decoded
from collector.client import ConfluentClient
from collector.payloads import parse_rows
from collector.staging import stage_window
from collector.windows import Window
from costs.partitions import ONE_DAY

TITLE = "Collecting a bill of 8,000 lines a day over HTTP"
CLUSTERS, TIMES = 2_000, 7
FEW_DAYS, MANY_DAYS = 3, 30
KEY = {"CONFLUENT_API_KEY": "demo-key", "CONFLUENT_API_SECRET": "demo-secret"}
_EMPTY = """
    TRUNCATE hourly_costs, daily_cost_facts, daily_owner_costs, daily_resource_costs,
             cost_line_items, billing_days, billing_day_versions, collection_runs
"""
# The command lines below are ours.
# ruff: noqa: S603


def measure() -> Iterator[Figure | str]:
    use_empty("collect")
    today = datetime.now(UTC).date()
    # Settled days, which nothing changes between two askings.
    window = Window(today - timedelta(days=20), today - timedelta(days=20 - FEW_DAYS))
    month = Window(today - timedelta(days=45), today - timedelta(days=45 - MANY_DAYS))
    with _simulated() as url:
        client = ConfluentClient(url, KEY["CONFLUENT_API_KEY"], KEY["CONFLUENT_API_SECRET"])
        yield from _parsing(client, window)
        yield from _again(url, window)
        yield from _memory(url, window, month)


def _parsing(client: ConfluentClient, window: Window) -> Iterator[Figure]:
    page = _page(client, window.start)
    rows = decoded(page)["data"]
    end = window.start + ONE_DAY

    def parse() -> None:
        for _ in parse_rows(decoded(page)["data"], window.start, end):
            pass

    took = [seconds(parse) for _ in range(TIMES)]
    rates = [len(rows) / each for each in took]
    yield Figure("JSON to bill lines with exact decimals", "lines/s", rates, at_least=35_000)
    counted: list[int] = []
    stage_window(client, window, counted.append)
    lines = sum(counted)
    staged = [
        lines / seconds(lambda: stage_window(client, window, lambda _: None)) for _ in range(TIMES)
    ]
    yield Figure("Fetched, parsed and staged", "lines/s", staged)


def _page(client: ConfluentClient, day: date) -> bytes:
    answer = requests.get(
        f"{client.base_url}/billing/v1/costs",
        params={"start_date": str(day), "end_date": str(day + ONE_DAY), "page_size": "10000"},
        auth=(client.api_key, client.api_secret),
        timeout=60,
    )
    answer.raise_for_status()
    return answer.content


def _again(url: str, window: Window) -> Iterator[Figure]:
    """The whole command, in a process of its own: what an hourly run costs."""
    first, again = [], []
    for _ in range(TIMES):
        with connection.cursor() as cursor:
            cursor.execute(_EMPTY)
        first.append(_collect(url, window)[0])
        again.append(_collect(url, window)[0])
    yield Figure(f"{FEW_DAYS} days collected, whole command", "ms", milliseconds(first))
    yield Figure("the same again", "ms", milliseconds(again))
    yield Figure("faster than the first time", "times", ratios(first, again))


def _memory(url: str, window: Window, month: Window) -> Iterator[Figure | str]:
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)
    few, many = _collect(url, window)[1], _collect(url, month)[1]
    yield Figure(f"Memory of a collector of {FEW_DAYS} days", "MiB", [few], at_most=300)
    yield Figure(f"Memory of a collector of {MANY_DAYS} days", "MiB", [many], at_most=300)
    yield "Memory: the largest resident size of the process, libraries included."


def _collect(url: str, window: Window) -> tuple[float, float]:
    """Seconds, and MiB of the largest resident size."""
    command = [sys.executable, "manage.py", "collect_costs"]
    process = subprocess.Popen(
        [*command, f"--start={window.start}", f"--end={window.end}"],
        cwd=settings.BASE_DIR,
        env=os.environ | KEY | {"CONFLUENT_CLOUD_URL": url, "LOG_LEVEL": "ERROR"},
        stdout=subprocess.DEVNULL,
    )
    begun = time.perf_counter()
    _, status, used = os.wait4(process.pid, 0)
    took = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"collect_costs ended with {process.returncode}.")
    return took, used.ru_maxrss / 1024


@contextmanager
def _simulated() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "manage.py", "run_simulator", f"--port={port}"]
    process = subprocess.Popen(
        [*command, f"--scale={CLUSTERS}"], cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("The simulator does not start.")
