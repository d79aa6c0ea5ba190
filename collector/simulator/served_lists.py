"""The inventory lists that are served, page by page or, of connectors, as one map."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from collector.simulator.answers import Listing, Mapped, RefusedError, failure, next_url
from collector.simulator.inventory import Inventory
from collector.simulator.parameters import Parameters, list_page
from collector.simulator.world import World

Entries = Sequence[Any] | Mapping[str, Any]

_CONNECTORS = re.compile(r"/connect/v1/environments/([^/]+)/clusters/([^/]+)/connectors")

_OF_ORGANIZATION: dict[str, tuple[str, str, Callable[[World, datetime], Entries]]] = {
    "/org/v2/organizations": (
        "org/v2",
        "OrganizationList",
        lambda world, _: [world.organization()],
    ),
    "/org/v2/environments": ("org/v2", "EnvironmentList", lambda world, _: world.environments()),
    "/iam/v2/service-accounts": (
        "iam/v2",
        "ServiceAccountList",
        lambda world, now: world.inventory(now).service_accounts(),
    ),
    "/iam/v2/users": ("iam/v2", "UserList", lambda world, now: world.inventory(now).users()),
}
_OF_ENVIRONMENT: dict[str, tuple[str, str, Callable[[Inventory, str], Entries]]] = {
    "/cmk/v2/clusters": ("cmk/v2", "ClusterList", Inventory.kafka_clusters),
    "/ksqldbcm/v2/clusters": ("ksqldbcm/v2", "ClusterList", Inventory.ksqldb_clusters),
    "/fcpm/v2/compute-pools": ("fcpm/v2", "ComputePoolList", Inventory.compute_pools),
    "/srcm/v3/clusters": ("srcm/v3", "ClusterList", Inventory.schema_registries),
}


class ServedLists:
    """The world's lists, with what tests write by hand in their place."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._replaced: dict[tuple[str, str], Entries] = {}

    def replace(self, path: str, entries: Entries | None, environment: str) -> None:
        """Serves these entries as the list, whatever the time; None goes back to the world's."""
        if not self.has(path):
            raise ValueError(f"there is no list at {path}")
        if entries is None:
            self._replaced.pop((path, environment), None)
        else:
            self._replaced[path, environment] = entries

    def has(self, path: str) -> bool:
        return (
            path in _OF_ORGANIZATION
            or path in _OF_ENVIRONMENT
            or _CONNECTORS.fullmatch(path) is not None
        )

    def answer(
        self, path: str, parameters: Parameters, url: str, now: datetime
    ) -> Listing | Mapped:
        """What is at a path that the lists have; raises RefusedError for bad parameters."""
        if found := _CONNECTORS.fullmatch(path):
            return self._connectors(path, found[1], found[2], parameters, now)
        page = list_page(parameters, of_environment=path in _OF_ENVIRONMENT)
        version, kind, entries = self._entries(path, page.environment, now)
        items = [msgspec.json.encode(each) for each in entries[page.offset :][: page.size]]
        more = page.offset + page.size < len(entries)
        return Listing(version, kind, items, next_url(url, page.next_token()) if more else None)

    def _entries(self, path: str, environment: str, now: datetime) -> tuple[str, str, Any]:
        if path in _OF_ENVIRONMENT:
            version, kind, of_environment = _OF_ENVIRONMENT[path]
            self._check(environment)
            entries = of_environment(self.world.inventory(now), environment)
        else:
            version, kind, of_organization = _OF_ORGANIZATION[path]
            entries = of_organization(self.world, now)
        return version, kind, self._replaced.get((path, environment), entries)

    def _check(self, environment: str) -> None:
        environments = self._replaced.get(("/org/v2/environments", ""), self.world.environments())
        if environment not in {each["id"] for each in environments if isinstance(each, dict)}:
            raise RefusedError(failure(404, f"There is no environment {environment}."))

    def _connectors(
        self, path: str, environment: str, cluster: str, parameters: Parameters, now: datetime
    ) -> Mapped | Listing:
        entries = self._replaced.get((path, ""))
        if entries is None:
            entries = self.world.inventory(now).connectors(environment, cluster)
        if entries is None:
            raise RefusedError(failure(404, f"There is no cluster {cluster} in {environment}."))
        assert isinstance(entries, Mapping)
        if "expand" not in parameters:
            return Mapped(msgspec.json.encode(list(entries)))
        wanted = parameters["expand"].split(",")
        expanded = {name: _expanded(entry, wanted) for name, entry in entries.items()}
        return Mapped(msgspec.json.encode(expanded))


def _expanded(entry: Any, wanted: list[str]) -> Any:
    """The parts that were asked for; the API leaves out the others."""
    if isinstance(entry, dict):
        return {part: entry[part] for part in wanted if part in entry}
    return entry
