"""What the collector has to say to readers of costs, most pressing first."""

from collections.abc import Iterator
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse

from collector.health import About, Level, findings, usual_limits
from collector.payloads import KNOWN_LINE_TYPES, KNOWN_PRODUCTS
from costs.filters import CostFilter
from costs.money import dollars
from costs.reports.choices import choices
from costs.visibility import Visibility
from costs.web.addresses import with_query
from costs.web.notices import Notice, Weight

MOST_NAMES, MOST_TOLD = 1_000, 4
_WEIGHTS = {
    Level.CRITICAL: Weight.CRITICAL,
    Level.WARNING: Weight.WARNING,
    Level.UNKNOWN: Weight.INFO,
}


def of_collecting(user: User | AnonymousUser, visibility: Visibility) -> Iterator[Notice]:
    """What an operator should look at; runs are not for who is limited to shares."""
    if visibility.is_limited:
        return
    if user.is_authenticated and not user.has_perm("collector.view_collectionrun"):
        return
    runs, quality = reverse("runs"), reverse("quality")
    places = {
        About.RUNS: (runs, "See the runs"),
        About.PROCESSES: (runs, "See the runs"),
        About.PROOF: (f"{quality}#proof", "See the proof"),
        About.QUARANTINE: (f"{quality}#quarantine", "See the rows"),
        About.DAYS: (quality, "See which"),
    }
    for finding in sorted(findings(usual_limits()), key=lambda each: -_rank(each.level)):
        words = finding.words[:1].upper() + finding.words[1:]
        weight = _WEIGHTS.get(finding.level, Weight.INFO)
        yield Notice(weight, words.rstrip(".") + ".", *places[finding.about])


def unknown_names(
    cost_filter: CostFilter, visibility: Visibility
) -> list[tuple[str, str, Decimal]]:
    """Dimension, name and USD of the products and line types that this version does not know."""
    found = []
    # A line without a product goes by its line type.
    for dimension, known in (
        ("line_type", KNOWN_LINE_TYPES),
        ("product", KNOWN_PRODUCTS | KNOWN_LINE_TYPES),
    ):
        charged = choices(dimension, "", cost_filter, visibility, most=MOST_NAMES)
        found += [(dimension, each.value, each.cost) for each in charged if each.value not in known]
    return found


def of_unknown_names(cost_filter: CostFilter, visibility: Visibility) -> Iterator[Notice]:
    days = list(cost_filter.days_to_query())
    unknown = unknown_names(cost_filter, visibility)
    for dimension, name, cost in unknown[:MOST_TOLD]:
        kind = dimension.replace("_", " ")
        # Isolated, or a name that is written from right to left turns the sentence round.
        isolated = f"\N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE}"
        words = f"Unknown {kind} “{isolated}”: {dollars(cost)}, kept and counted."
        url = with_query(reverse("explore"), [*days, (dimension, name), ("group_by", "cluster")])
        yield Notice(Weight.INFO, words, url, "See it")
    if (more := len(unknown) - MOST_TOLD) > 0:
        words = f"Unknown names beside these: {more}."
        yield Notice(Weight.INFO, words, f"{reverse('quality')}#unknown", "See them")


def _rank(level: Level) -> int:
    return {Level.CRITICAL: 2, Level.WARNING: 1}.get(level, 0)
