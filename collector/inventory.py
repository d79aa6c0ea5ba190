"""Whose bill it is, and its environments, by Confluent's organization lists."""

import logging
from datetime import date
from typing import Any

import msgspec

from collector.client import ConfluentClient, ConfluentError, CredentialsRefused
from dimensions.models import Organization
from dimensions.services import note_environments, note_organization

logger = logging.getLogger(__name__)


def identify_organization(
    client: ConfluentClient, today: date, configured_id: str = ""
) -> Organization:
    """The organization that the key belongs to, noted in the dimensions.

    configured_id (CONFLUENT_ORGANIZATION_ID) serves a key that may not read the list, and chooses
    where the list has several. Raises ConfluentError when neither says which one it is.
    """
    try:
        listed = _documents(client.organizations())
    except CredentialsRefused as refused:
        if not configured_id or refused.status == 401:
            raise CredentialsRefused(
                f"{refused.args[0]} If the key may read costs but not the organization, set "
                "CONFLUENT_ORGANIZATION_ID.",
                status=refused.status,
                request_id=refused.request_id,
            ) from refused
        logger.warning("The organization's name is not known: %s", refused)
        return note_organization(configured_id, name="", metadata={}, today=today)
    if configured_id and configured_id not in listed:
        raise ConfluentError(
            f"CONFLUENT_ORGANIZATION_ID is {configured_id}, but the key belongs to "
            f"{', '.join(sorted(listed)) or 'no organization that it may read'}."
        )
    if not configured_id and len(listed) != 1:
        raise ConfluentError(
            f"The key sees {len(listed)} organizations ({', '.join(sorted(listed))}); "
            "set CONFLUENT_ORGANIZATION_ID to the one whose bill this is."
        )
    org_id = configured_id or next(iter(listed))
    name, document = listed[org_id]
    return note_organization(org_id, name=name, metadata=document, today=today)


def collect_environments(
    client: ConfluentClient, organization: Organization, today: date
) -> list[str]:
    """Note the listed environments; a refused list is a notice and stops nothing."""
    try:
        listed = _documents(client.environments())
    except ConfluentError as error:
        if error.status not in (403, 404):
            raise
        notice = f"The list of environments was not had; ids stand in for new names. {error}"
        logger.warning("%s", notice)
        return [notice]
    note_environments(organization, listed, today)
    return []


def _documents(pages: Any) -> dict[str, tuple[str, dict[str, Any]]]:
    """id -> (display name, document), of objects that have an id."""
    return {
        str(item["id"]): (str(item.get("display_name") or ""), msgspec.to_builtins(item))
        for page in pages
        for item in page
        if isinstance(item, dict) and item.get("id")
    }
