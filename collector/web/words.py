"""What pages say of a run, in words."""

from datetime import timedelta

from collector.models import CollectionRun
from collector.windows import Window

Failure, State = CollectionRun.Failure, CollectionRun.State

COUNTS = {
    "pages": "Pages of the bill read",
    "requests": "Requests to Confluent",
    "retries": "Requests repeated",
    "rate_limited": "Answers “too many requests”",
    "lines_received": "Lines received",
    "rows_quarantined": "Rows put in quarantine",
    "days_changed": "Days changed",
    "days_unchanged": "Days unchanged",
    "days_superseded": "Days kept of a newer fetch",
    "days_held": "Days kept, answered empty",
    "lines_added": "Lines added",
    "lines_closed": "Lines no longer on the bill",
    "facts_written": "Daily costs written",
    "hours_written": "Hourly costs written",
}
ADVICE = {
    Failure.CREDENTIALS: "Put a Cloud API key of a BillingAdmin or OrganizationAdmin into "
    "CONFLUENT_API_KEY and CONFLUENT_API_SECRET, start the portal again, and collect the same "
    "days again.",
    Failure.SETTINGS: "Correct the setting that it names, start the portal again, and collect the "
    "same days again.",
    Failure.UNREACHABLE: "See whether this machine reaches Confluent Cloud, then collect the same "
    "days again; every stored day is whole.",
    Failure.REFUSED: "Collect the same days again. If it is refused once more, ask Confluent's "
    "support, and give them the X-Request-Id if one is told above.",
    Failure.DATABASE: "See that the database runs and has room on its disk, then collect the same "
    "days again; every stored day is whole.",
    Failure.TIME_LIMIT: "Collect fewer days at a time; every stored day is whole.",
    Failure.OTHER: "See what the portal's log says of this time, then collect the same days again; "
    "every stored day is whole.",
}
_ABANDONED = "Collect the same days again; every stored day is whole."


def advice(run: CollectionRun) -> str:
    """What to do after a run that did not end well, as a sentence; empty: nothing."""
    if run.state == State.ABANDONED:
        return _ABANDONED
    return ADVICE[Failure(run.failure or Failure.OTHER)] if run.state == State.FAILED else ""


def counts(run: CollectionRun) -> list[tuple[str, int]]:
    """What it came to: labels and numbers."""
    return [(COUNTS[name], getattr(run, name)) for name in CollectionRun.COUNTS]


def duration(seconds: float | None) -> str:
    """Such as 0.5 s, 12 s, 3 min 20 s, 1 h 5 min; empty for None."""
    if seconds is None:
        return ""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    span = timedelta(seconds=round(seconds))
    minutes, rest = divmod(round(span.total_seconds()), 60)
    if minutes == 0:
        return f"{rest} s"
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min"


def days_of(run: CollectionRun) -> str:
    return days(Window(run.window_start, run.window_end))


def days(window: Window) -> str:
    """Such as 5 Nov 2026, 1 to 24 Nov 2026, 28 Oct to 4 Nov 2026; the last one is included."""
    first, last = window.start, window.last
    end = f"{last.day} {last:%b} {last.year}"
    if first == last:
        return end
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {end}"
    if first.year == last.year:
        return f"{first.day} {first:%b} to {end}"
    return f"{first.day} {first:%b} {first.year} to {end}"
