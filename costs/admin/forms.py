"""Forms in which people say who pays, with errors in words where the database would refuse."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError

from costs.curation import overlap
from costs.models import AllocationRule, AllocationTarget
from costs.models.rules import HUNDRED
from dimensions.models import Cluster, CostCenter


def first_of_month() -> date:
    """Where people mostly want a rule to begin (UTC)."""
    return datetime.now(UTC).date().replace(day=1)


def cost_center_field(**options: Any) -> forms.ModelChoiceField:  # type: ignore[type-arg]
    """A cost center found by typing a part of its code or name."""
    field = AllocationTarget._meta.get_field("cost_center")
    return forms.ModelChoiceField(
        CostCenter.objects.all(), widget=AutocompleteSelect(field, admin.site), **options
    )


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule on its own page."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if organization := self.fields.get("organization"):
            organization.required = False
            organization.help_text = "May stay empty where a resource or environment says it."

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        thing = cleaned.get("cluster") or cleaned.get("environment")
        if thing and not cleaned.get("organization"):
            cleaned["organization"] = thing.organization
        if not cleaned.get("organization"):
            self.add_error("organization", "Say whose charges the rule selects.")
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors and (refused := overlap(self.instance)):
            self.add_error(None, refused)


class RuleOnPageForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule as one row on the page of its resource or environment: one payer at 100 %."""

    cost_center = cost_center_field()

    class Meta:
        model = AllocationRule
        fields = ("cost_center", "valid_from", "valid_to", "product", "line_type")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].initial = first_of_month
        if self.instance.pk:
            targets = list(self.instance.targets.all())
            if len(targets) == 1:
                self.initial["cost_center"] = targets[0].cost_center_id
            else:
                self.fields["cost_center"] = forms.CharField(
                    disabled=True, required=False, initial=self.instance.payers()
                )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        rule = self.instance
        thing = rule.cluster or rule.environment
        kinds = AllocationRule.Selector
        rule.selector = kinds.CLUSTER if isinstance(thing, Cluster) else kinds.ENVIRONMENT
        rule.organization_id = thing.organization_id
        return cleaned

    def save(self, commit: bool = True) -> AllocationRule:
        rule: AllocationRule = super().save(commit)
        center = self.cleaned_data["cost_center"]
        if commit and isinstance(center, CostCenter):
            target = rule.targets.first() or AllocationTarget(rule=rule)
            if target.cost_center_id != center.pk:
                target.cost_center = center
                target.save()
        return rule


class DatedFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Rows of which no two with equal `same` fields may hold on one day."""

    same: tuple[str, ...] = ()

    def clean(self) -> None:
        super().clean()
        seen: list[tuple[tuple[Any, ...], date, date]] = []
        for form in _kept(self):
            data = form.cleaned_data
            if not data.get("valid_from"):
                continue
            key = tuple(data.get(name) for name in self.same)
            begin, end = data["valid_from"], data.get("valid_to") or date.max
            for other_key, other_begin, other_end in seen:
                if key == other_key and begin < other_end and other_begin < end:
                    form.add_error(
                        "valid_from",
                        f"Another row holds from {other_begin}"
                        + (f" until before {other_end}" if other_end != date.max else " on")
                        + "; end it first.",
                    )
            seen.append((key, begin, end))


class RulesOnPageFormSet(DatedFormSet):
    same = ("product", "line_type")


class PlacementFormSet(DatedFormSet):
    same = ()


class TagFormSet(DatedFormSet):
    same = ("key",)


class TargetFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """Targets whose percents are 100 together."""

    def is_needed(self) -> bool:
        return True

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        percents = [form.cleaned_data["percent"] for form in _kept(self)]
        total = sum(percents, Decimal(0))
        if self.is_needed() and total != HUNDRED:
            raise ValidationError(
                f"The percents are {total.normalize():f} together; they must be 100."
            )
        if not self.is_needed() and percents:
            raise ValidationError("Targets are for fixed percents only; delete them.")


class PolicyTargetFormSet(TargetFormSet):
    def is_needed(self) -> bool:
        return str(self.instance.method) == "fixed"


def _kept(formset: "forms.BaseInlineFormSet[Any, Any, Any]") -> "Iterable[forms.ModelForm[Any]]":
    """The rows that will be stored."""
    for form in formset.forms:
        data = getattr(form, "cleaned_data", None)
        if data and not data.get("DELETE"):
            yield form
