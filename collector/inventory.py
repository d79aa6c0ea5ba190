"""Whose bill it is, and its environments, by Confluent's organization lists."""

import logging
from collections.abc import Iterable
from datetime import date
from http import HTTPStatus

import msgspec

from collector.client import ConfluentClient, ConfluentError, OrganizationUnclear, Row
from collector.payloads import json_text
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
    name, document = listed[org_id]
    return note_organization(org_id, name=name, metadata=document, today=today)


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
    note_environments(organization, listed, today)
    return []


def _documents(pages: Iterable[list[Row]]) -> dict[str, tuple[str, Row]]:
    """id -> (display name, the document as the database can hold it), of objects with an id."""
    documents = (
        msgspec.json.decode(json_text(item))
        for page in pages
        for item in page
        if isinstance(item, dict) and item.get("id")
    )
    return {
        str(document["id"]): (str(document.get("display_name") or ""), document)
        for document in documents
    }
