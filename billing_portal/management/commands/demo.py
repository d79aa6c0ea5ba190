"""The whole portal with a demo company, in one command."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from billing_portal.management.commands.serve import address, require_free_port
from billing_portal.with_postgres import running_url
from collector.management.commands.seed_demo import PASSWORD, USER


class Command(BaseCommand):
    help = "Migrate, collect a demo company's bill from the simulator, prove it, and serve."

    # Neither credentials nor a schedule matter here.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="stop when the data is there")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["no_serve"]:
            require_free_port()
        self.stdout.write("1/3 Preparing the database")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("setup_groups", verbosity=0)
        self.stdout.write("2/3 Collecting 90 days of Meridian Foods from a simulated Confluent")
        call_command("seed_demo", stdout=self.stdout)
        self.stdout.write("3/3 Proving the facts against the bill")
        call_command("reconcile", stdout=self.stdout)
        is_embedded = running_url("demo") == settings.DATABASE_URL
        which = "EMBEDDED_DATABASE=demo " if is_embedded else ""
        self.stdout.write(
            f"\n  Look at   {address()}\n"
            f"  Admin     {address()}admin/   user {USER}, password {PASSWORD}\n"
            f"  Health    {address()}healthz\n"
            f"  Commands  {which}.venv/bin/python manage.py reconcile\n"
        )
        if not options["no_serve"]:
            call_command("serve", stdout=self.stdout)
