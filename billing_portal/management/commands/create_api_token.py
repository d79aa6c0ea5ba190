"""Make an API token for a user."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing_portal.tokens import LONGEST_DAYS, USUAL_DAYS, make_token
from dimensions.models import TokenScope


class Command(BaseCommand):
    help = (
        "Make an API token for a user and print it, once: it is stored as a hash. It may do what "
        "the user may, as far as its scopes go. Revoke it in the admin, or with --revoke NAME."
    )
    # Neither credentials nor a schedule matter here.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user's name")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--name", help="what the token is for")
        which.add_argument("--revoke", metavar="NAME", help="take the token of that name away")
        parser.add_argument(
            "--scope",
            action="append",
            choices=TokenScope.values,
            help="what it may do; repeat for several (read)",
        )
        parser.add_argument(
            "--days",
            type=int,
            default=USUAL_DAYS,
            metavar="N",
            help=f"until it expires, 1 to {LONGEST_DAYS} ({USUAL_DAYS})",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']}.", returncode=2)
        if options["revoke"]:
            self._revoke(user, options["revoke"])
            return
        if not 1 <= options["days"] <= LONGEST_DAYS:
            raise CommandError(f"--days is a number from 1 to {LONGEST_DAYS}.", returncode=2)
        scopes = options["scope"] or [TokenScope.READ]
        made, text = make_token(
            user, name=options["name"][:100], scopes=scopes, days=options["days"]
        )
        self.stderr.write(
            f"Token {made.name!r} of {user} may {', '.join(made.scopes)} until "
            f"{made.expiry:%Y-%m-%d %H:%M} UTC. It is shown this once:"
        )
        # Alone on standard output, so that a script can keep it.
        self.stdout.write(text)

    def _revoke(self, user: Any, name: str) -> None:
        count, _ = user.auth_token_set.filter(name=name).delete()
        if not count:
            raise CommandError(f"{user} has no token {name!r}.", returncode=2)
        self.stdout.write(f"Revoked: {count}.")
