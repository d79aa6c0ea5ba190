"""Business units and cost centers as files."""

import re
from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import QuerySet

from costs.exchange.cells import among, day_of
from costs.exchange.columns import Column, Name
from costs.exchange.resource import CuratedResource, Row
from dimensions.models import BusinessUnit, CostCenter, CostCenterPlacement

PLACED = re.compile(r"(?P<unit>.+?)\s+from\s+(?P<first>\S+)(?:\s+until\s+(?P<end>\S+))?")


class BusinessUnitResource(CuratedResource):
    """Columns: code, name, contact, notes."""

    code = Name("code", is_needed=True)
    name = Column("name")
    contact = Column("contact")
    notes = Column("notes")

    class Meta:
        model = BusinessUnit
        name = "Business units"
        fields = ("code", "name", "contact", "notes")
        skip_unchanged = True


class Placed(NamedTuple):
    """A cost center's business unit, by code, over the UTC days [valid_from, valid_to)."""

    valid_from: date
    valid_to: date | None
    unit: str

    def __str__(self) -> str:
        until = f" until {self.valid_to}" if self.valid_to else ""
        return f"{self.unit} from {self.valid_from}{until}"


class Placements(Column):
    """RETAIL from 2026-01-01 until 2026-07-01; FOOD from 2026-07-01."""

    def __init__(self) -> None:
        super().__init__("placed", "business_units")
        self.units: dict[str, BusinessUnit] | None = None

    def get_value(self, instance: CostCenter) -> list[Placed]:
        """What the row wants; before one was read, what is stored."""
        if hasattr(instance, self.attribute):
            return getattr(instance, self.attribute)  # type: ignore[no-any-return]
        stored = instance.placements.all() if instance.pk else []
        return sorted(_placed(each) for each in stored)

    def read(self, text: str, instance: CostCenter) -> list[Placed]:
        placed = sorted(self._one(part.strip()) for part in text.split(";") if part.strip())
        for earlier, later in pairwise(placed):
            if earlier.valid_to is None or earlier.valid_to > later.valid_from:
                raise ValueError(f"“{earlier}” and “{later}” hold on the same days.")
        return placed

    def write(self, value: list[Placed]) -> str:
        return "; ".join(str(each) for each in value)

    def _one(self, text: str) -> Placed:
        if not (match := PLACED.fullmatch(text)):
            raise ValueError(
                f"“{text}” is not like “RETAIL from 2026-01-01 until 2026-07-01”; "
                "“until” may be left out, and semicolons stand between several."
            )
        unit = among(match["unit"], self.by_code(), what="business unit").code
        end = day_of(match["end"]) if match["end"] else None
        placed = Placed(day_of(match["first"]), end, unit)
        if end and end <= placed.valid_from:
            raise ValueError(f"In “{text}” the end is not after the beginning; it is exclusive.")
        return placed

    def by_code(self) -> dict[str, BusinessUnit]:
        if self.units is None:
            self.units = {unit.code: unit for unit in BusinessUnit.objects.all()}
        return self.units


class CostCenterResource(CuratedResource):
    """Columns: code, name, business_units (with their days), contact, notes."""

    code = Name("code", is_needed=True)
    name = Column("name")
    placed = Placements()
    contact = Column("contact")
    notes = Column("notes")

    class Meta:
        model = CostCenter
        name = "Cost centers"
        fields = ("code", "name", "placed", "contact", "notes")
        skip_unchanged = True

    def get_queryset(self) -> QuerySet[CostCenter]:
        return CostCenter.objects.prefetch_related("placements__business_unit")

    def filter_export(self, queryset: QuerySet[CostCenter], **kwargs: Any) -> QuerySet[CostCenter]:
        return queryset.prefetch_related("placements__business_unit")

    def after_init_instance(self, instance: CostCenter, new: bool, row: Row, **kwargs: Any) -> None:
        # Import-export's copy for the difference would lose the placements fetched ahead.
        instance.placed = self.fields["placed"].get_value(instance)  # type: ignore[attr-defined]

    def after_save_instance(self, instance: CostCenter, row: Row, **kwargs: Any) -> None:
        column: Placements = self.fields["placed"]
        _place(instance, column.get_value(instance), column.by_code(), self.reason)


def _placed(stored: CostCenterPlacement) -> Placed:
    return Placed(stored.valid_from, stored.valid_to, stored.business_unit.code)


def _place(
    center: CostCenter, wanted: Iterable[Placed], units: dict[str, BusinessUnit], reason: str
) -> None:
    """Store the placements. What goes makes room before anything comes: two never hold at once."""
    missing = {(each.unit, each.valid_from): each for each in wanted}
    moved = []
    for stored in center.placements.all():
        stored._change_reason = reason  # type: ignore[attr-defined]
        before = _placed(stored)
        after = missing.pop((before.unit, before.valid_from), None)
        if after is None:
            stored.delete()
        elif after != before:
            stored.valid_to = after.valid_to
            moved.append(stored)
    moved.sort(key=lambda stored: stored.valid_from)
    new = [
        CostCenterPlacement(
            cost_center=center,
            business_unit=units[each.unit],
            valid_from=each.valid_from,
            valid_to=each.valid_to,
        )
        for each in missing.values()
    ]
    for placement in moved + new:
        placement._change_reason = reason  # type: ignore[attr-defined]
        placement.save()
