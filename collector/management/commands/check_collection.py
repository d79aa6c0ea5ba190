"""Is collecting well? For Nagios, Icinga and the like."""

import sys
from datetime import timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error as DatabaseError

from collector.health import Level, Limits, findings, last_success, usual_limits
from costs.clock import database_now


class Command(BaseCommand):
    help = (
        "One line and an exit code for monitors: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. Looks at "
        "the age of the last success, the newest run, the last proof, beat, the broker and the "
        "quarantine. By default 3 and 6 hours are allowed with the hourly job, else 30 and 54."
    )

    # What is wrong with the settings shows in what it finds.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--warning", type=float, metavar="HOURS", help="age of the success")
        parser.add_argument("--critical", type=float, metavar="HOURS")

    def handle(self, *args: Any, **options: Any) -> None:
        limits = _limits(options["warning"], options["critical"])
        try:
            level, words = _judged(limits)
            age = _age_in_hours()
        except (DatabaseError, ImproperlyConfigured) as error:
            level, words, age = Level.UNKNOWN, f"the database does not answer: {error}", None
        warning, critical = (f"{_hours(each):g}" for each in (limits.warning, limits.critical))
        measured = "" if age is None else f" | age={age:.2f}h;{warning};{critical};0"
        line = " ".join(words.split()).replace("|", "/")
        self.stdout.write(f"COLLECTION {level.name} - {line}{measured}")
        if level:
            sys.exit(int(level))


def _judged(limits: Limits) -> tuple[Level, str]:
    """The worst level, and all that is to be said, the worst first."""
    found = sorted(findings(limits), key=lambda finding: -_badness(finding.level))
    if not found:
        return Level.OK, "the bill is collected and proved"
    return found[0].level, "; ".join(finding.words for finding in found)


def _badness(level: Level) -> int:
    """To know nothing is worse than a warning, but not than what is known to be critical."""
    return (Level.OK, Level.WARNING, Level.UNKNOWN, Level.CRITICAL).index(level)


def _age_in_hours() -> float | None:
    succeeded = last_success()
    return None if succeeded is None else _hours(database_now() - succeeded)


def _limits(warning: float | None, critical: float | None) -> Limits:
    usual = usual_limits()
    limits = Limits(
        usual.warning if warning is None else timedelta(hours=warning),
        usual.critical if critical is None else timedelta(hours=critical),
    )
    if not timedelta(0) <= limits.warning <= limits.critical:
        raise CommandError(
            "--warning and --critical are hours, the first not more than the second.", returncode=3
        )
    return limits


def _hours(span: timedelta) -> float:
    return span.total_seconds() / 3600
