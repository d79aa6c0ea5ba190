"""Serve an invented company's bill with Confluent's own API."""

import os
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from collector.simulator import Faults, SimulatedConfluent, World
from collector.simulator.faults import KINDS


class Command(BaseCommand):
    help = (
        "Serve an invented company's bill and inventory as Confluent's API would, for trying the "
        "portal without an account. Ctrl-C ends it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8090)
        parser.add_argument("--api-key", default="demo-key")
        parser.add_argument("--api-secret", default="demo-secret")
        parser.add_argument("--seed", type=int, default=1, help="another seed, another bill")
        parser.add_argument(
            "--born",
            type=date.fromisoformat,
            default=datetime.now(UTC).date() - timedelta(days=364),
            metavar="YYYY-MM-DD",
            help="first day of the bill (364 days ago)",
        )
        parser.add_argument(
            "--scale", type=int, default=0, metavar="N", help="N more Kafka clusters of 4 lines"
        )
        parser.add_argument(
            "--rate-limit", type=int, metavar="N", help="answer 429 after N requests a minute"
        )
        parser.add_argument(
            "--fault",
            action="append",
            default=[],
            choices=KINDS,
            help="spoil the next request so; repeatable, in order",
        )

        parser.add_argument(
            "--until-stdin-ends",
            action="store_true",
            help="end by itself when standard input does: with whoever holds its other end",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["scale"] < 0 or not 0 <= options["port"] <= 65_535:
            raise CommandError("--scale is 0 or more, --port 0 to 65535.", returncode=2)
        if options["born"] > datetime.now(UTC).date():
            raise CommandError("--born is a day that has begun.", returncode=2)
        try:
            faults = Faults()
            faults.add(*options["fault"])
            simulated = SimulatedConfluent(
                World(seed=options["seed"], born=options["born"], scale=options["scale"]),
                api_key=options["api_key"],
                api_secret=options["api_secret"],
                host=options["host"],
                port=options["port"],
                rate_limit=options["rate_limit"],
                faults=faults,
            )
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {options['host']}:{options['port']}: {error.strerror}. "
                "Choose another --port."
            ) from error
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(
            f"A simulated Confluent Cloud answers at {simulated.url}. To collect from it:\n"
            f"  CONFLUENT_CLOUD_URL={simulated.url} CONFLUENT_API_KEY={options['api_key']} "
            f"CONFLUENT_API_SECRET={options['api_secret']} .venv/bin/python manage.py collect_costs"
        )
        self.stdout.flush()
        if options["until_stdin_ends"]:
            threading.Thread(target=_end_with_stdin, daemon=True).start()
        try:
            simulated.serve_forever()
        except KeyboardInterrupt:
            self.stdout.write("The simulator has stopped.")


def _end_with_stdin() -> None:
    while os.read(sys.stdin.fileno(), 1_024):
        """Whatever is said there does not matter."""
    os._exit(0)
