"""Writers of what Confluent's lists say; what a person edited is not touched."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from dimensions.models import Environment, Organization


def note_organization(
    org_id: str, *, name: str, metadata: Mapping[str, Any], today: date
) -> Organization:
    """The organization with that id, made or brought up to date; an empty name changes nothing."""
    organization, _ = Organization.objects.get_or_create(
        org_id=org_id, defaults={"first_seen": today}
    )
    before = (organization.name, organization.metadata, organization.last_seen)
    if name:
        organization.name, organization.metadata = name, dict(metadata)
    organization.last_seen = max(organization.last_seen or today, today)
    if before != (organization.name, organization.metadata, organization.last_seen):
        organization.save(update_fields=["name", "metadata", "last_seen"])
    return organization


def note_environments(
    organization: Organization, listed: Mapping[str, tuple[str, Mapping[str, Any]]], today: date
) -> None:
    """Note the listed environments: id -> (name, the document as received)."""
    known = {item.env_id: item for item in organization.environments.all()}
    changed = []
    for env_id, (name, metadata) in sorted(listed.items()):
        environment = known.get(env_id) or Environment(
            organization=organization, env_id=env_id, first_seen=today
        )
        before = (environment.name, environment.metadata, environment.last_seen)
        environment.name, environment.metadata = name, dict(metadata)
        environment.last_seen = max(environment.last_seen or today, today)
        if before != (environment.name, environment.metadata, environment.last_seen):
            changed.append(environment)
    # In the order of the key, and as an upsert: another collector may be at the same list.
    Environment.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["organization", "env_id"],
        update_fields=["name", "metadata", "last_seen"],
    )
