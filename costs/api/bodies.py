"""Bodies of requests: what is not known, or not to be changed, is refused."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers


class StrictFields:
    """For serializers: a name that is no field, or one that is only read, is an error."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            fields: Mapping[str, Any] = self.fields  # type: ignore[attr-defined]
            writable = [name for name, field in fields.items() if not field.read_only]
            errors = {
                str(name): f"It cannot be set here; these can: {', '.join(writable)}."
                for name in data
                if name not in writable
            }
            if errors:
                raise serializers.ValidationError(errors)
        return super().to_internal_value(data)  # type: ignore[misc]


class Strict(StrictFields, serializers.Serializer[Any]):
    """A body that is no model's."""
