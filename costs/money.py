"""Amounts as people read them. The only place where the portal rounds to cents."""

from decimal import ROUND_HALF_EVEN, Decimal

CENT = Decimal("0.01")


def in_cents(amount: Decimal) -> Decimal:
    """USD, half-even to cents."""
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def dollars(amount: Decimal) -> str:
    """USD with separators and a real minus sign: $1,234.50, and −$0.70 below zero."""  # noqa: RUF002 (the minus sign is meant)
    cents = in_cents(amount)
    return f"{'−' if cents < 0 else ''}${abs(cents):,}"  # noqa: RUF001 (the minus sign is meant)
