"""Collect a believable company's bill from the simulator, by the one pipeline."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError
from django.db.models import Count, Min, Sum

from collector.client import ConfluentClient, ConfluentError
from collector.inventory import sync_inventory
from collector.management.demo_company import curate
from collector.management.reporting import Bar, Lines, as_command_error, on_terminal
from collector.models import CollectionRun
from collector.pipeline import collect
from collector.simulator import SimulatedConfluent, World
from collector.windows import Window
from costs.models import BillingDay
from costs.partitions import ONE_DAY
from costs.reallocation import reallocate_pending
from dimensions.models import Organization

# Long enough ago that some days have been restated since.
FIRST_LOOK = timedelta(days=10)
TRIGGER = "seed_demo"
USER = PASSWORD = "demo"  # noqa: S105 (printed by `make demo`; refused in production)


class Command(BaseCommand):
    help = (
        "Fill an empty database with a demo company: the simulator's bill of the last days, "
        "collected over HTTP as it stood ten days ago and again as it stands now, so that "
        "restatements can be seen. Makes owners, rules and the user demo/demo once. Again is "
        "quick and safe."
    )

    # Neither credentials nor a schedule matter here.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=90, metavar="N", help="how many (90)")
        parser.add_argument("--scale", type=int, default=0, metavar="N", help="N more clusters")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo has a known password; it is not for production.")
        if not 1 <= options["days"] <= 365:
            raise CommandError("--days is a number from 1 to 365.", returncode=2)
        today = datetime.now(UTC).date()
        world = World(born=_born(today, options["days"]), scale=options["scale"])
        stored = Organization.objects.first()
        if stored and not CollectionRun.objects.filter(trigger=TRIGGER).exists():
            raise CommandError(
                f"This database holds the bill of {stored}; the demo would mix with it. "
                "Use a database of its own."
            )
        runs = self._collect(
            world, Window(today - timedelta(days=options["days"] - 1), today + ONE_DAY)
        )
        _make_user()
        self._allocate(today)
        newest = max(runs, key=lambda run: (run.window_end, run.pk))
        for notice in newest.notices:
            self.stdout.write(self.style.WARNING(f"Notice: {notice}"))
        totals = BillingDay.objects.aggregate(days=Count("day"), lines=Sum("line_count"))
        self.stdout.write(
            self.style.SUCCESS(f"Stored. Days: {totals['days']}, bill lines: {totals['lines']:,}.")
        )

    def _collect(self, world: World, window: Window) -> list[CollectionRun]:
        looks = [("now", timedelta(0))]
        if not BillingDay.objects.exists():
            looks.insert(0, ("ten days ago", FIRST_LOOK))
        with SimulatedConfluent(world) as confluent:
            client = ConfluentClient(confluent.url, "demo-key", "demo-secret")
            runs: list[CollectionRun] = []
            for when, age in looks:
                self.stdout.write(f"The bill as of {when}")
                confluent.clock = lambda age=age: datetime.now(UTC) - age  # type: ignore[misc]
                runs += self._look(client, window)
            sync_inventory(client)
        return runs

    def _allocate(self, today: date) -> None:
        """Let the company's people say who pays, once; then let the days follow."""
        organization = Organization.objects.get()
        if curate(organization, first=_born(today, 1), today=today):
            self.stdout.write("Made owners, allocation rules, policies and tags.")
        if days := sum(len(batch.days) for batch in reallocate_pending()):
            self.stdout.write(f"Allocated {days} days.")

    def _look(self, client: ConfluentClient, window: Window) -> list[CollectionRun]:
        bar = Bar() if on_terminal() else None
        try:
            # Oldest first: whenever it is interrupted, the company's first day is known.
            windows = window.by_month()[::-1]
            progress = bar or Lines(self.stdout)
            return collect(client, windows, trigger=TRIGGER, progress=progress)
        except (ConfluentError, DatabaseError) as error:
            raise as_command_error(error) from error
        finally:
            if bar:
                bar.close()


def _born(today: date, days: int) -> date:
    """The company's first day: that of the first demo, so that a later one tells the same story."""
    first = BillingDay.objects.aggregate(first=Min("day"))["first"]
    return first or today - timedelta(days=days - 1)


def _make_user() -> None:
    users = get_user_model().objects
    if not users.filter(username=USER).exists():
        users.create_superuser(USER, password=PASSWORD)
