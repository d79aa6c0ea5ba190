"""The whole portal with a demo company, in one command."""

import os
import re
import subprocess
import sys
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Min

from billing_portal.management.commands.serve import address, require_free_port
from billing_portal.with_postgres import running_url
from collector.management.commands.seed_demo import PASSWORD, USER
from costs.models import BillingDay


class Command(BaseCommand):
    help = "Migrate, collect a demo company's bill from the simulator, prove it, and serve."

    # Neither credentials nor a schedule matter here.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        then = parser.add_mutually_exclusive_group()
        then.add_argument("--no-serve", action="store_true", help="stop when the data is there")
        then.add_argument(
            "--simulator",
            metavar="HOST:PORT",
            help="then serve the simulated Confluent to others, instead of the portal",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        simulator = _host_and_port(options["simulator"]) if options["simulator"] else None
        serves_portal = not (options["no_serve"] or simulator)
        if serves_portal:
            require_free_port()
        self.stdout.write("1/3 Preparing the database")
        call_command("prepare_database", verbosity=0)
        self.stdout.write("2/3 Collecting 90 days of Meridian Foods from a simulated Confluent")
        call_command("seed_demo", stdout=self.stdout)
        self.stdout.write("3/3 Proving the facts against the bill")
        call_command("reconcile", stdout=self.stdout)
        is_embedded = running_url("demo") == settings.DATABASE_URL
        which = "EMBEDDED_DATABASE=demo " if is_embedded else ""
        self.stdout.write(
            f"\n  Look at   {address()}\n"
            f"  Admin     {address()}admin/   user {USER}, password {PASSWORD}\n"
            f"  API       {address()}docs\n"
            f"  Health    {address()}healthz\n"
            f"  Commands  {which}.venv/bin/python manage.py reconcile\n"
        )
        if serves_portal:
            os.environ |= _simulated_confluent()
            call_command("serve", stdout=self.stdout)
        elif simulator:
            host, port = simulator
            call_command("run_simulator", host=host, port=port, born=_born())


def _host_and_port(words: str) -> tuple[str, int]:
    host, _, port = words.rpartition(":")
    if not host or not port.isdigit():
        raise CommandError(f"--simulator is HOST:PORT, not {words!r}.", returncode=2)
    return host, int(port)


def _born() -> date:
    """The company's first day, so that what is collected later continues its bill."""
    born = BillingDay.objects.aggregate(first=Min("day"))["first"]
    assert isinstance(born, date)
    return born


def _simulated_confluent() -> dict[str, str]:
    """Run the demo's Confluent beside the portal, so that it can be collected from.

    Its standard input is a pipe that this process, and what it becomes, holds open: when the
    portal has ended, however it did, the simulator does, too. Returns what names it and its key.
    """
    command = [sys.executable, "manage.py", "run_simulator", "--port=0", f"--born={_born()}"]
    process = subprocess.Popen(  # noqa: S603 (our own interpreter)
        [*command, "--until-stdin-ends"],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # A Ctrl-C is for the portal; the simulator ends after it.
        start_new_session=True,
    )
    assert process.stdin
    assert process.stdout
    os.set_inheritable(process.stdin.fileno(), True)
    address = re.search(r"http://\S+(?=\.)", process.stdout.readline())
    if address is None:
        raise CommandError("The simulated Confluent did not start; what it said stands above.")
    return {
        "CONFLUENT_CLOUD_URL": address[0],
        "CONFLUENT_API_KEY": "demo-key",
        "CONFLUENT_API_SECRET": "demo-secret",
    }
