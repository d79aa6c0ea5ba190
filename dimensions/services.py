"""Writers of what Confluent's lists say; what a person edited is not touched.

Whole statements, which leave no history: that is kept of what people say. Rows are locked in the
order of their keys, as the bill does, so that no two writers wait for each other.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet

from dimensions.kinds import ClusterKind
from dimensions.models import Cluster, Environment, Organization, Principal

Row = TypeVar("Row", Environment, Cluster, Principal)

_OF_A_CLUSTER = [
    "name",
    "metadata",
    "env_id",
    "kind",
    "cluster_type",
    "capacity",
    "cloud_provider",
    "region",
    "availability",
    "status",
    "parent_cluster_id",
    "owner_principal",
]
_KEYS = {Environment: "env_id", Cluster: "cluster_id", Principal: "principal_id"}
# What the bill, or an earlier list, knows better than a list that does not say.
_NEVER_EMPTIED = {"name", "env_id", "cloud_provider", "region", "parent_cluster_id"}


@dataclass(frozen=True, slots=True)
class Noted:
    """Ids of the rows that a list made, and of those in which it changed more than last_seen."""

    new: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WholeLists:
    """The lists that were read to their end: only what belongs into one of them can be gone."""

    environments: bool = False
    of_environments: frozenset[tuple[ClusterKind, str]] = frozenset()
    connectors_of: frozenset[str] = frozenset()


def note_organization(
    org_id: str, *, name: str, metadata: Mapping[str, Any], today: date
) -> Organization:
    """The organization with that id, made or brought up to date; an empty name changes nothing."""
    rows = Organization.objects.filter(org_id=org_id)
    if not rows.exists():
        made = Organization(org_id=org_id, first_seen=today)
        Organization.objects.bulk_create([made], ignore_conflicts=True)
    organization = rows.get()
    said: dict[str, Any] = {"name": name, "metadata": dict(metadata)} if name else {}
    seen = max(organization.last_seen or today, today)
    if any(getattr(organization, column) != value for column, value in said.items()) or (
        organization.last_seen != seen
    ):
        rows.update(**said, last_seen=seen)
        organization = rows.get()
    return organization


def note_environments(
    organization: Organization, listed: Sequence[Environment], today: date
) -> Noted:
    """Note listed environments: unsaved rows with env_id, name and metadata."""
    known = {row.env_id: row for row in organization.environments.all()}
    return _note(organization, Environment, known, listed, ["name", "metadata"], today)


def note_clusters(
    organization: Organization, listed: Sequence[Cluster], today: date
) -> tuple[Noted, frozenset[str]]:
    """Note listed resources (unsaved rows); also the ids of those whose parent is now another."""
    known = {row.cluster_id: row for row in organization.clusters.all()}
    parents = {cluster_id: row.parent_cluster_id for cluster_id, row in known.items()}
    for row in listed:
        before = known.get(row.cluster_id)
        if before and before.name and before.metadata == row.metadata:
            # The bill names it too, day by day: the same document again does not rename it back.
            row.name = before.name
    noted = _note(organization, Cluster, known, listed, _OF_A_CLUSTER, today)
    moved = (
        row.cluster_id
        for row in listed
        if row.cluster_id in parents and row.parent_cluster_id != parents[row.cluster_id]
    )
    return noted, frozenset(moved)


def note_principals(organization: Organization, listed: Sequence[Principal], today: date) -> Noted:
    """Note listed service accounts or users: unsaved rows."""
    known = {row.principal_id: row for row in organization.principals.all()}
    columns = ["name", "metadata", "kind", "description"]
    return _note(organization, Principal, known, listed, columns, today)


def mark_environments_gone(organization: Organization, listed: Collection[str], today: date) -> int:
    """Mark what has been listed once and is not in a list that was read to its end; how many."""
    missing = organization.environments.exclude(env_id__in=listed)
    return len(_mark_gone(missing, "env_id", today))


def mark_principals_gone(
    organization: Organization, kind: Principal.Kind, listed: Collection[str], today: date
) -> int:
    """The same for the principals of one kind."""
    missing = organization.principals.filter(kind=kind).exclude(principal_id__in=listed)
    return len(_mark_gone(missing, "principal_id", today))


def mark_clusters_gone(
    organization: Organization, listed: Collection[str], whole: WholeLists, today: date
) -> Counter[str]:
    """The same for resources, each by the list that it belongs into; how many of which kind.

    With an environment goes what is in it, with a Kafka cluster the connectors on it, for whose
    list nobody can ask any more.
    """
    missing = organization.clusters.exclude(cluster_id__in=listed)
    at_home = Q(kind=ClusterKind.CONNECTOR, parent_cluster_id__in=whole.connectors_of)
    for kind in {kind for kind, _ in whole.of_environments}:
        homes = [env_id for of, env_id in whole.of_environments if of == kind]
        at_home |= Q(kind=kind, env_id__in=homes)
    if whole.environments:
        vanished = organization.environments.filter(gone_since__isnull=False)
        at_home |= Q(env_id__in=vanished.values("env_id"))
    marked = _mark_gone(missing.filter(at_home), "cluster_id", today)
    hosts = organization.clusters.filter(kind=ClusterKind.KAFKA, gone_since__isnull=False)
    orphans = Q(kind=ClusterKind.CONNECTOR, parent_cluster_id__in=hosts.values("cluster_id"))
    marked += _mark_gone(missing.filter(orphans), "cluster_id", today)
    return Counter(row.kind for row in marked)


def forget_users(organization: Organization) -> None:
    """Take away what was stored about people when users were collected; rows and notes stay."""
    users = organization.principals.filter(kind=Principal.Kind.USER)
    users.exclude(name="", metadata={}).update(name="", metadata={})


def _note(
    organization: Organization,
    model: type[Row],
    known: Mapping[str, Row],
    listed: Sequence[Row],
    columns: list[str],
    today: date,
) -> Noted:
    """Write the listed rows that differ from the known ones, or were last seen before today."""
    key = _KEYS[model]
    new, changed, written = set(), set(), []
    for row in sorted(listed, key=lambda row: str(getattr(row, key))):
        id = getattr(row, key)
        before = known.get(id)
        if before is None:
            new.add(id)
        elif _changes(before, row, columns):
            changed.add(id)
        elif before.last_seen is not None and before.last_seen >= today:
            continue
        row.organization, row.first_seen, row.gone_since = organization, today, None
        row.last_seen = max(today, before.last_seen or today) if before else today
        written.append(row)
    model._default_manager.bulk_create(
        written,
        update_conflicts=True,
        unique_fields=["organization", key],
        update_fields=[*columns, "last_seen", "gone_since"],
    )
    return Noted(frozenset(new), frozenset(changed))


def _changes(before: Row, row: Row, columns: list[str]) -> bool:
    """Whether the list says something new; what it leaves open is taken over into `row`."""
    for column in _NEVER_EMPTIED.intersection(columns):
        if not getattr(row, column):
            setattr(row, column, getattr(before, column))
    return before.gone_since is not None or any(
        getattr(row, column) != getattr(before, column) for column in columns
    )


def _mark_gone(rows: QuerySet[Row], key: str, today: date) -> list[Row]:
    """Mark those of the rows that have been listed: the bill alone never had a document."""
    with transaction.atomic():
        unmarked = rows.filter(gone_since__isnull=True).exclude(metadata={})
        found = list(unmarked.order_by(key).defer("metadata").select_for_update(of=("self",)))
        if found:
            ids = [row.pk for row in found]
            rows.model._default_manager.filter(pk__in=ids).update(gone_since=today)
    return found
