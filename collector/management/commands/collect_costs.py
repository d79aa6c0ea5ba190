"""Collect the bill of a range of days from Confluent Cloud."""

from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from collector import windows
from collector.client import oldest_day
from collector.management.collecting import collect_and_report
from collector.management.reporting import ConfluentCommand, add_json_argument
from collector.windows import Window
from costs.partitions import ONE_DAY

DAYS_ANSWERED = 366  # today and the year before it


class Command(ConfluentCommand):
    help = (
        "Collect the bill from Confluent Cloud: by default the current month so far and the "
        "trailing 7 days, today included. All days are UTC. Safe to run at any time, any number "
        "of times: only what changed is written."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--start", metavar="YYYY-MM-DD", help="first day")
        parser.add_argument("--end", metavar="YYYY-MM-DD", help="day after the last one")
        parser.add_argument("--month", metavar="YYYY-MM", help="one calendar month")
        parser.add_argument("--days", type=int, metavar="N", help="the last N days, today included")
        add_json_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        today = datetime.now(UTC).date()
        try:
            window = _asked_window(options, today)
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        if window.start < oldest_day(today):
            raise CommandError(
                f"Confluent answers for one year only: the first day can be {oldest_day(today)}.",
                returncode=2,
            )
        collect_and_report(self, window.by_month(), trigger="collect_costs", json=options["json"])


def _asked_window(options: dict[str, Any], today: date) -> Window:
    """The window that the arguments name, cut after today; ValueError says what is wrong."""
    start, end, month, days = (options[name] for name in ("start", "end", "month", "days"))
    if (month is not None) + (days is not None) + (start is not None or end is not None) > 1:
        raise ValueError("Give --start and --end, or --month, or --days: one of the three.")
    if month is not None:
        return windows.month(month, today)
    if days is not None:
        if not 1 <= days <= DAYS_ANSWERED:
            raise ValueError(f"--days is a number from 1 to {DAYS_ANSWERED}.")
        return windows.last_days(days, today)
    if start is None and end is None:
        return windows.recent(today)
    if start is None or end is None:
        raise ValueError("--start and --end go together (the end is the day after the last one).")
    first, after = _day("--start", start), _day("--end", end)
    if first > today:
        raise ValueError(f"--start {first} has not begun yet (days are UTC; today is {today}).")
    return Window(first, min(after, today + ONE_DAY))


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{name} {text!r} is not a day; write it as YYYY-MM-DD.") from None
