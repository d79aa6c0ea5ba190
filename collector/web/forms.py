"""The forms that ask for a collection."""

from datetime import date
from typing import Any

from django import forms
from django.db import models

from collector.client import oldest_day
from collector.windows import MOST_DAYS, Asked, TooLong, Window
from costs.partitions import ONE_DAY, next_month


class Way(models.TextChoices):
    """How somebody names days."""

    CURRENT = "current"
    DAYS = "days"
    MONTH = "month"
    DATES = "dates"


# The field of each way without which it says nothing, and what is said of it then.
_NEEDED = {
    Way.DAYS: ("days", f"Give a number from 1 to {MOST_DAYS}."),
    Way.MONTH: ("month", "Give a month as YYYY-MM."),
    Way.DATES: ("first", "Give the first day."),
}
_NOT_A_DAY = {"invalid": "Write the day as YYYY-MM-DD."}


def _day(label: str) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages=_NOT_A_DAY,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class CollectForm(forms.Form):
    """Days in one of four ways: `by` says which, nothing is the current month so far.

    window: the UTC days, once the form is valid.
    """

    window: Window

    by = forms.ChoiceField(
        choices=Way,
        required=False,
        error_messages={"invalid_choice": "Choose one of the ways below."},
    )
    days = forms.IntegerField(
        label=f"How many, today included (1 to {MOST_DAYS})",
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _NEEDED[Way.DAYS][1]),
    )
    month = forms.RegexField(
        r"^[0-9]{4}-[0-9]{2}$",
        label="Month (YYYY-MM)",
        required=False,
        error_messages={"invalid": "Write the month as YYYY-MM."},
        widget=forms.TextInput(attrs={"type": "month", "placeholder": "YYYY-MM"}),
    )
    first = _day("First day")
    last = _day("Last day, included (empty: today)")

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, label_suffix="", initial={"days": 7})
        self.today = today
        oldest = oldest_day(today)
        days = {"min": str(oldest), "max": str(today)}
        # Of a month the first day is asked for, too.
        months = {"min": f"{next_month(oldest - ONE_DAY):%Y-%m}", "max": f"{today:%Y-%m}"}
        for name, limits in (("first", days), ("last", days), ("month", months)):
            self.fields[name].widget.attrs |= limits

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if self.errors:
            return said
        field, missing = _NEEDED.get(said["by"], ("", ""))
        if field and not said[field]:
            self.add_error(field, missing)
        elif said["by"] == Way.DATES and said["last"] and said["last"] < said["first"]:
            self.add_error("last", "The last day is before the first one.")
        else:
            self._find_window(field or "by")
        return said

    def _find_window(self, field: str) -> None:
        try:
            self.window = self._asked().window(self.today)
        except TooLong as error:
            # The rule speaks of the day after the last one; the field is the last one itself.
            self.add_error(
                "last",
                "A collection is of a month at most: from this first day on, the last one can be "
                f"{error.end - ONE_DAY}.",
            )
        except ValueError as error:
            self.add_error(field, str(error))

    def _asked(self) -> Asked:
        said = self.cleaned_data
        match said["by"]:
            case Way.DAYS:
                return Asked(days=said["days"])
            case Way.MONTH:
                return Asked(month=said["month"])
            case Way.DATES:
                # No later than today, or the day after the last one may be beyond all calendars.
                end = min(said["last"], self.today) + ONE_DAY if said["last"] else None
                return Asked(start_date=said["first"], end_date=end)
        return Asked()
