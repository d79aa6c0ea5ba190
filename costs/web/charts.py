"""What the script draws: numbers, labels and where a click leads, as JSON beside a table."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import cycle
from typing import Any

from costs.models import UNALLOCATED
from costs.reports.series import Moment, Series, SeriesByPeriod
from costs.web.names import label_of

# Classes of the style sheet. Known products keep theirs from page to page.
COLOURS = tuple(f"s{number}" for number in range(1, 11))
OF_OTHERS, OF_CREDITS, OF_NOBODY = "s-others", "s-credits", "s-unallocated"
FIXED = {
    "KAFKA": "s1",
    "CONNECT": "s2",
    "FLINK": "s6",
    "KSQL": "s4",
    "STREAM_GOVERNANCE": "s5",
    "CLUSTER_LINK": "s9",
    "TABLEFLOW": "s3",
    "PROMO_CREDIT": OF_CREDITS,
    UNALLOCATED: OF_NOBODY,
}
# A chart of more has colours that nobody tells apart.
MOST_SERIES = len(COLOURS)
Link = Callable[[date], str]


def chart(
    found: SeriesByPeriod,
    group_by: Sequence[str],
    *,
    kind: str = "bars",
    link: Link | None = None,
    provisional: Collection[date] = (),
) -> dict[str, Any]:
    """kind: bars (stacked), lines or share (stacked to 100 %); link: of a period's start;
    provisional: UTC days that may still change.

    Amounts are rounded to a pixel's worth here; the table beside the chart has them exactly.
    """
    return {
        "kind": kind,
        "labels": [_label(start) for start, _ in found.periods],
        "series": [
            {
                "label": label_of(group_by, series),
                "colour": colour,
                "values": [float(cost) for cost in series.costs],
            }
            for series, colour in coloured(found.series)
        ],
        "links": [link(_day(start)) for start, _ in found.periods] if link else [],
        "provisional": [_is_open(*period, provisional) for period in found.periods],
    }


def coloured(series: Sequence[Series]) -> list[tuple[Series, str]]:
    """Each with its colour; what goes beyond the colours is drawn as one of Others."""
    shown = list(series)
    named = [each for each in shown if not each.is_others]
    if len(named) > MOST_SERIES:
        kept, rest = named[: MOST_SERIES - 1], named[MOST_SERIES - 1 :]
        shown = [*kept, _together([*rest, *(each for each in shown if each.is_others)])]
    fixed = [_colour(each) for each in shown]
    free = cycle([colour for colour in COLOURS if colour not in fixed])
    return [(each, colour or next(free)) for each, colour in zip(shown, fixed, strict=True)]


def legend(group_by: Sequence[str], series: Sequence[Series]) -> list[tuple[str, str]]:
    """Colour and label of all that the chart draws."""
    return [(colour, label_of(group_by, each)) for each, colour in coloured(series)]


def _colour(series: Series) -> str:
    """The colour that the group has everywhere; empty where it has none."""
    if series.is_others:
        return OF_OTHERS
    # Of groups by several dimensions many share one of them.
    return FIXED.get(series.ids[0] or "", "") if len(series.ids) == 1 else ""


def _together(series: Sequence[Series]) -> Series:
    costs = tuple(
        sum(values, Decimal(0)) for values in zip(*(s.costs for s in series), strict=True)
    )
    return Series((), (f"{len(series)} others",), True, costs)


def _is_open(start: Moment, end: Moment, provisional: Collection[date]) -> bool:
    """Whether any day of the period may still change."""
    if isinstance(start, datetime):
        return start.date() in provisional
    return any(start <= day < _day(end) for day in provisional)


def _label(start: Moment) -> str:
    if isinstance(start, datetime):
        return f"{start:%Y-%m-%d %H:00}"
    return start.isoformat()


def _day(start: Moment) -> date:
    return start.date() if isinstance(start, datetime) else start


def sparkline(costs: Sequence[Decimal], *, width: int = 100, height: int = 24) -> str:
    """Points of a polyline in a box of that size; zero is always in it."""
    low, high = min(*costs, Decimal(0)), max(*costs, Decimal(0))
    span = (high - low) or Decimal(1)
    step = Decimal(width) / max(len(costs) - 1, 1)
    return " ".join(
        f"{step * number:.1f},{(high - cost) / span * (height - 2) + 1:.1f}"
        for number, cost in enumerate(costs)
    )
