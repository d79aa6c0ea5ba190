"""Windows of UTC days as the Costs API takes them: start included, end not, at most a month."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from collector.client import oldest_day
from costs.partitions import ONE_DAY, month_of, next_month

TRAILING_DAYS = 7
MOST_DAYS = 28  # of a month, whichever it is
LAST_DAY_OF_REVISIONS = 7  # of the month, for the month before


@dataclass(frozen=True, slots=True)
class Window:
    """The UTC days [start, end)."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"The window's end {self.end} is not after its start {self.start}.")

    def __str__(self) -> str:
        return f"{self.start} to {self.last}" if self.days_long > 1 else f"{self.start}"

    @property
    def days_long(self) -> int:
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        return self.end - ONE_DAY

    def days(self) -> Iterator[date]:
        for offset in range(self.days_long):
            yield self.start + timedelta(days=offset)

    def by_day(self) -> list["Window"]:
        return [Window(day, day + ONE_DAY) for day in self.days()]

    def by_month(self) -> list["Window"]:
        """Its parts in each calendar month, newest first: the recent days matter most."""
        parts, start = [], self.start
        while start < self.end:
            end = min(self.end, next_month(start))
            parts.append(Window(start, end))
            start = end
        return parts[::-1]


def recent(today: date) -> Window:
    """The month so far and the trailing days, today included."""
    return Window(min(month_of(today), today - timedelta(days=TRAILING_DAYS)), today + ONE_DAY)


def last_days(days: int, today: date) -> Window:
    """The last so many days, today included."""
    return Window(today - timedelta(days=days - 1), today + ONE_DAY)


def month_before(today: date) -> date:
    """The first day of the previous month."""
    return month_of(month_of(today) - ONE_DAY)


def trailing(today: date) -> Window:
    """What Confluent may still restate: the trailing days and, until the 7th, the previous month.

    Monthly revisions are final about 72 hours after the month's end:
    https://docs.confluent.io/cloud/current/billing/overview.html
    """
    start = today - timedelta(days=TRAILING_DAYS)
    if today.day <= LAST_DAY_OF_REVISIONS:
        start = month_before(today)
    return Window(start, today + ONE_DAY)


def longest_end(start: date) -> date:
    """The latest end that Confluent takes with this start: the same day of the next month."""
    following = next_month(start)
    return following + timedelta(days=min(start.day, (next_month(following) - following).days) - 1)


def month(text: str, today: date) -> Window:
    """The month YYYY-MM up to today; ValueError says what is wrong."""
    try:
        start = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ValueError(f"{text!r} is not a month; write it as YYYY-MM.") from None
    if start > today:
        raise ValueError(f"{text} has not begun yet.")
    return Window(start, min(next_month(start), today + ONE_DAY))


def last_months(months: int, today: date, oldest: date) -> list[Window]:
    """The current month and those before it, newest first, no day before `oldest`."""
    start = month_of(today)
    for _ in range(months - 1):
        start = month_of(start - ONE_DAY)
    return Window(max(start, oldest), today + ONE_DAY).by_month()


class TooLong(ValueError):
    """More than one collection takes; end is the latest that would do (exclusive)."""

    def __init__(self, end: date) -> None:
        super().__init__(
            f"A collection is of a month at most: from this start on, the end can be {end}."
        )
        self.end = end


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Days of one collection as somebody names them; nothing is the current month so far.

    start_date and end_date (exclusive; None: today is the last day), or month (YYYY-MM), or days
    (the last so many, today included).
    """

    start_date: date | None = None
    end_date: date | None = None
    month: str | None = None
    days: int | None = None

    def window(self, today: date) -> Window:
        """The UTC days, cut after today: at most a month, no older than a year.

        Raises ValueError with what is wrong, as a sentence; TooLong if it is only that.
        """
        window = self._named(today)
        if window.start < oldest_day(today):
            raise ValueError(
                f"Confluent answers for one year only: the first day can be {oldest_day(today)}."
            )
        if window.end > (longest := longest_end(window.start)):
            raise TooLong(longest)
        return window

    def _named(self, today: date) -> Window:
        by_dates = self.start_date is not None or self.end_date is not None
        if (self.month is not None) + (self.days is not None) + by_dates > 1:
            raise ValueError("Give start_date and end_date, or month, or days: one of the three.")
        if self.month is not None:
            return month(self.month, today)
        if self.days is not None:
            return last_days(self.days, today)
        if not by_dates:
            return Window(month_of(today), today + ONE_DAY)
        if self.start_date is None:
            raise ValueError("end_date needs a start_date.")
        if self.start_date > today:
            raise ValueError(
                f"{self.start_date} has not begun yet (days are UTC; today is {today})."
            )
        return Window(self.start_date, min(self.end_date or today + ONE_DAY, today + ONE_DAY))
