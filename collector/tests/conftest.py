"""The simulated Confluent and the collector, as every test of a collection needs them."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from collector.client import ConfluentClient
from collector.inventory import InventoryReport, sync_inventory
from collector.management.reporting import Quiet
from collector.models import CollectionRun
from collector.pipeline import collect
from collector.simulator import SimulatedConfluent, World
from collector.tests.redis_server import RedisServer
from collector.windows import Window
from costs.models import CostLineItem, DailyCostFact, HourlyCost

# Every day of October is settled and restated by then.
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def confluent() -> Iterator[SimulatedConfluent]:
    """A simulated Confluent on 2026-11-20 whose company began on 2026-09-01."""
    with SimulatedConfluent(World(born=date(2026, 9, 1)), clock=lambda: NOW) as simulated:
        simulated.faults.retry_after = 0
        yield simulated


@pytest.fixture
def client(confluent: SimulatedConfluent) -> Iterator[ConfluentClient]:
    client = ConfluentClient(
        confluent.url, "demo-key", "demo-secret", max_wait=60, sleep=lambda seconds: None
    )
    yield client
    client.close()


@pytest.fixture
def collect_days(db: Any, client: ConfluentClient) -> Callable[[str, str], CollectionRun]:
    """collect_days("2026-10-05", "2026-10-07") collects the two days and returns the run."""

    def collect_window(start: str, end: str) -> CollectionRun:
        window = Window(date.fromisoformat(start), date.fromisoformat(end))
        (run,) = collect(client, [window], trigger="test", progress=Quiet())
        return run

    return collect_window


@pytest.fixture
def sync(db: Any, client: ConfluentClient) -> Callable[..., InventoryReport]:
    """sync() reads the inventory and returns the report; collect_users=True lists users too."""

    def sync_once(**options: Any) -> InventoryReport:
        return sync_inventory(client, **options)

    return sync_once


def stored() -> dict[str, list[Any]]:
    """Everything that a collection writes money into: equal before and after means untouched."""
    return {
        "lines": list(CostLineItem.objects.order_by("id").values()),
        "facts": list(DailyCostFact.objects.order_by("id").values()),
        "hours": list(HourlyCost.objects.order_by("daily_cost_fact_id", "timestamp").values()),
    }


@pytest.fixture
def redis_server(tmp_path: Any) -> Iterator[RedisServer]:
    """A running Redis that is empty."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.kill()
