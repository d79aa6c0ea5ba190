"""Whose bill it is, and what Confluent's lists say is there, noted in the dimensions."""

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus

from collector import documents
from collector.bodies import Row
from collector.client import ConfluentClient, ConfluentError, OrganizationUnclear
from collector.documents import Account, Described, Resource, UnreadableDocument
from collector.lists import ENVIRONMENT, NAMES, Inventory
from costs.clock import database_now
from dimensions.kinds import ClusterKind
from dimensions.models import Cluster, Environment, Organization, Principal
from dimensions.services import (
    Noted,
    WholeLists,
    forget_users,
    mark_clusters_gone,
    mark_environments_gone,
    mark_principals_gone,
    note_clusters,
    note_environments,
    note_organization,
    note_principals,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one kind: rows in the lists, made, changed (more than last_seen), marked as gone."""

    listed: int
    new: int
    changed: int
    gone: int


@dataclass(frozen=True, slots=True)
class InventoryReport:
    """What a sync came to. counts has a kind of NAMES for every kind that was asked for.

    children are known resources whose Kafka cluster is now another: their costs may move.
    """

    organization_id: str
    counts: Mapping[str, Counts]
    notices: tuple[str, ...]
    children: tuple[str, ...]


def sync_inventory(
    client: ConfluentClient, *, organization_id: str = "", collect_users: bool = False
) -> InventoryReport:
    """Make the dimensions what Confluent's lists say now.

    1. whose  the organization that the key belongs to
    2. read   every list; one that is refused is a notice, and the rest goes on
    3. note   what is new or changed; what people edited stays
    4. mark   as gone what is missing in a list that was read to its end

    Raises CredentialsRefused for a key that is not taken, OrganizationUnclear, and Unreachable
    for a server that is down; then what was read before is stored all the same.
    """
    today = database_now().date()
    organization = identify_organization(client, today, organization_id)
    found = Inventory()
    try:
        found.read(client, users=collect_users)
    except ConfluentError:
        _store(organization, found, today, users=collect_users)
        raise
    return _store(organization, found, today, users=collect_users)


def _store(
    organization: Organization, found: Inventory, today: date, *, users: bool
) -> InventoryReport:
    notices = found.notices
    environments = note_environments(
        organization, [_environment(each) for each in found.environments.values()], today
    )
    clusters, children = note_clusters(
        organization, [_cluster(*each) for each in found.resources.values()], today
    )
    principals = note_principals(
        organization, [_principal(*each) for each in found.accounts.values()], today
    )
    if not users:
        forget_users(organization)
    noted = Noted(
        environments.new | clusters.new | principals.new,
        environments.changed | clusters.changed | principals.changed,
    )
    if (ENVIRONMENT, "") in found.whole and not found.environments:
        # Far likelier a key that lost its roles than a company without anything.
        found.whole.discard((ENVIRONMENT, ""))
        notices.append("The list of environments is empty; nothing was marked as gone for it.")
    return InventoryReport(
        organization_id=organization.org_id,
        counts=_counts(found, noted, _mark_gone(organization, found, today), users=users),
        notices=tuple(notices),
        children=tuple(sorted(children)),
    )


def _mark_gone(organization: Organization, found: Inventory, today: date) -> Counter[str]:
    """How many of each kind vanished."""
    gone: Counter[str] = Counter()
    if (ENVIRONMENT, "") in found.whole:
        gone[ENVIRONMENT] = mark_environments_gone(organization, found.environments, today)
    gone += mark_clusters_gone(organization, found.resources, _whole_lists(found), today)
    for kind in Principal.Kind:
        if (kind, "") in found.whole:
            gone[kind] = mark_principals_gone(organization, kind, found.accounts, today)
    return gone


def _whole_lists(found: Inventory) -> WholeLists:
    return WholeLists(
        environments=(ENVIRONMENT, "") in found.whole,
        of_environments=frozenset(
            (ClusterKind(kind), place)
            for kind, place in found.whole
            if kind in ClusterKind.values and kind != ClusterKind.CONNECTOR
        ),
        connectors_of=frozenset(
            place for kind, place in found.whole if kind == ClusterKind.CONNECTOR
        ),
    )


def _counts(
    found: Inventory, noted: Noted, gone: Mapping[str, int], *, users: bool
) -> dict[str, Counts]:
    kinds = dict.fromkeys(found.environments, ENVIRONMENT)
    kinds |= {id: str(kind) for id, (kind, _) in found.resources.items()}
    kinds |= {id: str(kind) for id, (kind, _) in found.accounts.items()}

    def of(ids: Collection[str]) -> Counter[str]:
        return Counter(kinds[id] for id in ids)

    listed, new, changed = of(kinds), of(noted.new), of(noted.changed)
    return {
        str(kind): Counts(listed[kind], new[kind], changed[kind], gone.get(kind, 0))
        for kind in NAMES
        if users or kind != Principal.Kind.USER
    }


def _environment(said: Described) -> Environment:
    return Environment(env_id=said.id, name=said.name, metadata=said.metadata)


def _cluster(kind: ClusterKind, said: Resource) -> Cluster:
    return Cluster(
        cluster_id=said.id,
        kind=kind,
        name=said.name,
        env_id=said.env_id,
        cluster_type=said.cluster_type,
        capacity=said.capacity,
        cloud_provider=said.cloud_provider,
        region=said.region,
        availability=said.availability,
        status=said.status,
        parent_cluster_id=said.parent_cluster_id,
        owner_principal=said.owner_principal,
        metadata=said.metadata,
    )


def _principal(kind: Principal.Kind, said: Account) -> Principal:
    return Principal(
        principal_id=said.id,
        kind=kind,
        name=said.name,
        description=said.description,
        metadata=said.metadata,
    )


def identify_organization(
    client: ConfluentClient, today: date, configured_id: str = ""
) -> Organization:
    """The organization that the key belongs to, noted in the dimensions.

    configured_id (CONFLUENT_ORGANIZATION_ID) serves a key that may not read the list, and chooses
    where the list has several. Raises ConfluentError when neither says which one it is.
    """
    try:
        listed = _documents(client.organizations())
    except ConfluentError as error:
        if error.status == HTTPStatus.FORBIDDEN and not configured_id:
            error.add_hint(
                "If the key may read costs but not the organization, set CONFLUENT_ORGANIZATION_ID."
            )
        if error.status == HTTPStatus.UNAUTHORIZED or not configured_id:
            raise
        logger.warning("The organization's name is not known: %s", error)
        return note_organization(configured_id, name="", metadata={}, today=today)
    if configured_id and configured_id not in listed:
        raise OrganizationUnclear(
            f"CONFLUENT_ORGANIZATION_ID is {configured_id}, but the key belongs to "
            f"{', '.join(sorted(listed)) or 'no organization that it may read'}."
        )
    if not configured_id and len(listed) != 1:
        raise OrganizationUnclear(
            f"The key sees {len(listed)} organizations ({', '.join(sorted(listed))}); "
            "set CONFLUENT_ORGANIZATION_ID to the one whose bill this is."
        )
    org_id = configured_id or next(iter(listed))
    said = listed[org_id]
    return note_organization(org_id, name=said.name, metadata=said.metadata, today=today)


def collect_environments(
    client: ConfluentClient, organization: Organization, today: date
) -> list[str]:
    """Note the listed environments; without the list the bill is collected all the same."""
    try:
        listed = _documents(client.environments())
    except ConfluentError as error:
        if error.status == HTTPStatus.UNAUTHORIZED:
            raise
        notice = f"The list of environments was not had; ids stand in for new names. {error}"
        logger.warning("%s", notice)
        return [notice]
    note_environments(organization, [_environment(each) for each in listed.values()], today)
    return []


def _documents(pages: Iterable[list[Row]]) -> dict[str, Described]:
    """The readable entries by id."""
    listed: dict[str, Described] = {}
    for page in pages:
        for entry in page:
            with suppress(UnreadableDocument):
                said = documents.environment(entry)
                listed[said.id] = said
    return listed
