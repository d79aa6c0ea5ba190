"""Confluent's inventory lists, read one after another.

A list that is refused is told of and left out; a server that is down, or a key that is no longer
taken, ends the reading.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from collector import documents
from collector.client import ConfluentClient, ConfluentError, Unreachable
from collector.documents import Account, Described, Resource, UnreadableDocument
from dimensions.kinds import ClusterKind
from dimensions.models import Principal

logger = logging.getLogger(__name__)

Kind = Principal.Kind
Item = TypeVar("Item", bound=Described)

ENVIRONMENT = "environment"
NAMES: dict[str, str] = {
    ENVIRONMENT: "environments",
    ClusterKind.KAFKA: "Kafka clusters",
    ClusterKind.CONNECTOR: "connectors",
    ClusterKind.KSQLDB: "ksqlDB clusters",
    ClusterKind.FLINK: "Flink compute pools",
    ClusterKind.SCHEMA_REGISTRY: "Schema Registry clusters",
    Kind.SERVICE_ACCOUNT: "service accounts",
    Kind.USER: "users",
}
"""Every list that is read, in its order; the resources' names are their kinds."""

PLACES_TOLD = 3


@dataclass
class _Trouble:
    """What is wrong with the lists of one kind for one reason, and in which places."""

    sentence: str
    places: list[str] = field(default_factory=list)


@dataclass
class Inventory:
    """What the lists said. It fills while they are read: a failure leaves what was read before.

    whole holds (kind, place) of every list that was read to its end and understood; the place is
    the environment, of connectors the Kafka cluster, else "".
    """

    environments: dict[str, Described] = field(default_factory=dict)
    resources: dict[str, tuple[ClusterKind, Resource]] = field(default_factory=dict)
    accounts: dict[str, tuple[Kind, Account]] = field(default_factory=dict)
    whole: set[tuple[str, str]] = field(default_factory=set)
    _troubles: dict[tuple[str, object], _Trouble] = field(default_factory=dict)

    @property
    def notices(self) -> list[str]:
        """A sentence for each kind of list and reason, naming the first places."""
        return [
            trouble.sentence.replace("<places>", _listed(trouble.places))
            for trouble in self._troubles.values()
        ]

    def read(self, client: ConfluentClient, *, users: bool) -> None:
        """Ask for every list. Raises the ConfluentError that asking for more would not help."""
        environments = self._list(ENVIRONMENT, "", client.environments(), documents.environment)
        self.environments = {said.id: said for said in environments}
        for env_id in self.environments:
            self._read_environment(client, env_id)
        accounts = client.service_accounts()
        self._take_accounts(Kind.SERVICE_ACCOUNT, accounts, documents.service_account)
        if users:
            self._take_accounts(Kind.USER, client.users(), documents.user)

    def _read_environment(self, client: ConfluentClient, env_id: str) -> None:
        pages = client.kafka_clusters(env_id)
        parse = partial(documents.kafka_cluster, env_id=env_id)
        kafka = self._take(ClusterKind.KAFKA, env_id, pages, parse)
        for cluster in kafka:
            of_cluster = partial(documents.connector, cluster=cluster)
            self._take(ClusterKind.CONNECTOR, cluster.id, _connectors(client, cluster), of_cluster)
        hosts = {cluster.id: cluster for cluster in kafka}
        parse = partial(documents.ksqldb_cluster, env_id=env_id, kafka=hosts)
        self._take(ClusterKind.KSQLDB, env_id, client.ksqldb_clusters(env_id), parse)
        parse = partial(documents.compute_pool, env_id=env_id)
        self._take(ClusterKind.FLINK, env_id, client.compute_pools(env_id), parse)
        parse = partial(documents.schema_registry, env_id=env_id)
        self._take(ClusterKind.SCHEMA_REGISTRY, env_id, client.schema_registries(env_id), parse)

    def _take(
        self,
        kind: ClusterKind,
        place: str,
        pages: Iterable[list[Any]],
        parse: Callable[[Any], Resource],
    ) -> list[Resource]:
        resources = self._list(kind, place, pages, parse)
        self.resources.update((resource.id, (kind, resource)) for resource in resources)
        return resources

    def _take_accounts(
        self, kind: Kind, pages: Iterable[list[Any]], parse: Callable[[Any], Account]
    ) -> None:
        accounts = self._list(kind, "", pages, parse)
        self.accounts.update((account.id, (kind, account)) for account in accounts)

    def _list(
        self,
        kind: str,
        place: str,
        pages: Iterable[list[Any]],
        parse: Callable[[Any], Item],
    ) -> list[Item]:
        """The readable entries of one list; its troubles are noted."""
        items: list[Item] = []
        is_whole = True
        try:
            for entry in chain.from_iterable(pages):
                try:
                    items.append(parse(entry))
                except UnreadableDocument as error:
                    is_whole = False
                    self._note_unreadable(kind, place, error)
        except ConfluentError as error:
            if isinstance(error, Unreachable) or error.status in (None, 401):
                raise
            is_whole = False
            self._note_refused(kind, place, error)
        if is_whole:
            self.whole.add((kind, place))
        return items

    def _note_refused(self, kind: str, place: str, error: ConfluentError) -> None:
        logger.warning("The list of %s of %s was not read: %s", NAMES[kind], place, error)
        said = f"{error.status}: {error.detail}" if error.detail else str(error.status)
        asked = f" (X-Request-Id {error.request_id})" if error.request_id else ""
        without = ", nor any list of what is in them" if kind == ENVIRONMENT else ""
        sentence = (
            f"The list of {NAMES[kind]}<places> was not read{without}; Confluent answered "
            f"{said}{asked}. {_advice(error.status)} What is stored of it stays as it is."
        )
        trouble = _Trouble(sentence)
        reason = (kind, (error.status, error.detail))
        self._troubles.setdefault(reason, trouble).places.append(place)

    def _note_unreadable(self, kind: str, place: str, error: UnreadableDocument) -> None:
        logger.warning("An entry of the list of %s cannot be read: %s", NAMES[kind], error)
        sentence = (
            f"The list of {NAMES[kind]}<places> has entries that cannot be read, the first is "
            f"{error}. They were left out, and nothing of such a list is marked as gone."
        )
        self._troubles.setdefault((kind, None), _Trouble(sentence)).places.append(place)


def _connectors(client: ConfluentClient, cluster: Resource) -> Iterator[list[tuple[str, Any]]]:
    """The map of connectors as one page, asked for when it is read."""
    yield list(client.connectors(cluster.env_id, cluster.id).items())


def _advice(status: int | None) -> str:
    if status == 403:
        return "Give the key's owner a role that may see it, such as OrganizationAdmin."
    if status == 404:
        return "It may have been deleted just now; if this stays, check CONFLUENT_CLOUD_URL."
    return "If this stays, ask Confluent's support with the request id."


def _listed(places: list[str]) -> str:
    """of lkc-1, lkc-2, lkc-3 and 14 more; nothing for a list of the whole organization."""
    names = list(dict.fromkeys(place for place in places if place))
    if not names:
        return ""
    more = f" and {len(names) - PLACES_TOLD:,} more" if len(names) > PLACES_TOLD else ""
    return f" of {', '.join(names[:PLACES_TOLD])}{more}"
