"""Arguments that several commands take."""

from argparse import ArgumentTypeError
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Max, Min

from costs.models import BillingDay
from costs.partitions import ONE_DAY
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


def add_range_arguments(parser: CommandParser) -> None:
    """--start and --end, the day after the last one."""
    parser.add_argument("--start", type=utc_day, metavar="YYYY-MM-DD")
    parser.add_argument("--end", type=utc_day, metavar="YYYY-MM-DD", help="day after the last one")


def chosen_range(options: Mapping[str, Any]) -> tuple[date, date]:
    """The days [start, end) that were asked for; what is not said is where the stored days end."""
    stored = BillingDay.objects.aggregate(first=Min("day"), last=Max("day"))
    if stored["first"] is None:
        raise CommandError("Nothing is stored yet; collect first (collect_costs).")
    start = options["start"] or stored["first"]
    end = options["end"] or stored["last"] + ONE_DAY
    if end <= start:
        raise CommandError(f"There is no day from {start} to before {end}.", returncode=2)
    return start, end
