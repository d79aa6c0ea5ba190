"""Allocation rules as a file: a row a rule, with its targets in one cell."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from costs.curation import charge
from costs.exchange.cells import among, day_of, text_of
from costs.exchange.columns import Choice, Column, Day, Name, Reference, WholeNumber
from costs.exchange.resource import CuratedResource, Row
from costs.models import AllocationRule
from costs.models.rules import HUNDRED
from dimensions.models import Cluster, CostCenter, Environment, Organization

PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,4})?) ?%?")


class Share(NamedTuple):
    """A cost center's percent, by code."""

    center: str
    percent: Decimal

    def __str__(self) -> str:
        return f"{self.center}: {self.percent.normalize():f}"


class Targets(Column):
    """CC-100: 60; CC-200: 40. A single cost center alone pays all."""

    def __init__(self) -> None:
        super().__init__("shares", "targets", is_needed=True)
        self.centers: dict[str, CostCenter] | None = None

    def get_value(self, instance: AllocationRule) -> list[Share]:
        """What the row wants; before one was read, what is stored."""
        if hasattr(instance, self.attribute):
            return getattr(instance, self.attribute)  # type: ignore[no-any-return]
        stored = instance.targets.all() if instance.pk else []
        return sorted(Share(each.cost_center.code, each.percent) for each in stored)

    def read(self, text: str, instance: AllocationRule) -> list[Share]:
        parts = [part.strip() for part in text.split(";") if part.strip()]
        if not parts:
            raise ValueError("Say who pays, like “CC-100: 60; CC-200: 40”.")
        shares = sorted(self._one(part, is_only=len(parts) == 1) for part in parts)
        codes = [share.center for share in shares]
        if twice := [code for code in codes if codes.count(code) > 1]:
            raise ValueError(f"{twice[0]} stands there twice.")
        if (total := sum(share.percent for share in shares)) != HUNDRED:
            raise ValueError(f"The percents of “{text}” are {total:f} together, not 100.")
        return shares

    def write(self, value: list[Share]) -> str:
        return "; ".join(str(each) for each in value)

    def _one(self, text: str, *, is_only: bool) -> Share:
        code, colon, percent = (part.strip() for part in text.partition(":"))
        center = among(code, self.by_code(), what="cost center").code
        if not colon and is_only:
            return Share(center, HUNDRED)
        if not (match := PERCENT.fullmatch(percent)) or not 0 < Decimal(match[1]) <= HUNDRED:
            raise ValueError(
                f"“{text}” is not like “CC-100: 60”; a percent is above 0, at most 100, "
                "and has at most four decimals after a point."
            )
        return Share(center, Decimal(match[1]))

    def by_code(self) -> dict[str, CostCenter]:
        if self.centers is None:
            self.centers = {center.code: center for center in CostCenter.objects.all()}
        return self.centers


class Id(Name):
    """It finds a rule; it is never set."""

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        """Leave the id alone."""


class AllocationRuleResource(CuratedResource):
    """A row with an id changes that rule, one without makes a new one.

    Columns: id, organization (may be left empty beside a resource or environment), selects,
    resource, environment, name_pattern, tag_key, tag_value, product, line_type, priority,
    valid_from, valid_to (exclusive), targets, notes.
    """

    key = "id"

    id = Id("id")
    organization = Reference("organization", model=Organization, by="org_id")
    selector = Choice("selector", "selects", AllocationRule.Selector)
    cluster = Reference(
        "cluster", "resource", model=Cluster, by="cluster_id", is_in_organization=True
    )
    environment = Reference("environment", model=Environment, by="env_id", is_in_organization=True)
    name_pattern = Column("name_pattern")
    tag_key = Column("tag_key")
    tag_value = Column("tag_value")
    product = Column("product")
    line_type = Column("line_type")
    priority = WholeNumber("priority")
    valid_from = Day("valid_from", is_needed=True)
    valid_to = Day("valid_to")
    shares = Targets()
    notes = Column("notes")

    class Meta:
        model = AllocationRule
        name = "Allocation rules"
        fields = (
            *("id", "organization", "selector", "cluster", "environment", "name_pattern"),
            *("tag_key", "tag_value", "product", "line_type", "priority"),
            *("valid_from", "valid_to", "shares", "notes"),
        )
        skip_unchanged = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows_of_rules: dict[int, int] = {}

    def get_queryset(self) -> QuerySet[AllocationRule]:
        return self.filter_export(AllocationRule.objects.all())

    def filter_export(
        self, queryset: QuerySet[AllocationRule], **kwargs: Any
    ) -> QuerySet[AllocationRule]:
        return (
            queryset.select_related("organization", "cluster", "environment")
            .defer("organization__metadata", "cluster__metadata", "environment__metadata")
            .prefetch_related("targets__cost_center")
        )

    def find(self, keys: Iterable[str]) -> dict[str, Model]:
        return super().find([key for key in keys if re.fullmatch("[1-9][0-9]{0,17}", key)])

    def place(self, row: Row) -> int:
        """Rules that are to hold on fewer days make room for the others."""
        rule: Any = self.known.get(self.key_of(row))
        if rule is None:
            return 2
        try:
            first = day_of(text_of(row.get("valid_from")).strip())
            end = text_of(row.get("valid_to")).strip()
            ends_earlier = end != "" and (rule.valid_to is None or day_of(end) < rule.valid_to)
        except ValueError:
            return 1
        return 0 if first > rule.valid_from or ends_earlier else 1

    def get_instance(self, instance_loader: Any, row: Row) -> Model | None:
        rule = super().get_instance(instance_loader, row)
        if rule is None and (key := self.key_of(row)):
            raise ValidationError({"id": f"There is no rule {key}; leave it empty for a new one."})
        return rule

    def after_init_instance(
        self, instance: AllocationRule, new: bool, row: Row, **kwargs: Any
    ) -> None:
        # Import-export's copy for the difference would lose the targets fetched ahead.
        instance.shares = self.fields["shares"].get_value(instance)  # type: ignore[attr-defined]

    def import_instance(self, instance: AllocationRule, row: Row, **kwargs: Any) -> None:
        try:
            super().import_instance(instance, row, **kwargs)
        finally:
            thing = instance.cluster or instance.environment
            if thing and instance.organization_id is None:
                instance.organization = thing.organization

    def problems_of(self, instance: AllocationRule) -> dict[str, str]:
        if instance.organization_id is None:
            return {"organization": "Needed where no resource or environment is named."}
        if instance.valid_from is None:
            return {"valid_from": "Say from which day on the rule holds, like 2026-07-01."}
        if instance.valid_to and instance.valid_to <= instance.valid_from:
            return {
                "valid_to": f"“{instance.valid_to}” is not after “{instance.valid_from}”; "
                "it is the day on which the rule holds no more."
            }
        if other := instance.others_at_once().first():
            number = self.rows_of_rules.get(other.pk)
            which = f"the rule of row {number}" if number else f"rule {other.pk}"
            until = f"until {other.valid_to}" if other.valid_to else "on"
            return {
                "valid_from": f"The same charges are selected by {which} "
                f"from {other.valid_from} {until}; end that one first."
            }
        return {}

    def after_save_instance(self, instance: AllocationRule, row: Row, **kwargs: Any) -> None:
        self.rows_of_rules[instance.pk] = self.number
        column: Targets = self.fields["shares"]
        charge(instance, dict(column.get_value(instance)), column.by_code(), self.reason)
