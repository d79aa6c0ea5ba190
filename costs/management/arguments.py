"""Arguments that several commands take."""

from argparse import ArgumentTypeError
from datetime import date

from django.core.management.base import CommandError

from dimensions.models import Organization


def utc_day(text: str) -> date:
    """A day as people write it for a command: YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day; write it as YYYY-MM-DD.") from None


def chosen_organization(org_id: str | None) -> Organization:
    """The organization with that id; without one the only organization that there is."""
    if org_id:
        if found := Organization.objects.filter(org_id=org_id).first():
            return found
        raise CommandError(f"There is no organization {org_id}.", returncode=2)
    known = list(Organization.objects.all()[:2])
    if len(known) == 1:
        return known[0]
    if not known:
        raise CommandError("Nothing is stored yet; collect first (collect_costs).")
    raise CommandError("Several organizations are stored; choose one by --org.", returncode=2)
