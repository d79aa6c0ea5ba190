"""Make the groups FinOps, Operator and Viewer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from billing_portal.groups import make_groups


class Command(BaseCommand):
    help = (
        "Make the groups FinOps (curates owners, rules, policies, tags and names; views the rest), "
        "Operator (starts and cancels collections; views the rest) and Viewer, or give them the "
        "permissions that they lack. Takes none away. Runs after migrate, which makes the "
        "permissions."
    )

    # Neither credentials nor a schedule matter here.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            given = make_groups()
        except (DatabaseError, LookupError) as error:
            raise CommandError(
                f"The permissions are not there yet; run manage.py migrate first. {error}"
            ) from error
        if options["verbosity"]:
            for name, count in given.items():
                self.stdout.write(f"{name}: permissions given: {count}")
