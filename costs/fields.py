"""Column types that Django lacks."""

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class NumericField(models.Field):  # type: ignore[type-arg]
    """PostgreSQL's NUMERIC without a limit: a number as received, every digit kept."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "numeric"

    def get_internal_type(self) -> str:
        return "NumericField"


class AmountField(models.DecimalField):  # type: ignore[type-arg]
    """USD, NUMERIC(20,10): what every sum of the portal is made of."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("max_digits", 20)
        kwargs.setdefault("decimal_places", 10)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]


class PercentField(models.DecimalField):  # type: ignore[type-arg]
    """A share of 100, with four decimals."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        kwargs.setdefault("max_digits", 7)
        kwargs.setdefault("decimal_places", 4)
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
