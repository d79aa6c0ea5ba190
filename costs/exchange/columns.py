"""Columns of an exchanged file: how each is read into an object and written exactly as it was."""

from datetime import date
from typing import Any

from django.db.models import Model, TextChoices
from import_export.fields import Field

from costs.exchange.cells import among, day_of, guarded, is_same_text, text_of


class Column(Field):  # type: ignore[misc]
    """Text. A column that the file leaves out keeps what is stored."""

    def __init__(
        self, attribute: str, column_name: str | None = None, *, is_needed: bool = False
    ) -> None:
        super().__init__(attribute=attribute, column_name=column_name or attribute)
        self.is_needed = is_needed

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **kwargs: Any) -> None:
        setattr(instance, self.attribute, self.read(text_of(row[self.column_name]), instance))

    def export(self, instance: Any, **kwargs: Any) -> str:
        return guarded(self.write(self.get_value(instance)))

    def read(self, text: str, instance: Any) -> Any:
        """The value that the text stands for. Raises ValueError in words."""
        before = self.get_value(instance) or ""
        return before if is_same_text(before, text) else text

    def write(self, value: Any) -> str:
        return "" if value is None else str(value)


class Name(Column):
    """A word by which something is found: blanks around it mean nothing."""

    def read(self, text: str, instance: Any) -> Any:
        return text.strip()


class Day(Column):
    """A UTC day, 2026-07-01; empty where the object allows it."""

    def read(self, text: str, instance: Any) -> date | None:
        return day_of(text.strip()) if text.strip() else None


class WholeNumber(Column):
    """A whole number; empty is 0."""

    def read(self, text: str, instance: Any) -> int:
        try:
            return int(text.strip() or 0)
        except ValueError:
            raise ValueError(f"“{text}” is not a whole number.") from None


class Choice(Column):
    """One of a model's choices, by the value that is stored."""

    def __init__(self, attribute: str, column_name: str, choices: type[TextChoices]) -> None:
        super().__init__(attribute, column_name, is_needed=True)
        self.choices = choices

    def read(self, text: str, instance: Any) -> str:
        if text.strip() not in self.choices.values:
            allowed = ", ".join(self.choices.values)
            raise ValueError(f"“{text}” is not one of: {allowed}.")
        return text.strip()


class Reference(Column):
    """Another object by its id at Confluent, or none.

    Objects of an organization are looked for in that of the row, which an earlier column names;
    without one, in all of them.
    """

    def __init__(
        self,
        attribute: str,
        column_name: str | None = None,
        *,
        model: type[Model],
        by: str,
        is_in_organization: bool = False,
    ) -> None:
        super().__init__(attribute, column_name)
        self.model, self.by, self.is_in_organization = model, by, is_in_organization
        self.known: dict[int | None, dict[str, Model]] | None = None

    def read(self, text: str, instance: Any) -> Model | None:
        if not text.strip():
            return None
        organization = instance.organization if self._is_narrowed(instance) else None
        known = self._load().get(organization.pk if organization else None, {})
        where = f" in {organization}" if organization else ""
        found: Model = among(text.strip(), known, what=self.column_name, where=where)
        return found

    def write(self, value: Any) -> str:
        return str(getattr(value, self.by)) if value else ""

    def _is_narrowed(self, instance: Any) -> bool:
        return self.is_in_organization and instance.organization_id is not None

    def _load(self) -> dict[int | None, dict[str, Model]]:
        """The objects by id, by organization; under None all of them."""
        if self.known is None:
            objects = self.model._default_manager.defer("metadata")
            if self.is_in_organization:
                objects = objects.select_related("organization")
            self.known = {None: {}}
            for each in objects:
                id = getattr(each, self.by)
                self.known[None][id] = each
                self.known.setdefault(getattr(each, "organization_id", None), {})[id] = each
        return self.known
